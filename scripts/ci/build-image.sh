#!/usr/bin/env bash
# Builds the image that is deployed, from the sources, and gives it to the engine under one name. What was compiled
# before (the dependencies' layer) comes from a folder that a workflow keeps.
set -euo pipefail

name=${1:?usage: build-image.sh NAME:TAG}
cache=${IMAGE_CACHE:-$HOME/.cache/spanishgas/image}
cd "$(dirname "$0")/../.."
revision=$(git rev-parse HEAD)
# A release's tag; the revision where the checkout has none.
version=$(git describe --tags --always)
builder=spanishgas-build

# Only this kind of builder writes a cache into a folder.
docker buildx inspect "$builder" > /dev/null 2>&1 || docker buildx create --name "$builder" --driver docker-container

mkdir -p "$cache"
docker buildx build --builder "$builder" --file infra/images/Dockerfile --target runtime --platform linux/amd64 \
    --build-arg "REVISION=$revision" --build-arg "VERSION=$version" \
    --build-arg "DEBIAN_DATE=$(date --utc +%F)" \
    --build-arg "SOURCE=${GITHUB_SERVER_URL:-https://github.com}/${GITHUB_REPOSITORY:-}" \
    --build-arg "SBOM=spanishgas-${revision:0:12}.cdx.json" \
    --cache-from "type=local,src=$cache" --cache-to "type=local,dest=$cache.new,mode=max" \
    --load --tag "$name" .
# A cache is only ever added to: what this build did not use goes.
rm -rf "$cache"
mv "$cache.new" "$cache"
