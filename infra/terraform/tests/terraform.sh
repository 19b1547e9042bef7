# shellcheck shell=bash
# Shared by the checks: where Terraform and its provider are, and a copy of the tree that may be written to.

terraform_root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

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
    elif ! find_provider_mirror > /dev/null && [ "${TERRAFORM_DOWNLOAD:-no}" != yes ]; then
        echo "no provider hashicorp/aws 5 on this machine: name its folder as TERRAFORM_PROVIDER_MIRROR, or let it be downloaded with TERRAFORM_DOWNLOAD=yes"
    fi
}

# A workflow that must not be green without these checks says TERRAFORM_REQUIRED=yes; elsewhere they may be left out.
terraform_is_required() {
    [ "${TERRAFORM_REQUIRED:-no}" = yes ]
}

# A CLI configuration of ours: the provider comes from the mirror, and nothing else is asked for.
configure_terraform() { # folder to write to
    export CHECKPOINT_DISABLE=1 TF_IN_AUTOMATION=1
    provider_mirror=$(find_provider_mirror) || provider_mirror=$(download_provider "$1")
    printf 'disable_checkpoint = true\nprovider_installation {\n  filesystem_mirror {\n    path = "%s"\n  }\n}\n' "$provider_mirror" > "$1/terraform.rc"
    export TF_CLI_CONFIG_FILE="$1/terraform.rc"
}

# Once for all folders: the cache that `init` fills has the layout of a mirror. Several of them would fetch it again and
# again, because a module has no lock, and Terraform takes nothing from a cache without one.
download_provider() { # folder to write to
    mkdir -p "$1/providers" "$1/download"
    cp "$terraform_root/modules/network/versions.tf" "$terraform_root/environments/dev/.terraform.lock.hcl" "$1/download/"
    printf 'disable_checkpoint = true\nplugin_cache_dir = "%s"\n' "$1/providers" > "$1/download.rc"
    TF_CLI_CONFIG_FILE="$1/download.rc" terraform -chdir="$1/download" init -input=false -no-color > "$1/download.log" 2>&1 || {
        cat "$1/download.log" >&2
        echo "the provider hashicorp/aws could not be downloaded: nothing of Terraform was checked" >&2
        return 1
    }
    echo "$1/providers"
}

# Terraform writes beside the files it reads: it gets a copy, with the list of permissions in its place.
copy_tree() { # repository, folder to copy to
    mkdir -p "$2/infra" "$2/configs"
    cp -r "$1/infra/terraform" "$2/infra/"
    cp "$1"/configs/*.yaml "$2/configs/"
    find "$2/infra/terraform" \( -name .terraform -o -path '*/modules/*/.terraform.lock.hcl' -o -name '*.tfstate*' \) -prune -exec rm -rf {} +
    obey_locks "$2/infra/terraform"
}

# An environment is tested with the version of the provider that its lock names. A mirror without it tests another one.
obey_locks() { # infra/terraform
    local lock version
    for lock in "$1"/environments/*/.terraform.lock.hcl; do
        version=$(sed -n 's/^ *version *= *"\(.*\)"/\1/p' "$lock")
        [ -z "$(find -L "$provider_mirror" -maxdepth 5 -path "*/hashicorp/aws/$version/*" -print -quit)" ] || continue
        echo "NOT CHECKED: the provider's version $version, which environments are locked to: $provider_mirror has another" >&2
        rm "$lock"
    done
}
