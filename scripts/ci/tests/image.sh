#!/usr/bin/env bash
# Tries scripts/ci/image.sh on a registry that has two images. Build, scan, list and push only say that they were called.
set -euo pipefail

ci=$(cd "$(dirname "$0")/.." && pwd)
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
mkdir -p "$scratch/bin" "$scratch/scripts/ci"
cp "$ci/image.sh" "$scratch/scripts/ci/"
for script in ci/build-image scan-image sbom; do
    # shellcheck disable=SC2016 # expands in the script that is written
    printf '#!/bin/sh\necho "called %s $*" >> "%s/calls"; [ "${BROKEN:-}" != %s ]\n' "$script" "$scratch" "$script" > "$scratch/scripts/$script.sh"
done
cat > "$scratch/bin/docker" << 'FAKE'
#!/bin/sh
[ "$1" = push ] || { cat > /dev/null; exit 0; }
echo "called docker $*" >> "$SCRATCH/calls"
touch "$SCRATCH/pushed"
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

failed=0
try() { # what, revision, digest asked for, expected: exit code, digest at its end, calls
    local answer=0 digest calls
    rm -f "$scratch/calls" "$scratch/output"
    touch "$scratch/calls" "$scratch/output"
    REVISION=$2 IMAGE_DIGEST=$3 GITHUB_OUTPUT=$scratch/output "$scratch/scripts/ci/image.sh" > "$scratch/log" 2>&1 || answer=$?
    digest=$(sed -n 's/^digest=.*\(.\)$/\1/p' "$scratch/output")
    calls=$(cut -d ' ' -f 2 "$scratch/calls" | paste --serial --delimiters ' ')
    if [ "$answer|$digest|$calls" = "$4" ]; then
        echo "ok      $1"
    else
        echo "FAILED  $1: expected $4, got $answer|$digest|$calls, said:"
        cat "$scratch/log"
        failed=1
    fi
}

try "an earlier image is taken, nothing is built" new "sha256:$(printf '%064d' 1)" "0|1|"
try "an image that the registry does not have" new "sha256:$(printf '%064d' 9)" "254||"
try "words that are no digest" new "latest" "2||"
try "a commit that was pushed before is not built again" built-before "" "0|1|"
try "a registry that refuses: nothing is built for it" denied "" "1||"
export BROKEN=scan-image
try "an image with holes is not pushed" new "" "1||ci/build-image scan-image"
export BROKEN=
try "a new commit is built, looked at, listed and pushed" new "" "0|2|ci/build-image scan-image sbom docker"
exit "$failed"
