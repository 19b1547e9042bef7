#!/bin/sh
# What the images do that are started without a command of the compose file.
set -eu
case "$PART" in
    postgres)
        [ -s "$POSTGRES_PASSWORD_FILE" ] || { echo "postgres: no password in $POSTGRES_PASSWORD_FILE" >&2; exit 1; }
        echo "postgres: a password of $(wc -c < "$POSTGRES_PASSWORD_FILE") bytes; Temporal's dev server stands in, in memory"
        exec temporal server start-dev --headless --ip 0.0.0.0 --port 5432 --log-level error
        ;;
    ui) exec python3 /stand-in/ui.py ;;
    *) echo "stand-in: $PART is started by the compose file's own scripts" >&2; exit 1 ;;
esac
