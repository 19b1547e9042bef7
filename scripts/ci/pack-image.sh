#!/usr/bin/env bash
# Makes the image of a commit, looks for holes and secrets in it, lists what is in it, and leaves it as FOLDER/image.tar
# with its digest in GITHUB_OUTPUT. It knows no account: what it calls (build scripts of hundreds of crates, tools from
# PyPI) never runs beside a credential. push-image.sh goes on elsewhere.
#   REVISION  the commit
set -euo pipefail

folder=${1:?usage: pack-image.sh FOLDER}
: "${REVISION:?}"
here=$(dirname "$0")
for name in AWS_ACCESS_KEY_ID ACTIONS_ID_TOKEN_REQUEST_TOKEN; do
    [ -z "${!name:-}" ] || { echo "pack-image: $name is set: build in a job without credentials" >&2; exit 2; }
done

"$here/build-image.sh" "spanishgas:$REVISION"
"$here/../scan-image.sh" "spanishgas:$REVISION"
"$here/../sbom.sh" sbom "spanishgas:$REVISION"
mkdir -p "$folder"
docker save --output "$folder/image.tar" "spanishgas:$REVISION"
echo "sha256=$(sha256sum "$folder/image.tar" | cut -d ' ' -f 1)" >> "${GITHUB_OUTPUT:?}"
