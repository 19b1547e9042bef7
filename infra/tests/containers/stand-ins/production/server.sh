#!/bin/sh
# Temporal's dev server, and before it a TLS front with the certificates that the real server would read.
set -eu
[ -n "$POSTGRES_PWD" ] || { echo "server: POSTGRES_PWD is empty" >&2; exit 1; }
[ "$NUM_HISTORY_SHARDS" = 512 ] && [ -f "$DYNAMIC_CONFIG_FILE_PATH" ]
temporal server start-dev --headless --ip 127.0.0.1 --port 7300 --log-level error &
exec python3 /stand-in/tls_front.py
