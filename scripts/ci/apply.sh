#!/usr/bin/env bash
# Applies the plan that was approved, and no other one.
#   PLAN_SHA256      of the plan, from the job that made it
#   PLAN_PASSPHRASE  a secret of the repository
set -euo pipefail

folder=${1:?usage: apply.sh FOLDER}
: "${PLAN_SHA256:?}" "${PLAN_PASSPHRASE:?the secret PLAN_PASSPHRASE is not set (docs/supply-chain.md)}"
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
# shellcheck source=scripts/ci/environment.sh
. "$(dirname "$0")/environment.sh"

openssl enc -d -aes-256-cbc -pbkdf2 -pass env:PLAN_PASSPHRASE -in "$folder/plan.enc" -out "$scratch/plan" || {
    echo "apply: $folder/plan.enc cannot be read with this PLAN_PASSPHRASE" >&2
    exit 1
}
if [ "$(sha256sum "$scratch/plan" | cut -d ' ' -f 1)" != "$PLAN_SHA256" ]; then
    echo "apply: $folder/plan.enc is not the plan that was approved: plan again" >&2
    exit 1
fi
initialise
terraform_in apply -input=false -no-color -lock-timeout=5m "$scratch/plan"
