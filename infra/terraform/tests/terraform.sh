# shellcheck shell=bash
# Shared by the checks: where Terraform and its provider are, and a copy of the tree that may be written to.

# The folder with the provider, in the layout of a filesystem mirror: FOLDER/HOST/hashicorp/aws/VERSION/PLATFORM/program.
find_provider_mirror() {
    if [ -n "${TERRAFORM_PROVIDER_MIRROR:-}" ]; then
        echo "$TERRAFORM_PROVIDER_MIRROR"
        return 0
    fi
    local place program
    for place in "${TF_PLUGIN_CACHE_DIR:-}" "$HOME/.terraform.d" /usr/local/share/terraform /usr/share/terraform /opt /usr/local; do
        [ -n "$place" ] && [ -d "$place" ] || continue
        program=$(find "$place" -maxdepth 8 -path '*/hashicorp/aws/*' -name 'terraform-provider-aws_v5*' -print -quit 2> /dev/null)
        if [ -n "$program" ]; then
            # Up from the program: platform, version, aws, hashicorp, host.
            (cd "$(dirname "$program")/../../../../.." && pwd)
            return 0
        fi
    done
    return 1
}

# Why Terraform cannot be run here, or nothing.
why_no_terraform() {
    if ! command -v terraform > /dev/null; then
        echo "terraform is not on PATH"
    elif ! find_provider_mirror > /dev/null && [ "${TERRAFORM_DOWNLOAD:-${GITHUB_ACTIONS:-no}}" = no ]; then
        echo "no provider hashicorp/aws 5 on this machine: name its folder as TERRAFORM_PROVIDER_MIRROR, or let it be downloaded with TERRAFORM_DOWNLOAD=yes"
    fi
}

# A CLI configuration of ours: the provider comes from the mirror, and nothing else is asked for.
configure_terraform() { # folder to write to
    local mirror
    export CHECKPOINT_DISABLE=1 TF_IN_AUTOMATION=1
    if mirror=$(find_provider_mirror); then
        printf 'disable_checkpoint = true\nprovider_installation {\n  filesystem_mirror {\n    path = "%s"\n  }\n}\n' "$mirror" > "$1/terraform.rc"
    else
        mkdir -p "$1/plugins"
        printf 'disable_checkpoint = true\nplugin_cache_dir = "%s"\n' "$1/plugins" > "$1/terraform.rc"
    fi
    export TF_CLI_CONFIG_FILE="$1/terraform.rc"
}

# Terraform writes beside the files it reads: it gets a copy, with the list of permissions in its place.
copy_tree() { # repository, folder to copy to
    mkdir -p "$2/infra" "$2/configs"
    cp -r "$1/infra/terraform" "$2/infra/"
    cp "$1"/configs/*.yaml "$2/configs/"
    find "$2/infra/terraform" \( -name .terraform -o -name .terraform.lock.hcl -o -name '*.tfstate*' \) -prune -exec rm -rf {} +
}
