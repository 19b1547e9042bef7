#!/usr/bin/env bash
# The way of run-pipeline.sh without a path to the server: `spanishgas run` as one ECS task, with the image, role, network
# and settings of the worker's service. Its ID is WORKFLOW_ID: under the ID that `spanishgas run` derives from the data
# an earlier version's answer would be shown.
set -euo pipefail

result=${1:?usage: run-as-task.sh RESULT_FILE, called by run-pipeline.sh}
poll_secs=${POLL_SECS:-10}
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

describe_service() {
    aws ecs describe-services --cluster "$CLUSTER" --services "$SERVICE" --output json > "$scratch/service.json"
    jq --exit-status '.services[0].taskDefinition' "$scratch/service.json" > /dev/null || {
        echo "run-pipeline: no service $SERVICE in the cluster $CLUSTER" >&2
        return 1
    }
    definition=$(jq --raw-output '.services[0].taskDefinition' "$scratch/service.json")
    aws ecs describe-task-definition --task-definition "$definition" --output json > "$scratch/definition.json"
    container=$(jq --raw-output '.taskDefinition.containerDefinitions[0].name' "$scratch/definition.json")
}

start() {
    jq --null-input --arg container "$container" --arg mode "$MODE" --arg as_of "${AS_OF:-}" --arg id "$WORKFLOW_ID" \
        --arg experiment "${EXPERIMENT:-}" --argjson approval "${REQUIRE_APPROVAL:-false}" --argjson force "${FORCE:-false}" \
        '{containerOverrides: [{name: $container, command: (
            ["run", "--json", "--mode", $mode, "--workflow-id", $id]
            + if $force then ["--force"] else [] end
            + if $as_of == "" then [] else ["--as-of", $as_of] end
            + if $experiment == "" then [] else ["--experiment", $experiment] end
            + if $approval then ["--require-approval"] else [] end)}]}' > "$scratch/overrides.json"
    jq '.services[0] | if .capacityProviderStrategy then {capacityProviderStrategy} else {launchType} end
        + {networkConfiguration}' "$scratch/service.json" > "$scratch/where.json"
    echo "starting a task of $definition: $(jq --compact-output '.containerOverrides[0].command' "$scratch/overrides.json")" >&2
    aws ecs run-task --cluster "$CLUSTER" --task-definition "$definition" --started-by "${WORKFLOW_ID:0:36}" \
        --overrides "file://$scratch/overrides.json" --cli-input-json "file://$scratch/where.json" \
        --output json > "$scratch/started.json"
    jq --raw-output '.failures[]? | "run-pipeline: the task was not started: \(.reason) \(.detail // "")"' \
        "$scratch/started.json" >&2
    task=$(jq --exit-status --raw-output '.tasks[0].taskArn' "$scratch/started.json")
}

wait_for_end() {
    local until=$((SECONDS + DEADLINE_SECS)) status
    while true; do
        aws ecs describe-tasks --cluster "$CLUSTER" --tasks "$task" --output json > "$scratch/task.json"
        status=$(jq --raw-output '.tasks[0].lastStatus' "$scratch/task.json")
        [ "$status" != STOPPED ] || return 0
        [ "$SECONDS" -lt "$until" ] || break
        sleep "$poll_secs"
    done
    echo "run-pipeline: the task $task is $status after $DEADLINE_SECS s; the run goes on without it:" \
        "temporal workflow result --workflow-id $WORKFLOW_ID" >&2
    aws ecs stop-task --cluster "$CLUSTER" --task "$task" --reason "no result in time" > /dev/null
    exit 1
}

read_log() {
    local group prefix
    group=$(jq --raw-output '.taskDefinition.containerDefinitions[0].logConfiguration.options."awslogs-group"' \
        "$scratch/definition.json")
    prefix=$(jq --raw-output '.taskDefinition.containerDefinitions[0].logConfiguration.options."awslogs-stream-prefix"' \
        "$scratch/definition.json")
    aws logs get-log-events --log-group-name "$group" --log-stream-name "$prefix/$container/${task##*/}" \
        --output json | jq --raw-output '.events[].message' > "$scratch/log.txt"
}

# The log has both outputs of the program. The result is from the last line `{` to its `}`: progress stands before it, and
# behind it, of a run that failed, the failure in words.
write_result() {
    tac "$scratch/log.txt" | sed '/^{$/q' | tac | sed '/^}$/q' > "$result"
    if ! jq --exit-status 'has("state")' "$result" > /dev/null 2>&1; then
        rm -f "$result"
        echo "run-pipeline: the task ended with exit code" \
            "$(jq '.tasks[0].containers[0].exitCode' "$scratch/task.json") and no result" \
            "($(jq --raw-output '.tasks[0].stoppedReason // "no reason given"' "$scratch/task.json")); it said:" >&2
        tail -n 20 "$scratch/log.txt" >&2
        exit 1
    fi
}

describe_service
start
wait_for_end
read_log
write_result
