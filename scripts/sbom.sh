#!/usr/bin/env bash
# Writes the list of what is in an image (CycloneDX, JSON): the packages of Debian from the image itself, and from
# Cargo.lock the crates that are compiled into its program. The image's label `com.spanishgas.sbom` is its file name.
# Needs no network. Without an image only the crates are listed, which is said.
set -euo pipefail
# A failure inside $(...) is one, too.
shopt -s inherit_errexit

usage="usage: sbom.sh FOLDER [IMAGE]"
folder=${1:?$usage}
image=${2:-}
cd "$(dirname "$0")/.."

scratch=$(mktemp -d)
container=
clean_up() {
    [ -z "$container" ] || docker rm --force "$container" > /dev/null
    rm -rf "$scratch"
}
trap clean_up EXIT
# Its name is what the list says it is of.
contents="$scratch/spanishgas"
mkdir "$contents"

# What says which packages Debian has installed. A container is made for it and never started.
take_packages_of_image() {
    container=$(docker create --network none "$image")
    docker export --output "$scratch/image.tar" "$container"
    tar --list --file "$scratch/image.tar" > "$scratch/all.txt"
    grep -E '^(etc/(os-release|debian_version)|usr/lib/os-release|var/lib/dpkg/status(\.d/.+)?)$' \
        "$scratch/all.txt" > "$scratch/names.txt" || true
    if ! grep -q '^var/lib/dpkg/status' "$scratch/names.txt"; then
        echo "sbom: $image has no list of Debian packages in var/lib/dpkg" >&2
        return 1
    fi
    tar --extract --file "$scratch/image.tar" --directory "$contents" --files-from "$scratch/names.txt"
}

take_shipped_crates() {
    cargo tree --locked --workspace --exclude support --edges normal --target x86_64-unknown-linux-gnu --prefix none \
        --format '{p}' > "$scratch/tree.txt"
    python3 scripts/shipped_crates.py < "$scratch/tree.txt" > "$contents/Cargo.lock"
}

name_of_sbom() {
    local label=
    [ -z "$image" ] || label=$(docker image inspect --format '{{index .Config.Labels "com.spanishgas.sbom"}}' "$image")
    case $label in
        "" | none) echo "spanishgas-$(git rev-parse --short=12 HEAD).cdx.json" ;;
        *) basename "$label" ;;
    esac
}

write_sbom() {
    mkdir -p "$folder"
    (cd "$scratch" && trivy fs --quiet --offline-scan --skip-version-check --disable-telemetry --format cyclonedx \
        spanishgas) > "$1"
}

count() { # type of package URL, file
    grep -c "\"purl\": \"pkg:$1/" "$2" || true
}

[ -z "$image" ] || take_packages_of_image
take_shipped_crates
sbom="$folder/$(name_of_sbom)"
write_sbom "$sbom"
echo "sbom: $sbom lists $(count cargo "$sbom") crates and $(count deb "$sbom") packages of Debian"
if [ -z "$image" ]; then
    echo "sbom: without an image (make sbom IMAGE=NAME) the packages of Debian are NOT listed" >&2
elif [ "$(count deb "$sbom")" -eq 0 ] || [ "$(count cargo "$sbom")" -eq 0 ]; then
    echo "sbom: a list of $image without crates or without packages is not complete" >&2
    exit 1
fi
