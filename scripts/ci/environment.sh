#!/usr/bin/env bash
# Makes Terraform ready for one environment, for the other scripts of a deployment: `. environment.sh` and then
# `terraform_in`. What only this account knows comes from variables of the GitHub environment:
#   TERRAFORM_BACKEND    the text of backend.hcl (where the state is)
#   TERRAFORM_VARIABLES  the text of terraform.tfvars
set -euo pipefail

: "${ENVIRONMENT:?ENVIRONMENT is dev, staging or prod}"
terraform_root=${TERRAFORM_ROOT:-$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)/infra/terraform/environments}
terraform_folder=$terraform_root/$ENVIRONMENT
[[ $ENVIRONMENT =~ ^[a-z]+$ ]] && [ -d "$terraform_folder" ] || {
    echo "deployment: no environment '$ENVIRONMENT' in $terraform_root" >&2
    exit 2
}

# A secret that the GitHub environment does not have arrives as an empty text, which is no value.
[ -n "${TF_VAR_oidc_client_secret:-}" ] || unset TF_VAR_oidc_client_secret

terraform_in() {
    terraform -chdir="$terraform_folder" "$@"
}

initialise() {
    : "${TERRAFORM_BACKEND:?the GitHub environment has no variable TERRAFORM_BACKEND (docs/supply-chain.md)}"
    printf '%s\n' "$TERRAFORM_BACKEND" > "$terraform_folder/backend.hcl"
    printf '%s\n' "${TERRAFORM_VARIABLES:-}" > "$terraform_folder/terraform.tfvars"
    # The provider of .terraform.lock.hcl and no other, in the plan as in the apply.
    terraform_in init -input=false -no-color -lockfile=readonly -backend-config=backend.hcl > /dev/null
}
