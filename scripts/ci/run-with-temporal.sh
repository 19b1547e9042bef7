#!/usr/bin/env bash
# The way of run-pipeline.sh with the Temporal CLI. Address, namespace and key come from its usual variables
# (TEMPORAL_ADDRESS, TEMPORAL_NAMESPACE, TEMPORAL_API_KEY).
set -euo pipefail
# A failure inside $(...) is one, too.
shopt -s inherit_errexit
# The CLI is from PyPI and needs nothing of AWS.
unset AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN ACTIONS_ID_TOKEN_REQUEST_TOKEN ACTIONS_ID_TOKEN_REQUEST_URL

result=${1:?usage: run-with-temporal.sh RESULT_FILE, called by run-pipeline.sh}
temporal=${TEMPORAL_CLI:-temporal}
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

start() {
    local input
    input=$(jq --null-input --compact-output --arg mode "$MODE" --arg as_of "${AS_OF:-}" \
        --arg experiment "${EXPERIMENT:-}" --argjson approval "${REQUIRE_APPROVAL:-false}" --argjson force "${FORCE:-false}" \
        '{mode: $mode}
         + if $as_of == "" then {} else {as_of: $as_of} end
         + if $experiment == "" then {} else {experiment: $experiment} end
         + if $approval then {require_approval: true} else {} end
         + if $force then {force: true} else {} end')
    echo "starting $WORKFLOW_ID: $input" >&2
    "$temporal" workflow start --type ChurnPipeline --task-queue "${TASK_QUEUE:-spanishgas}" \
        --workflow-id "$WORKFLOW_ID" --id-conflict-policy Fail --input "$input" --output json | jq --raw-output .runId
}

# The CLI waits by itself, and answers 1 for a run that failed; what it prints says which. Without a word from the server,
# which may be busy or start anew, it is asked again, ten times in all.
wait_for_end() { # run ID; answers 124 when the time is over
    local until=$((SECONDS + DEADLINE_SECS)) tries left
    for tries in {1..10}; do
        left=$((until - SECONDS))
        [ "$left" -gt 0 ] || return 124
        answer=0
        timeout "$left" "$temporal" workflow result --workflow-id "$WORKFLOW_ID" --run-id "$1" --output json \
            > "$scratch/end.json" || answer=$?
        [ "$answer" -ne 124 ] || return 124
        [ ! -s "$scratch/end.json" ] || return 0
        echo "run-pipeline: attempt $tries at the result of $WORKFLOW_ID failed (temporal answered $answer)" >&2
        sleep "${POLL_SECS:-10}"
    done
}

give_up() { # run ID
    echo "run-pipeline: $WORKFLOW_ID has no result after $DEADLINE_SECS s; its progress:" >&2
    timeout 10 "$temporal" workflow query --workflow-id "$WORKFLOW_ID" --run-id "$1" --type progress >&2 \
        || echo "run-pipeline: no worker answers" >&2
    if [ "${ON_DEADLINE:-leave}" = cancel ]; then
        "$temporal" workflow cancel --workflow-id "$WORKFLOW_ID" --run-id "$1" >&2
    else
        echo "run-pipeline: it is still at work: temporal workflow result --workflow-id $WORKFLOW_ID" >&2
    fi
    exit 1
}

# A run without a result gets the object that `spanishgas run --json` would print.
write_result() {
    jq '.workflowId as $workflow | .runId as $run | .status as $status
        | if $status == "COMPLETED" then .result
          else (.closeEvent | to_entries | map(.value | objects | .failure // empty) | first) as $failure
            | {workflow_id: $workflow, run_id: $run, state: ($status | ascii_downcase), outcome: null,
               error: {type: ($failure.applicationFailureInfo.type // ""), message: ($failure.message // "")}}
          end' "$scratch/end.json" > "$result"
}

run=$(start)
wait_for_end "$run" || give_up "$run"
if [ ! -s "$scratch/end.json" ]; then
    echo "run-pipeline: the server at $TEMPORAL_ADDRESS did not say how $WORKFLOW_ID ended (temporal answered $answer)" >&2
    exit 1
fi
write_result
