#!/usr/bin/env bash
# Puts a binary that is built already into the image, in seconds instead of 25 minutes. Works with the old builder,
# too. With a second binary it makes the image of the harness that plays SageMaker's training jobs; the training image
# whose user is root: -- --target prebuilt-training
# The label `com.spanishgas.sbom` names the list of the binary's revision, when it is at hand (make sbom) in the folder
# SBOM; else it says `none`.
set -euo pipefail

usage="usage: build-prebuilt.sh TAG PATH/TO/spanishgas [PATH/TO/sagemaker-harness] [-- DOCKER_BUILD_OPTION ...]"
tag=${1:?$usage}
binary=${2:?$usage}
shift 2
harness=""
if [ "${1:---}" != -- ]; then
    harness=$1
    shift
fi
[ "${1:-}" != -- ] || shift
here=$(cd "$(dirname "$0")" && pwd)

# The context is a folder with the binaries alone: the old builder sends all of it to the engine.
context=$(mktemp -d)
trap 'rm -rf "$context"' EXIT

take() { # path, name in the context
    [ -x "$1" ] || { echo "build-prebuilt: $1 is no program: build it first (make build)" >&2; exit 1; }
    # A symbol table of 100 MB serves nobody in an image.
    strip -o "$context/$2" "$1" 2> /dev/null || cp "$1" "$context/$2"
    chmod 0755 "$context/$2"
}

take "$binary" spanishgas
target=prebuilt
if [ -n "$harness" ]; then
    take "$harness" sagemaker-harness
    target=prebuilt-harness
fi
revision=$("$context/spanishgas" --version | cut -d ' ' -f 2)
sbom=spanishgas-$revision.cdx.json
[ -f "${SBOM:-$here/../../sbom}/$sbom" ] || sbom=none
docker build --quiet --file "$here/Dockerfile" --target "$target" --tag "$tag" \
    --build-arg "REVISION=$revision" --build-arg "SBOM=$sbom" "$@" "$context"
