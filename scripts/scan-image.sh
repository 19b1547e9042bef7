#!/usr/bin/env bash
# Looks for secrets in the layers of an image, and for known holes of Debian's packages in it: fails on HIGH and CRITICAL
# ones that a newer package closes. .trivyignore.yaml names exceptions, each with reason and date. The holes need trivy's
# database, from the network or a copy of it; secrets do not.
set -euo pipefail

image=${1:?usage: scan-image.sh IMAGE (make image-scan IMAGE=NAME)}
cd "$(dirname "$0")/.."
exceptions=()
[ ! -f .trivyignore.yaml ] || exceptions=(--ignorefile .trivyignore.yaml)
trivy=(trivy image --quiet --skip-version-check --disable-telemetry)
found=3 # trivy's exit code for a finding, unlike those of its own failures

look() { # what, words
    local what=$1 answer=0
    shift
    "${trivy[@]}" --exit-code "$found" "$@" "$image" || answer=$?
    case $answer in
        0) echo "image-scan: $image has no $what" ;;
        "$found") echo "image-scan: $image has $what" >&2; return 1 ;;
        *) echo "image-scan: NOT CHECKED: $what of $image; trivy failed with $answer" >&2; return 1 ;;
    esac
}

look secrets --scanners secret --secret-config trivy-secret.yaml
look "holes that could be closed" --scanners vuln --severity HIGH,CRITICAL --ignore-unfixed "${exceptions[@]}"
