#!/usr/bin/env bash
# Finds or makes the image of a deployment and writes its digest into GITHUB_OUTPUT.
#   REPOSITORY    URL of the registry's repository
#   IMAGE_DIGEST  an earlier image, for a rollback: it must be there, nothing is built
#   REVISION      otherwise: the commit. One that was pushed before is taken as it is: tags never move.
set -euo pipefail
# A failure inside $(...) is one, too.
shopt -s inherit_errexit

: "${REPOSITORY:?}" "${REVISION:?}"
here=$(dirname "$0")
name=${REPOSITORY#*/}
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

digest_of() { # imageTag=... or imageDigest=...
    aws ecr describe-images --repository-name "$name" --image-ids "$1" --query 'imageDetails[0].imageDigest' --output text
}

log_in() {
    aws ecr get-login-password | docker login --username AWS --password-stdin "${REPOSITORY%%/*}" > /dev/null
}

build_and_push() {
    "$here/build-image.sh" "$REPOSITORY:$REVISION" >&2
    "$here/../scan-image.sh" "$REPOSITORY:$REVISION" >&2
    "$here/../sbom.sh" sbom "$REPOSITORY:$REVISION" >&2
    log_in
    docker push --quiet "$REPOSITORY:$REVISION" >&2
    digest_of "imageTag=$REVISION"
}

if [ -n "${IMAGE_DIGEST:-}" ]; then
    [[ $IMAGE_DIGEST =~ ^sha256:[0-9a-f]{64}$ ]] || {
        echo "image: '$IMAGE_DIGEST' is no digest, sha256: and 64 hex digits" >&2
        exit 2
    }
    digest=$(digest_of "imageDigest=$IMAGE_DIGEST")
elif ! digest=$(digest_of "imageTag=$REVISION" 2> "$scratch/refusal.txt"); then
    grep -q ImageNotFoundException "$scratch/refusal.txt" || { cat "$scratch/refusal.txt" >&2; exit 1; }
    digest=$(build_and_push)
fi
echo "image: $digest"
echo "digest=$digest" >> "${GITHUB_OUTPUT:?}"
