#!/usr/bin/env bash
# Shows whether the background server, worker and dashboard run, and where.
set -euo pipefail

STATE=${1:?usage: status.sh STATE_FOLDER}
# shellcheck source=scripts/background.sh
source "$(dirname "$0")/background.sh"

for name in dev-server worker dashboard; do
    if pid=$(running_pid "$name"); then
        echo "$name  runs (pid $pid, log $STATE/$name.log)"
    else
        echo "$name  does not run"
    fi
done
if running_pid dev-server > /dev/null && [ -f "$STATE/ports" ]; then
    read -r port ui_port < "$STATE/ports"
    echo "server  127.0.0.1:$port"
    echo "UI      http://127.0.0.1:$ui_port"
fi
if running_pid dashboard > /dev/null && [ -f "$STATE/dashboard-port" ]; then
    echo "Dashboard  http://127.0.0.1:$(cat "$STATE/dashboard-port")"
fi
