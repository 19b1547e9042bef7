#!/usr/bin/env bash
# Tries scripts/ci/plan.sh and apply.sh with Terraform itself, on an environment that makes nothing outside it.
set -euo pipefail

if ! command -v terraform > /dev/null; then
    echo "########## NOT CHECKED: plan.sh and apply.sh; there is no terraform on this machine ##########" >&2
    # A workflow that must not be green without says so.
    [ "${TERRAFORM_REQUIRED:-no}" != yes ] || exit 1
    exit 0
fi

ci=$(cd "$(dirname "$0")/.." && pwd)
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
mkdir -p "$scratch/environments/dev"
cat > "$scratch/environments/dev/main.tf" << 'HCL'
terraform {
  backend "local" {}
}
variable "image_digest" { type = string }
variable "oidc_client_secret" {
  type    = string
  default = null
}
variable "size" { type = number }
resource "terraform_data" "worker" { input = "${var.image_digest} ${var.size} ${var.oidc_client_secret == null}" }
output "repository_url" { value = "repository" }
output "worker_cluster" { value = "cluster" }
output "lake_url" { value = "s3://lake/churn" }
output "worker_service" { value = terraform_data.worker.output }
HCL
# A file that names a mirror of providers may be set and gone: none is needed here.
printf 'disable_checkpoint = true\n' > "$scratch/terraformrc"
export TF_CLI_CONFIG_FILE=$scratch/terraformrc TERRAFORM_ROOT=$scratch/environments ENVIRONMENT=dev
export TERRAFORM_BACKEND="path = \"$scratch/state\"" TERRAFORM_VARIABLES="size = 3" PLAN_PASSPHRASE=of-the-test TF_VAR_oidc_client_secret=

failed=0
try() { # what, expected exit code, words, command ...
    local what=$1 expected=$2 words=$3 answer=0
    shift 3
    export GITHUB_OUTPUT=$scratch/output GITHUB_STEP_SUMMARY=$scratch/summary
    rm -f "$GITHUB_OUTPUT" "$GITHUB_STEP_SUMMARY"
    "$@" > "$scratch/log" 2>&1 || answer=$?
    cat "$GITHUB_OUTPUT" "$GITHUB_STEP_SUMMARY" >> "$scratch/log" 2> /dev/null || true
    if [ "$answer" -eq "$expected" ] && { [ -z "$words" ] || grep -q "$words" "$scratch/log"; }; then
        echo "ok      $what"
    else
        echo "FAILED  $what: exit code $answer, said:"
        cat "$scratch/log"
        failed=1
    fi
}

try "a plan says what it changes" 0 "Plan: 1 to add" env IMAGE_DIGEST=sha256:1 "$ci/plan.sh" "$scratch/plan"
sha256=$(sed -n 's/^sha256=//p' "$scratch/output")
try "what is kept of it is not readable" 1 "" grep -q "sha256:1" "$scratch/plan/plan.enc"
try "another plan is not applied" 1 "not the plan that was approved" env PLAN_SHA256=0 "$ci/apply.sh" "$scratch/plan"
try "nor one with another secret" 1 "cannot be read\|not the plan" \
    env PLAN_SHA256="$sha256" PLAN_PASSPHRASE=guessed "$ci/apply.sh" "$scratch/plan"
try "nothing was made so far" 1 "" test -f "$scratch/state"
try "the approved plan is applied" 0 "1 added" env PLAN_SHA256="$sha256" "$ci/apply.sh" "$scratch/plan"
try "with image and settings" 0 "worker_service=sha256:1 3 true" "$ci/outputs.sh"
sed -i '/lake_url/d' "$scratch/environments/dev/main.tf"
env -u TF_VAR_oidc_client_secret terraform -chdir="$scratch/environments/dev" apply -auto-approve -var image_digest=sha256:1 > /dev/null
try "an output that is not there is a failure" 1 'Output "lake_url" not found' "$ci/outputs.sh"
try "twice it is not" 1 "Saved plan is stale" env PLAN_SHA256="$sha256" "$ci/apply.sh" "$scratch/plan"
try "the same again changes nothing" 0 "No changes" env IMAGE_DIGEST=sha256:1 "$ci/plan.sh" "$scratch/again"
try "an environment that is not there" 2 "no environment 'moon'" env ENVIRONMENT=moon "$ci/outputs.sh"
exit "$failed"
