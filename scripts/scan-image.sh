#!/usr/bin/env bash
# Looks for known holes of Debian's packages in an image, and for secrets in its layers. Fails on HIGH and CRITICAL ones
# that a newer package closes; .trivyignore.yaml names exceptions with reason and date. Needs the network for trivy's
# database, or a copy of it.
set -euo pipefail

image=${1:?usage: scan-image.sh IMAGE}
cd "$(dirname "$0")/.."
exceptions=()
[ ! -f .trivyignore.yaml ] || exceptions=(--ignorefile .trivyignore.yaml)

trivy image --skip-version-check --disable-telemetry --scanners vuln,secret --severity HIGH,CRITICAL --ignore-unfixed \
    "${exceptions[@]}" --exit-code 1 "$image"
