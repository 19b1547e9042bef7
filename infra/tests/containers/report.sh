# shellcheck shell=bash
# Runs promises, and counts. A promise is a function: it passes when each of its commands does.
passed=0
failed=0
work=${work:?}

promise() { # function
    local sentence=${1//_/ } log=$work/$1.log from=$SECONDS code=0
    # Not as part of a condition: bash would go on after a command that fails.
    set +e
    (set -euo pipefail; "$1") > "$log" 2>&1
    code=$?
    set -e
    if [ "$code" = 0 ]; then
        passed=$((passed + 1))
        printf 'ok      %4d s  %s\n' $((SECONDS - from)) "$sentence"
        sed -n 's/^FIGURE /                 /p' "$log"
    else
        failed=$((failed + 1))
        printf 'FAILED  %4d s  %s\n' $((SECONDS - from)) "$sentence"
        sed 's/^/    | /' "$log" | tail -n 60
    fi
}

# A figure for the reader of the report.
figure() {
    echo "FIGURE $*"
}

fail() {
    echo "FAILED: $*" >&2
    exit 1
}

report() {
    echo "$passed passed, $failed failed, in $SECONDS s"
    [ "$failed" = 0 ]
}

# Nothing was tried; that must not look like a success to who reads it.
did_not_run() { # why
    cat >&2 <<TEXT
==========================================================================
containers-test DID NOT RUN: $*
Not checked: that the image starts, that docker-compose.yml comes up, that
a run survives a killed worker, that the training container needs nothing.
==========================================================================
TEXT
    [ "$failed" = 0 ] || exit 1
    exit 0
}

await() { # what, seconds, command ...
    local what=$1 until=$((SECONDS + $2))
    shift 2
    until "$@" > /dev/null 2>&1; do
        [ "$SECONDS" -lt "$until" ] || fail "$what: not within the time"
        sleep 0.2
    done
}
