#!/bin/sh
# Says what the gate will ask for, then starts one run and follows it to its summary.
set -eu

floor=$(sed -n 's/.*pr_auc_floor: *\([0-9.]*\).*/\1/p' "$SPANISHGAS_CONFIG/model.yaml" 2> /dev/null || true)
if [ -n "$floor" ]; then
    echo "NOTE: the gate of this settings folder asks for PR-AUC >= $floor; the business rule is 0.70"
elif [ "$CUSTOMERS" -lt 10000 ]; then
    echo "NOTE: with $CUSTOMERS customers the holdout is so small that chance decides at the floor of PR-AUC 0.70." \
        "For a quick look: SETTINGS=./infra/compose/settings/small"
fi
exec spanishgas "$@"
