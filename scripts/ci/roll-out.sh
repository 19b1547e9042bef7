#!/usr/bin/env bash
# Waits until a service runs one image only: the new tasks are healthy, and the old ones have drained and are gone. Fails when
# the service has taken the new version back by itself.
#   CLUSTER, SERVICE, IMAGE (by digest), DEADLINE_SECS
set -euo pipefail

: "${CLUSTER:?}" "${SERVICE:?}" "${IMAGE:?}" "${DEADLINE_SECS:?}"
poll_secs=${POLL_SECS:-10}
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

primary() { # field of the newest deployment
    jq --raw-output ".services[0].deployments[] | select(.status == \"PRIMARY\") | .$1 // \"\"" "$scratch/service.json"
}

image_of() { # task definition
    aws ecs describe-task-definition --task-definition "$1" --query 'taskDefinition.containerDefinitions[0].image' \
        --output text
}

fail() {
    echo "roll-out: $1; the service's last words:" >&2
    jq --raw-output '.services[0].events[:10][]? | "  \(.createdAt) \(.message)"' "$scratch/service.json" >&2
    exit 1
}

# Tasks that were told to stop and are still at work on their last activities.
count_draining() {
    local tasks
    draining=0
    aws ecs list-tasks --cluster "$CLUSTER" --service-name "$SERVICE" --desired-status STOPPED --output json \
        > "$scratch/stopped.json"
    mapfile -t tasks < <(jq --raw-output '.taskArns[:100][]' "$scratch/stopped.json")
    [ ${#tasks[@]} -gt 0 ] || return 0
    aws ecs describe-tasks --cluster "$CLUSTER" --tasks "${tasks[@]}" --output json > "$scratch/tasks.json"
    draining=$(jq '[.tasks[] | select(.lastStatus != "STOPPED")] | length' "$scratch/tasks.json")
}

look() {
    aws ecs describe-services --cluster "$CLUSTER" --services "$SERVICE" --output json > "$scratch/service.json"
    [ -n "$(primary taskDefinition)" ] || fail "no service $SERVICE in the cluster $CLUSTER"
    running=$(image_of "$(primary taskDefinition)")
    [ "$running" = "$IMAGE" ] || fail "the service wants $running, not $IMAGE: it took the new version back"
    [ "$(primary rolloutState)" != FAILED ] || fail "the new version failed: $(primary rolloutStateReason)"
    count_draining
    state="$(primary rolloutState), $(primary runningCount) of $(primary desiredCount) tasks,"
    state+=" $(jq '.services[0].deployments | length' "$scratch/service.json") deployments, $draining draining"
}

rolled_out() {
    [ "$(primary rolloutState)" = COMPLETED ] \
        && [ "$(jq '.services[0].deployments | length' "$scratch/service.json")" -eq 1 ] \
        && [ "$(primary runningCount)" -ge "$(primary desiredCount)" ] \
        && [ "$draining" -eq 0 ]
}

until=$((SECONDS + DEADLINE_SECS))
while true; do
    look
    ! rolled_out || break
    [ "$SECONDS" -lt "$until" ] || fail "not rolled out after $DEADLINE_SECS s ($state)"
    sleep "$poll_secs"
done
echo "roll-out: $SERVICE runs $IMAGE ($state)"
