#!/usr/bin/env bash
# Pushes what pack-image.sh has made, and nothing else, and writes its digest into GITHUB_OUTPUT.
#   REPOSITORY    URL of the registry's repository
#   REVISION      the commit
#   IMAGE_SHA256  of image.tar, from the job that made it
set -euo pipefail

folder=${1:?usage: push-image.sh FOLDER}
: "${REPOSITORY:?}" "${REVISION:?}" "${IMAGE_SHA256:?}"
# shellcheck source=scripts/ci/registry.sh
. "$(dirname "$0")/registry.sh"

if [ "$(sha256sum "$folder/image.tar" | cut -d ' ' -f 1)" != "$IMAGE_SHA256" ]; then
    echo "push-image: $folder/image.tar is not the image that was looked at: build again" >&2
    exit 1
fi
docker load --quiet --input "$folder/image.tar"
docker tag "spanishgas:$REVISION" "$REPOSITORY:$REVISION"
aws ecr get-login-password | docker login --username AWS --password-stdin "${REPOSITORY%%/*}" > /dev/null
docker push --quiet "$REPOSITORY:$REVISION"
digest=$(digest_of "imageTag=$REVISION")
echo "push-image: $digest"
echo "digest=$digest" >> "${GITHUB_OUTPUT:?}"
