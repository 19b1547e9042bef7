#!/bin/sh
# A TLS front with the certificates that the real server would read. Behind it is Temporal's dev server, in the place of
# the database: so what it knows outlives a restart of this one.
set -eu
[ -n "$POSTGRES_PWD" ] || { echo "server: POSTGRES_PWD is empty" >&2; exit 1; }
[ "$NUM_HISTORY_SHARDS" = 512 ] && [ -f "$DYNAMIC_CONFIG_FILE_PATH" ]
exec python3 /stand-in/tls_front.py
