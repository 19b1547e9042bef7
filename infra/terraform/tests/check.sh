#!/usr/bin/env bash
# All that can be said of the Terraform without an account: `make terraform-check`. Where Terraform, its provider or a
# linter is absent, the end says loudly what was not checked.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
repository=$(cd "$here/../../.." && pwd)
# shellcheck source=infra/terraform/tests/terraform.sh
source "$here/terraform.sh"

at_once=${AT_ONCE:-2}
passed=0 failed=0
not_checked=()
work=$(mktemp -d "${TMPDIR:-/tmp}/terraform-check.XXXXXX")
trap 'rm -rf "$work"' EXIT

verdict() { # name, exit code, log
    if [ "$2" = 0 ]; then
        passed=$((passed + 1))
        echo "ok      $1"
        return 0
    fi
    failed=$((failed + 1))
    echo "FAILED  $1"
    sed 's/^/        /' "$3" | tail -n 60
}

check() { # name, command...
    local name=$1 code=0
    shift
    "$@" > "$work/log" 2>&1 || code=$?
    verdict "$name" "$code" "$work/log"
}

refuse() { # why
    echo "$1"
    return 1
}

skip() { # what is not checked, why
    not_checked+=("$1: $2")
}

# --- what needs no Terraform ---

folders() {
    (cd "$1" && find modules environments -mindepth 1 -maxdepth 1 -type d | sort)
}

# Modules in modules. They are validated with the module around them, and planned by the environments; a test of their own
# is not asked for: temporal/password has an ephemeral output, and Terraform refuses one in what is run by itself. It is
# tried by tests/apply.
inner_folders() {
    (cd "$1" && find modules -mindepth 3 -name '*.tf' -not -path '*/.terraform/*' -printf '%h\n' | sort --unique)
}

every_folder_is_whole() {
    local folder wrong=0
    for folder in $(folders "$repository/infra/terraform"); do
        cd "$repository/infra/terraform"
        compgen -G "$folder/tests/*.tftest.hcl" > /dev/null || { echo "$folder has no test"; wrong=1; }
        [ -f "$folder/versions.tf" ] || { echo "$folder has no versions.tf"; wrong=1; }
        grep -q "$(basename "$folder")" README.md || { echo "README.md has no line on $folder"; wrong=1; }
    done
    for folder in $(inner_folders "$repository/infra/terraform"); do
        [ -f "$folder/versions.tf" ] || { echo "$folder has no versions.tf"; wrong=1; }
        grep -q "$folder" README.md || { echo "README.md has no line on $folder"; wrong=1; }
    done
    return "$wrong"
}

# An environment is the platform with other values: what one has and another lacks is a slip.
environments_take_and_give_the_same() {
    local kind file wrong=0
    cd "$repository/infra/terraform/environments"
    for kind in variable output; do
        for file in staging prod; do
            diff <(grep -ho "^$kind \"[a-z_]*\"" dev/*.tf | sort) <(grep -ho "^$kind \"[a-z_]*\"" "$file"/*.tf | sort) \
                || { echo "dev and $file do not have the same ${kind}s"; wrong=1; }
        done
    done
    return "$wrong"
}

# Dependabot or a person raises the provider in all of them, or what staging tried is not what prod gets.
environments_lock_the_same_provider() {
    local environment wrong=0
    cd "$repository/infra/terraform/environments"
    grep -q '"h1:' dev/.terraform.lock.hcl || { echo "dev/.terraform.lock.hcl has no h1 hash"; wrong=1; }
    for environment in staging prod; do
        diff dev/.terraform.lock.hcl "$environment/.terraform.lock.hcl" || wrong=1
    done
    return "$wrong"
}

# A secret in a file, an account of somebody, or the lock of a module, which decides nothing.
nothing_is_in_the_tree_that_must_not_be() {
    cd "$repository/infra/terraform"
    ! git ls-files -co --exclude-standard . | grep -E '(\.tfstate|\.tfplan|terraform\.tfvars|backend\.hcl|modules/.*\.terraform\.lock\.hcl)$'
}

# What the bucket's rules let expire is marked by a script, and that must mark nothing which is published.
the_script_of_the_lake_marks_only_history() {
    python3 "$repository/infra/terraform/modules/lake/tests/mark_history_test.py"
}

static_checks() {
    check "every module and environment has versions, a test and a line in README.md" every_folder_is_whole
    check "dev, staging and prod take the same variables and give the same outputs" environments_take_and_give_the_same
    check "dev, staging and prod lock the same provider" environments_lock_the_same_provider
    check "no state, plan, values of an account or lock file in the tree" nothing_is_in_the_tree_that_must_not_be
    if command -v python3 > /dev/null; then
        check "mark-history.py marks only what no pointer names (modules/lake/tests)" the_script_of_the_lake_marks_only_history
    else
        skip "mark-history.py" "python3 is not on PATH"
    fi
    if command -v shellcheck > /dev/null; then
        check "shellcheck" shellcheck_all
    else
        skip "the shell scripts below infra/terraform" "shellcheck is not on PATH"
    fi
}

shellcheck_all() {
    cd "$repository"
    find infra/terraform -name '*.sh' -not -path '*/.terraform/*' -print0 \
        | xargs -0 shellcheck --external-sources --source-path="$repository"
}

# --- linters of security: no HIGH and no CRITICAL is left; what stays has its reason beside the resource ---

run_checkov() {
    cd "$repository"
    LOG_LEVEL=ERROR checkov --directory infra/terraform --framework terraform --quiet --compact --config-file infra/terraform/.checkov.yaml
}

run_trivy() {
    cd "$repository"
    trivy config --quiet --skip-check-update --skip-version-check --disable-telemetry --exit-code 1 \
        --severity HIGH,CRITICAL --skip-dirs '**/.terraform' infra
}

linters() {
    if command -v checkov > /dev/null; then
        check "checkov" run_checkov
    else
        skip "checkov's rules, and the policies against AWS's table of actions, which comes with it" "checkov is not on PATH (make infrastructure-tools)"
    fi
    if command -v trivy > /dev/null; then
        check "trivy: no HIGH, no CRITICAL" run_trivy
    else
        skip "trivy's rules" "trivy is not on PATH (make infrastructure-tools)"
    fi
}

# --- Terraform itself ---

# Runs as a process of its own, several at once.
check_folder() { # folder
    local from=$SECONDS
    cd "$work/copy/infra/terraform/$1"
    terraform init -backend=false -input=false -no-color > init.log 2>&1 || { cat init.log; return 1; }
    terraform validate -no-color
    terraform test -no-color
    echo "$((SECONDS - from)) s"
}

start_folder() { # folder
    local log="$work/${1//\//-}"
    (
        code=0
        # In a shell of its own: inside `||` a function would not stop at its first failure.
        bash -euo pipefail -c 'source "$1"; check_folder "$2"' _ "$work/functions.sh" "$1" > "$log.log" 2>&1 || code=$?
        echo "$code" > "$log.code"
    ) &
}

terraform_checks() {
    local why folder log
    why=$(why_no_terraform)
    if [ -n "$why" ]; then
        ! terraform_is_required || check "Terraform is here, as TERRAFORM_REQUIRED=yes says" refuse "$why"
        skip "format, validity and tests of every module and environment" "$why"
        skip "what the policies of IAM allow" "$why"
        return 0
    fi
    configure_terraform "$work"
    copy_tree "$repository" "$work/copy"
    check "terraform fmt" terraform fmt -check -recursive -diff "$repository/infra/terraform"

    { declare -p work; declare -f check_folder; } > "$work/functions.sh"
    for folder in $(folders "$repository/infra/terraform"); do
        while [ "$(jobs -rp | wc -l)" -ge "$at_once" ]; do
            wait -n
        done
        start_folder "$folder"
    done
    wait
    for folder in $(folders "$repository/infra/terraform"); do
        log="$work/${folder//\//-}"
        verdict "$folder: $(grep -Eo '[0-9]+ passed, [0-9]+ failed' "$log.log" | tail -n 1 || true) in $(tail -n 1 "$log.log")" "$(cat "$log.code")" "$log.log"
    done

    if [ -x "$here/policies/run.sh" ]; then
        check "what the policies of IAM allow (tests/policies)" "$here/policies/run.sh"
    fi
}

static_checks
linters
terraform_checks

if [ "${#not_checked[@]}" -gt 0 ]; then
    printf '\n!!! NOT CHECKED !!!\n'
    printf '!!! %s\n' "${not_checked[@]}"
    printf '\n'
fi
echo "$passed passed, $failed failed, ${#not_checked[@]} skipped ($SECONDS s)"
[ "$failed" = 0 ]
