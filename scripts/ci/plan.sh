#!/usr/bin/env bash
# Plans an environment with one image and leaves in FOLDER what an approver reads (plan.txt) and what will be applied
# (plan.enc). The plan holds a copy of the state, so it is encrypted: artifacts can be read by all who read the repository.
#   IMAGE            the image by digest
#   PLAN_PASSPHRASE  a secret of the repository
set -euo pipefail

folder=${1:?usage: plan.sh FOLDER}
: "${IMAGE:?}" "${PLAN_PASSPHRASE:?the secret PLAN_PASSPHRASE is not set (docs/supply-chain.md)}"
mkdir -p "$folder"
folder=$(cd "$folder" && pwd)
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
# shellcheck source=scripts/ci/environment.sh
. "$(dirname "$0")/environment.sh"

initialise
TF_VAR_image=$IMAGE terraform_in plan -input=false -no-color -lock-timeout=5m -out="$scratch/plan" > "$scratch/log.txt" || {
    cat "$scratch/log.txt" >&2
    exit 1
}
terraform_in show -no-color "$scratch/plan" > "$folder/plan.txt"
openssl enc -aes-256-cbc -pbkdf2 -salt -pass env:PLAN_PASSPHRASE -in "$scratch/plan" -out "$folder/plan.enc"
echo "sha256=$(sha256sum "$scratch/plan" | cut -d ' ' -f 1)" >> "${GITHUB_OUTPUT:?}"
{
    echo "## Plan for $ENVIRONMENT"
    echo
    grep -E '^(Plan:|No changes)' "$folder/plan.txt" || true
    echo
    echo "The image: \`${IMAGE#*@}\`. All of it: artifact \`plan\`, file \`plan.txt\`."
} | tee -a "${GITHUB_STEP_SUMMARY:-/dev/null}"
