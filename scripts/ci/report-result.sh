#!/usr/bin/env bash
# Prints the result of a run as a page for people and, in a workflow, into the job's summary. Ends with 0 only when the
# run completed; a rejected challenger is a result.
set -euo pipefail

result=${1:?usage: report-result.sh RESULT_FILE}

page() {
    jq --raw-output '
        def cell: tostring | gsub("\\|"; "\\|") | gsub("[\r\n]+"; " ");
        def figure: if . == null then "none" else . * 1000 | round / 1000 end;
        "## Run `\(.workflow_id)`: \(.state)\(if .outcome then ", \(.outcome)" else "" end)",
        "",
        (if .error then "**\(.error.type | cell)**: \(.error.message | cell)", "" else empty end),
        "| | |", "|---|---|",
        "| mode | \(.mode // "unknown" | cell) |",
        "| as of | \(.as_of // "unknown" | cell) |",
        "| data | \(.dataset // "unknown" | cell) |",
        "| champion | \(.champion // "none" | cell) |",
        (if .model then "| model | \(.model.version | cell) (\(.model.experiment // "champion" | cell)), " +
            "PR-AUC \(.model.metrics.pr_auc | figure), Brier \(.model.metrics.brier | figure) |" else empty end),
        (if .drift then "| drift | \(.drift.level | cell): \(.drift.reason | cell) |" else empty end),
        (if (.tiers // {}) != {} then "| tiers | \(.tiers | to_entries | map("\(.key) \(.value)") | join(", ") | cell) |"
            else empty end),
        (if .verdict then "", "### Verdict: \(.verdict.outcome)", "", "| check | passed | value | limit | |", "|---|---|---|---|---|",
            (.verdict.checks[] | "| \(.name | cell) | \(if .passed then "yes" else "**no**" end) | \(.value | figure)" +
                " | \(.limit | figure) | \(.note | cell) |") else empty end),
        (.undelivered_alerts // [] | if . == [] then empty else "", "**Alerts that could not be sent:** \(join("; ") | cell)" end)
    ' "$result"
}

if ! jq --exit-status 'has("state") and has("workflow_id")' "$result" > /dev/null 2>&1; then
    echo "report-result: $result is no result of a run (docs/demo-json.md)" >&2
    exit 2
fi
page | tee -a "${GITHUB_STEP_SUMMARY:-/dev/null}"
if [ "$(jq --raw-output .state "$result")" != completed ]; then
    echo "report-result: the run did not complete" >&2
    exit 1
fi
