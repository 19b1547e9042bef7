#!/usr/bin/env bash
# Stops what up.sh started: the dashboard, then the worker, so that it can finish and report, then the server.
set -euo pipefail

STATE=${1:?usage: down.sh STATE_FOLDER}
# shellcheck source=scripts/background.sh
source "$(dirname "$0")/background.sh"

if ! running_pid dashboard > /dev/null && ! running_pid worker > /dev/null && ! running_pid dev-server > /dev/null; then
    echo "nothing runs"
fi
stop_in_background dashboard 10
stop_in_background worker 40
stop_in_background dev-server 15
