#!/usr/bin/env bash
# Starts the Temporal dev server, a worker and the dashboard in the background and waits until all are ready.
# Safe to run again: what runs already is left alone. TEMPORAL_PORT, TEMPORAL_UI_PORT and DASHBOARD_PORT choose
# other ports than 7233, 8233 and 8080.
set -euo pipefail

bin=${1:?usage: up.sh BINARY STATE_FOLDER LAKE_FOLDER}
STATE=${2:?usage: up.sh BINARY STATE_FOLDER LAKE_FOLDER}
lake=${3:?usage: up.sh BINARY STATE_FOLDER LAKE_FOLDER}
port=${TEMPORAL_PORT:-7233}
ui_port=${TEMPORAL_UI_PORT:-8233}
dashboard_port=${DASHBOARD_PORT:-8080}
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

# Links to customers that were sent yesterday lead to the same customers today: their key outlives the dashboard.
make_link_key() { # file
    [ ! -s "$1" ] || return 0
    (umask 077 && od -An -v -tx1 -N32 /dev/urandom | tr -d ' \n' > "$1.new")
    mv "$1.new" "$1"
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

if running_pid dashboard > /dev/null; then
    echo "dashboard runs already"
    dashboard_port=$(cat "$STATE/dashboard-port")
else
    link_key=()
    if [ -z "${SPANISHGAS_LINK_KEY:-}" ]; then
        make_link_key "$STATE/link.key"
        link_key=(--link-key "$STATE/link.key")
    fi
    start_in_background dashboard "$bin" dashboard --lake "$lake" --address "127.0.0.1:$port" \
        --listen "127.0.0.1:$dashboard_port" --temporal-ui "http://127.0.0.1:$ui_port" "${link_key[@]}"
    await dashboard "dashboard is ready" 30
    echo "$dashboard_port" > "$STATE/dashboard-port"
fi

echo "server     127.0.0.1:$port   (TEMPORAL_ADDRESS for the Temporal CLI)"
echo "UI         http://127.0.0.1:$ui_port"
echo "Dashboard  http://127.0.0.1:$dashboard_port"
echo "logs       $STATE/dev-server.log $STATE/worker.log $STATE/dashboard.log"
echo "stop       make down"
