#!/usr/bin/env bash
# Starts a run of the pipeline, waits for its end and writes its result, the object of docs/demo-json.md, into a file.
# Ends with 0 when there is a result, whatever it says: report-result.sh judges.
#
#   MODE             train or score
#   AS_OF, EXPERIMENT, REQUIRE_APPROVAL   optional, as in `spanishgas run`
#   WORKFLOW_ID      of the run: a new one for each
#   FORCE            true: every stage is made again, also what is in the lake already (default: false)
#   DEADLINE_SECS    how long to wait
#   ON_DEADLINE      cancel or leave the run then
#
# Two ways, one result. With TEMPORAL_ADDRESS the Temporal CLI asks the server, which this machine must reach (Temporal
# Cloud). Without, the server is in private subnets: `spanishgas run` does it as a task beside the workers (CLUSTER,
# SERVICE), and this machine talks to AWS only.
set -euo pipefail

here=$(dirname "$0")
result=${1:?usage: run-pipeline.sh RESULT_FILE}
: "${MODE:?MODE is train or score}" "${WORKFLOW_ID:?}" "${DEADLINE_SECS:?}"

refuse() {
    echo "run-pipeline: $1" >&2
    exit 2
}

[[ $MODE =~ ^(train|score)$ ]] || refuse "MODE '$MODE' is not train or score"
[[ ${AS_OF:-} =~ ^([0-9]{4}-[0-9]{2}-[0-9]{2})?$ ]] || refuse "AS_OF '$AS_OF' is not a date, YYYY-MM-DD"
[[ ${EXPERIMENT:-} =~ ^[A-Za-z0-9_-]*$ ]] || refuse "EXPERIMENT '$EXPERIMENT' is not a name of letters, digits, _ and -"
[[ ${REQUIRE_APPROVAL:-false} =~ ^(true|false)$ ]] || refuse "REQUIRE_APPROVAL '$REQUIRE_APPROVAL' is not true or false"
[[ ${FORCE:-false} =~ ^(true|false)$ ]] || refuse "FORCE '$FORCE' is not true or false"
[[ $WORKFLOW_ID =~ ^[A-Za-z0-9_][A-Za-z0-9_-]*$ ]] || refuse "WORKFLOW_ID '$WORKFLOW_ID' is not a name of letters, digits, _ and -"
[[ $DEADLINE_SECS =~ ^[1-9][0-9]*$ ]] || refuse "DEADLINE_SECS '$DEADLINE_SECS' is not a number of seconds"
[[ ${ON_DEADLINE:-leave} =~ ^(cancel|leave)$ ]] || refuse "ON_DEADLINE '$ON_DEADLINE' is not cancel or leave"

if [ -n "${TEMPORAL_ADDRESS:-}" ]; then
    exec "$here/run-with-temporal.sh" "$result"
fi
[ -n "${CLUSTER:-}" ] && [ -n "${SERVICE:-}" ] \
    || refuse "neither TEMPORAL_ADDRESS (Temporal CLI) nor CLUSTER and SERVICE (a task in AWS) is set"
exec "$here/run-as-task.sh" "$result"
