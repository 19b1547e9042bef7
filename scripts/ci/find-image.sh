#!/usr/bin/env bash
# Finds the image of a deployment in the registry and writes its digest into GITHUB_OUTPUT; an empty one when the commit
# has none yet.
#   REPOSITORY    URL of the registry's repository
#   IMAGE_DIGEST  an earlier image, for a rollback: it must be there
#   REVISION      otherwise: the commit. One that was pushed before is taken as it is: tags never move.
set -euo pipefail

: "${REPOSITORY:?}" "${REVISION:?}"
# shellcheck source=scripts/ci/registry.sh
. "$(dirname "$0")/registry.sh"
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

if [ -n "${IMAGE_DIGEST:-}" ]; then
    [[ $IMAGE_DIGEST =~ ^sha256:[0-9a-f]{64}$ ]] || {
        echo "find-image: '$IMAGE_DIGEST' is no digest, sha256: and 64 hex digits" >&2
        exit 2
    }
    digest=$(digest_of "imageDigest=$IMAGE_DIGEST")
elif ! digest=$(digest_of "imageTag=$REVISION" 2> "$scratch/refusal.txt"); then
    grep -q ImageNotFoundException "$scratch/refusal.txt" || { cat "$scratch/refusal.txt" >&2; exit 1; }
    digest=
fi
echo "find-image: ${digest:-$REPOSITORY has none of $REVISION yet}"
echo "digest=$digest" >> "${GITHUB_OUTPUT:?}"
