#!/usr/bin/env bash
# Starts the Temporal dev server and a worker in the background and waits until both are ready.
# Safe to run again: what runs already is left alone. TEMPORAL_PORT and TEMPORAL_UI_PORT choose
# other ports than 7233 and 8233.
set -euo pipefail

bin=${1:?usage: up.sh BINARY STATE_FOLDER LAKE_FOLDER}
STATE=${2:?usage: up.sh BINARY STATE_FOLDER LAKE_FOLDER}
lake=${3:?usage: up.sh BINARY STATE_FOLDER LAKE_FOLDER}
port=${TEMPORAL_PORT:-7233}
ui_port=${TEMPORAL_UI_PORT:-8233}
here=$(dirname "$0")
# shellcheck source=scripts/background.sh
source "$here/background.sh"
mkdir -p "$STATE"

await() { # name, text that its log shows when it is ready, seconds
    for _ in $(seq $(($3 * 10))); do
        grep -q "$2" "$STATE/$1.log" && return 0
        running_pid "$1" > /dev/null || fail_with_log "$1" "$1 ended before it was ready"
        sleep 0.1
    done
    fail_with_log "$1" "$1 was not ready within $3 s"
}

# Both are of one `up`: a worker cannot move to a server on another port.
if running_pid dev-server > /dev/null; then
    echo "dev-server runs already"
    read -r port ui_port < "$STATE/ports"
else
    start_in_background dev-server "$bin" dev-server --state "$STATE" --port "$port" --ui-port "$ui_port"
    await dev-server "dev server is ready" 60
    echo "$port $ui_port" > "$STATE/ports"
fi

if running_pid worker > /dev/null; then
    echo "worker runs already"
else
    start_in_background worker "$bin" worker --lake "$lake" --address "127.0.0.1:$port"
    await worker "worker started" 90
fi

echo "server  127.0.0.1:$port   (TEMPORAL_ADDRESS for the Temporal CLI)"
echo "UI      http://127.0.0.1:$ui_port"
echo "logs    $STATE/dev-server.log $STATE/worker.log"
echo "stop    make down"
