#!/usr/bin/env bash
# Tries find-image.sh, pack-image.sh and push-image.sh of scripts/ci on a registry that has two images. Build, scan, list
# and the engine only say that they were called.
set -euo pipefail

ci=$(cd "$(dirname "$0")/.." && pwd)
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
mkdir -p "$scratch/bin" "$scratch/scripts/ci"
cp "$ci"/{find-image,pack-image,push-image,registry}.sh "$scratch/scripts/ci/"
for script in ci/build-image scan-image sbom; do
    # shellcheck disable=SC2016 # expands in the script that is written
    printf '#!/bin/sh\necho "called %s" >> "%s/calls"; [ "${BROKEN:-}" != %s ]\n' "$script" "$scratch" "$script" > "$scratch/scripts/$script.sh"
done
cat > "$scratch/bin/docker" << 'FAKE'
#!/bin/sh
echo "called docker-$1" >> "$SCRATCH/calls"
case "$1" in
    login) cat > /dev/null ;;
    save) echo "an image" > "$3" ;;
    push) touch "$SCRATCH/pushed" ;;
esac
FAKE
cat > "$scratch/bin/aws" << 'FAKE'
#!/bin/sh
earlier=sha256:$(printf '%064d' 1)
case "$*" in
    "ecr get-login-password") echo password ;;
    *"--image-ids imageTag=built-before "* | *"--image-ids imageDigest=$earlier "*) echo "$earlier" ;;
    *"--image-ids imageTag=denied "*) echo "AccessDeniedException: not allowed" >&2; exit 254 ;;
    *"--image-ids imageTag=new "*)
        [ -f "$SCRATCH/pushed" ] || { echo "ImageNotFoundException: no such image" >&2; exit 254; }
        echo "sha256:$(printf '%064d' 2)"
        ;;
    *) echo "ImageNotFoundException: no such image" >&2; exit 254 ;;
esac
FAKE
chmod +x "$scratch"/bin/* "$scratch"/scripts/*.sh "$scratch"/scripts/ci/*.sh
export PATH=$scratch/bin:$PATH SCRATCH=$scratch REPOSITORY=123456789012.dkr.ecr.eu-west-1.amazonaws.com/spanishgas
export GITHUB_OUTPUT=$scratch/output
# A workflow that tries this has them; the job that packs must not.
unset AWS_ACCESS_KEY_ID ACTIONS_ID_TOKEN_REQUEST_TOKEN

failed=0
try() { # what, expected: exit code, digest at its end, calls; command ...
    local what=$1 expected=$2 answer=0 digest calls
    shift 2
    rm -f "$scratch/calls" "$GITHUB_OUTPUT"
    touch "$scratch/calls" "$GITHUB_OUTPUT"
    "$@" > "$scratch/log" 2>&1 || answer=$?
    digest=$(sed -n 's/^digest=.*\(.\)$/\1/p' "$GITHUB_OUTPUT")
    calls=$(cut -d ' ' -f 2 "$scratch/calls" | paste --serial --delimiters ' ')
    if [ "$answer|$digest|$calls" = "$expected" ]; then
        echo "ok      $what"
    else
        echo "FAILED  $what: expected $expected, got $answer|$digest|$calls, said:"
        cat "$scratch/log"
        failed=1
    fi
}

find_image() { # what, expected, revision, digest asked for
    try "$1" "$2" env REVISION="$3" IMAGE_DIGEST="$4" "$scratch/scripts/ci/find-image.sh"
}
pack_image() { # what, expected, more variables
    try "$1" "$2" env REVISION=new "${@:3}" "$scratch/scripts/ci/pack-image.sh" "$scratch/image"
}
push_image() { # what, expected, digest of the file
    try "$1" "$2" env REVISION=new IMAGE_SHA256="$3" "$scratch/scripts/ci/push-image.sh" "$scratch/image"
}

find_image "an earlier image is found" "0|1|" new "sha256:$(printf '%064d' 1)"
find_image "an image that the registry does not have" "254||" new "sha256:$(printf '%064d' 9)"
find_image "words that are no digest" "2||" new latest
find_image "a commit that was pushed before is found" "0|1|" built-before ""
find_image "a registry that refuses is a failure" "1||" denied ""
find_image "a new commit has none" "0||" new ""
pack_image "beside credentials nothing is built" "2||" AWS_ACCESS_KEY_ID=key
pack_image "nor where a job may ask for them" "2||" ACTIONS_ID_TOKEN_REQUEST_TOKEN=token
pack_image "an image with holes is not kept" "1||ci/build-image scan-image" BROKEN=scan-image
pack_image "a new commit is built, looked at, listed and kept" "0||ci/build-image scan-image sbom docker-save"
sha256=$(sed -n 's/^sha256=//p' "$GITHUB_OUTPUT")
push_image "another image is not pushed" "1||" "$(printf '%064d' 3)"
push_image "what was looked at is pushed" "0|2|docker-load docker-tag docker-login docker-push" "$sha256"
exit "$failed"
