#!/usr/bin/env bash
# Looks at the images that were fetched, FOLDER/NAME/image.tar each: every one, also after one with holes.
set -euo pipefail

folder=${1:?usage: scan-running-images.sh FOLDER}
shopt -s nullglob
archives=("$folder"/*/image.tar)
[ ${#archives[@]} -gt 0 ] || { echo "::warning::NOT CHECKED, no environment has an image that runs"; exit 0; }

failed=0
for archive in "${archives[@]}"; do
    name=$(basename "$(dirname "$archive")")
    docker load --quiet --input "$archive"
    make image-scan IMAGE="$name" || failed=1
done
exit "$failed"
