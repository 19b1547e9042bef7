#!/usr/bin/env bash
# Tries scripts/ci/roll-out.sh on services that AWS might describe. Each case is a list of what ECS answers, one after the
# other; the last answer stays.
set -euo pipefail

ci=$(cd "$(dirname "$0")/.." && pwd)
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
mkdir "$scratch/bin"
cat > "$scratch/bin/aws" << 'FAKE'
#!/usr/bin/env bash
set -euo pipefail
case "$1 $2" in
    "ecs describe-services")
        n=$(($(cat "$CASE/count") + 1))
        [ -f "$CASE/$n.json" ] || n=$((n - 1))
        echo "$n" > "$CASE/count"
        cat "$CASE/$n.json"
        ;;
    "ecs describe-task-definition") case "$*" in *new*) echo repository@sha256:new ;; *) echo repository@sha256:old ;; esac ;;
    "ecs list-tasks") [ ! -f "$CASE/denied" ] || { echo AccessDenied >&2; exit 254; }; jq '{taskArns: (if .draining > 0 then ["old-task"] else [] end)}' "$CASE/$(cat "$CASE/count").json" ;;
    "ecs describe-tasks") echo '{"tasks": [{"lastStatus": "DEACTIVATING"}]}' ;;
esac
FAKE
chmod +x "$scratch/bin/aws"
export PATH=$scratch/bin:$PATH

service() { # task definition, state, running, deployments, draining
    jq --null-input --arg definition "$1" --arg state "$2" --argjson running "$3" --argjson deployments "$4" \
        --argjson draining "$5" '{draining: $draining, services: [{events: [{createdAt: "now", message: "said by ECS"}],
            deployments: ([{status: "PRIMARY", taskDefinition: $definition, rolloutState: $state,
                rolloutStateReason: "tasks failed to start", runningCount: $running, desiredCount: 2}]
                + [range($deployments - 1) | {status: "ACTIVE", taskDefinition: "old"}])}]}'
}

failed=0
try() { # what, expected exit code, expected words, services ...
    local what=$1 expected=$2 words=$3 n=0 answer=0
    shift 3
    export CASE=$scratch/case
    rm -rf "$CASE"
    mkdir "$CASE"
    echo 0 > "$CASE/count"
    [ -z "${DENIED:-}" ] || touch "$CASE/denied"
    local arguments
    for arguments in "$@"; do
        n=$((n + 1))
        # shellcheck disable=SC2086 # a list of words
        service $arguments > "$CASE/$n.json"
    done
    CLUSTER=c SERVICE=s IMAGE=repository@sha256:new DEADLINE_SECS=${DEADLINE:-2} POLL_SECS=0.1 "$ci/roll-out.sh" > "$scratch/log" 2>&1 \
        || answer=$?
    if [ "$answer" -eq "$expected" ] && grep -q "$words" "$scratch/log"; then
        echo "ok      $what"
    else
        echo "FAILED  $what: exit code $answer, said:"
        cat "$scratch/log"
        failed=1
    fi
}

DEADLINE=60 try "new tasks come, old ones drain and go" 0 "0 draining" \
    "new IN_PROGRESS 0 2 0" "new IN_PROGRESS 2 2 0" "new COMPLETED 2 1 1" "new COMPLETED 2 1 0"
DEADLINE=60 try "the service took the new version back" 1 "took the new version back" "new IN_PROGRESS 1 2 0" "old IN_PROGRESS 2 1 0"
DEADLINE=60 try "the new version fails" 1 "tasks failed to start" "new FAILED 0 2 0"
try "old tasks that do not end" 1 "not rolled out after 2 s" "new COMPLETED 2 1 1"
DEADLINE=60 DENIED=1 try "tasks that may not be listed" 254 AccessDenied "new COMPLETED 2 1 0"
try "too few tasks" 1 "1 of 2 tasks" "new COMPLETED 1 1 0"
exit "$failed"
