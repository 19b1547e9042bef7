#!/usr/bin/env bash
# Tries scripts/ci/run-pipeline.sh and report-result.sh on a real server, worker and lake of 300 customers, both ways: by
# the Temporal CLI, and as a task (tests/aws stands for AWS and runs the same program). Leaves nothing running.
set -euo pipefail

spanishgas=$(realpath "${1:?usage: run-pipeline.sh PROGRAM}")
ci=$(cd "$(dirname "$0")/.." && pwd)
scratch=$(mktemp -d)
processes=()
# shellcheck disable=SC2329 # called by the trap
clean_up() {
    [ ${#processes[@]} -eq 0 ] || kill "${processes[@]}" 2> /dev/null || true
    wait
    rm -rf "$scratch"
}
trap clean_up EXIT

free_port() {
    python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}

start_server_and_worker() {
    local port ui_port
    port=$(free_port)
    ui_port=$(free_port)
    export TEMPORAL_ADDRESS=127.0.0.1:$port SPANISHGAS_LAKE=$scratch/lake
    "$spanishgas" generate-data --out "$scratch/lake/raw" --customers 300 > "$scratch/data.log" 2>&1
    "$spanishgas" dev-server --state "$scratch/state" --port "$port" --ui-port "$ui_port" > "$scratch/server.log" 2>&1 &
    processes+=($!)
    # It waits for the server by itself.
    "$spanishgas" worker --scratch "$scratch" > "$scratch/worker.log" 2>&1 &
    processes+=($!)
    local until=$((SECONDS + 60))
    until "$TEMPORAL_CLI" workflow list > /dev/null 2>&1; do
        [ "$SECONDS" -lt "$until" ] || { cat "$scratch/server.log" >&2; return 1; }
        sleep 0.2
    done
}

failed=0
expect() { # what, expected, actual
    if [ "$2" = "$3" ]; then
        echo "ok      $1"
    else
        echo "FAILED  $1: expected '$2', got '$3'"
        failed=1
    fi
}

ask() { # name, words NAME=VALUE ...; answers with both exit codes: of the run, of the report
    local name=$1 run=0 report=0
    shift
    env DEADLINE_SECS=600 WORKFLOW_ID="try-$name" "$@" "$ci/run-pipeline.sh" "$scratch/$name.json" \
        > "$scratch/$name.log" 2>&1 || run=$?
    GITHUB_STEP_SUMMARY=$scratch/$name.md "$ci/report-result.sh" "$scratch/$name.json" \
        >> "$scratch/$name.log" 2>&1 || report=$?
    echo "$run $report"
}

# Whether the same question, asked under two IDs, was answered by two runs.
two_runs() { # name, the other name
    jq --raw-output --slurp '[.[].run_id] | if (unique | length) == 2 then "yes" else tostring end' "$scratch/$1.json" "$scratch/$2.json" \
        || echo "no result"
}

# Names of the stages that did not come from the lake; raw never does.
made() { # name
    jq --raw-output '[.stages[] | select(.skipped | not) | .name] | join(" ")' "$scratch/$1.json" || echo "no result"
}

says() { # name, words in its report
    grep -qF "$2" "$scratch/$1.md" 2> /dev/null && echo yes || echo no
}

start_server_and_worker

expect "CLI: a training ends with its verdict" "0 0" "$(ask train MODE=train)"
expect "CLI: its page names the verdict and the check that failed" "yes yes" \
    "$(says train '### Verdict: rejected') $(says train '| pr_auc_floor | **no** |')"
expect "CLI: a failed run is a failure" "0 1" "$(ask failed MODE=train AS_OF=2019-01-01)"
expect "CLI: its page has the number of the error" yes "$(says failed SG0003)"
expect "CLI: a run that no worker takes is given up and cancelled" "1 2" \
    "$(ask nobody MODE=score TASK_QUEUE=nobody DEADLINE_SECS=2 ON_DEADLINE=cancel)"
expect "CLI: cancelled it is" yes "$("$TEMPORAL_CLI" workflow show --workflow-id try-nobody --output json > "$scratch/history.json"
    grep -q EVENT_TYPE_WORKFLOW_EXECUTION_CANCEL_REQUESTED "$scratch/history.json" && echo yes || echo no)"
expect "CLI: forced, every stage is made again" "0 0: raw bronze_customer bronze_customer_month silver gold" \
    "$(ask forced MODE=score FORCE=true): $(made forced)"
expect "words that are no mode, date or name are refused" "2 2, 2 2, 2 2, 2 2" \
    "$(ask bad1 MODE='train; id'), $(ask bad2 MODE=score AS_OF='2024-01-01 x'), $(ask bad3 MODE=train EXPERIMENT="a\"b"), $(ask bad4 MODE=score FORCE=yes)"

export PATH=$ci/tests:$PATH SPANISHGAS=$spanishgas POLL_SECS=1
as_task() { # folder, words: the program below hears the server's address, run-pipeline.sh does not
    export ECS_FOLDER=$scratch/$1
    mkdir "$ECS_FOLDER"
    printf '#!/bin/sh\nTEMPORAL_ADDRESS=%s exec %s "$@"\n' "$TEMPORAL_ADDRESS" "$spanishgas" > "$scratch/program"
    chmod +x "$scratch/program"
    ask "$@" TEMPORAL_ADDRESS= CLUSTER=test SPANISHGAS="$scratch/program"
}
expect "task: a score run ends with its result" "0 0" "$(as_task task-score SERVICE=test-worker MODE=score)"
expect "task: its page has the outcome" yes "$(says task-score 'completed, no_champion')"
expect "task: the same again is a run of its own" "0 0: yes" \
    "$(as_task task-again SERVICE=test-worker MODE=score): $(two_runs task-score task-again)"
expect "task: it finds the stages of the one before" raw "$(made task-again)"
expect "task: forced, every stage is made again" "0 0: raw bronze_customer bronze_customer_month silver gold" \
    "$(as_task task-forced SERVICE=test-worker MODE=score FORCE=true): $(made task-forced)"
expect "task: a failed run is a failure" "0 1" "$(as_task task-failed SERVICE=test-worker MODE=train AS_OF=2019-01-01)"
expect "task: its page has the number of the error" yes "$(says task-failed SG0003)"
expect "task: a run that was not started has no result" "1 2" \
    "$(as_task task-refused SERVICE=test-worker MODE=score AS_OF=2024-99-99)"
expect "task: a service that is not there" "1 2" "$(as_task task-lost SERVICE=another MODE=score)"
exit "$failed"
