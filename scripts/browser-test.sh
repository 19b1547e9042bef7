#!/usr/bin/env bash
# Looks at the dashboard with a real browser (tests/browser): a small lake, a Temporal server, a worker and two runs as
# `make up` would have them, then all eight pages. Pictures, sheets of paper, links and figures stay in REPORT_FOLDER.
set -euo pipefail

usage="usage: browser-test.sh BINARY TOOLS_FOLDER REPORT_FOLDER"
bin=${1:?$usage}
tools=${2:?$usage}
report=${3:?$usage}
here=$(cd "$(dirname "$0")" && pwd)
tests=$here/../tests/browser
# shellcheck source=scripts/browser.sh
source "$here/browser.sh"

# Nothing was looked at; that must not pass for a success, and in CI it is none.
not_run() { # why, command
    cat >&2 << TEXT
==========================================================================
browser-test DID NOT RUN: $1
    $2
Not tried: the eight pages in a browser (both widths, colours, languages),
axe-core, the keyboard, no scripts, downloads, print, links, load.
==========================================================================
TEXT
    [ "${CI:-}" = "" ] && [ "${BROWSER_REQUIRED:-no}" != yes ] && exit 0
    exit 1
}

prepare() {
    local missing old
    missing=$(missing_packages | paste -s -d ' ' -)
    [ -z "$missing" ] || not_run "this machine lacks $missing" "sudo apt-get update && sudo apt-get install -y $missing"
    old=$(too_old)
    [ -z "$old" ] || not_run "$old" "install a newer Node.js: nodejs.org, or Debian 13"
    install_packages "$tests" "$tools"
    rm -rf "$report"
    mkdir -p "$report"
}

clean_up() {
    [ ! -d "$STATE" ] || "$here/down.sh" "$STATE" > /dev/null
    rm -rf "$work"
}

# Nobody's own settings and server.
choose_places() {
    work=$(mktemp -d -t spanishgas-browser.XXXXXX)
    lake=$work/lake
    STATE=$work/state
    trap clean_up EXIT
    trap 'exit 130' INT TERM
    unset "${!SPANISHGAS_@}" TEMPORAL_ADDRESS TEMPORAL_NAMESPACE TEMPORAL_API_KEY
    # Of so few customers the gate asks for less: infra/compose/settings/small says why.
    export SPANISHGAS_CONFIG=$here/../infra/compose/settings/small
    read -r TEMPORAL_PORT TEMPORAL_UI_PORT DASHBOARD_PORT < <(python3 -c '
import socket
sockets = [socket.socket() for _ in range(3)]
for one in sockets: one.bind(("127.0.0.1", 0))
print(*(one.getsockname()[1] for one in sockets))')
    export TEMPORAL_PORT TEMPORAL_UI_PORT DASHBOARD_PORT
}

quietly() { # name of the log, command ...
    local log=$work/$1.log
    shift
    "$@" > "$log" 2>&1 && return 0
    echo "browser-test: $* failed; the end of its output:" >&2
    tail -n 30 "$log" >&2
    return 1
}

# The second run publishes again, so that there is one before the current one.
fill() {
    echo "browser-test: 2,000 customers, a Temporal server, a worker, a training run and a scoring run"
    quietly data "$bin" generate-data --customers 2000 --seed 42 --out "$lake/raw"
    quietly up "$here/up.sh" "$bin" "$STATE" "$lake"
    quietly train "$bin" run --mode train --lake "$lake" --address "127.0.0.1:$TEMPORAL_PORT"
    quietly score "$bin" run --mode score --lake "$lake" --address "127.0.0.1:$TEMPORAL_PORT"
}

look() {
    local browser
    browser=$(find_browser)
    echo "browser-test: $("$browser" --version 2> /dev/null), node $(node --version), http://127.0.0.1:$DASHBOARD_PORT"
    DASHBOARD_URL=http://127.0.0.1:$DASHBOARD_PORT TEMPORAL_UI=http://127.0.0.1:$TEMPORAL_UI_PORT LAKE=$lake REPORT=$report \
        BROWSER_TOOLS=$tools/browser CHROMIUM=$browser \
        node --test --test-reporter=spec --test-concurrency=1 "$tests"/*.test.mjs && return 0
    echo "browser-test: warnings and errors of the dashboard:" >&2
    grep -E ' (WARN|ERROR) ' "$STATE/dashboard.log" | tail -n 20 >&2 || echo "(none)" >&2
    return 1
}

# After all that was looked at and searched for: no customer in the log.
nobody_is_in_the_log() {
    local named
    named=$(tail -n +2 "$lake/raw/churn_label.csv" | cut -d , -f 1 | grep --fixed-strings --word-regexp --count --file=- "$STATE/dashboard.log" || true)
    [ "$named" = 0 ] || { echo "browser-test: $named lines of the dashboard's log name a customer" >&2; return 1; }
    [ "$(stat -c %a "$STATE/link.key")" = 600 ] || { echo "browser-test: others can read $STATE/link.key" >&2; return 1; }
}

prepare
choose_places
fill
look
nobody_is_in_the_log
echo "browser-test: pictures, sheets, links and figures are in $report"
