#!/usr/bin/env bash
# Compiles what the containers' test puts into images, then runs a command that finds it in CARGO_TARGET_DIR. A program that
# is linked on a newer system than the images' Debian 12 does not start in them: there the compiler runs in a
# container of the image's own toolchain, for which a Docker engine must be at hand.
set -euo pipefail

usage="usage: build-for-containers.sh TARGET_FOLDER COMMAND ..."
target=${1:?$usage}
shift
: "${1:?$usage}"
cd "$(dirname "$0")/.."
image_libc=2.36 # glibc of debian:12-slim
libc=$(getconf GNU_LIBC_VERSION 2> /dev/null | cut -d ' ' -f 2) || true
what=(build --workspace --locked --bins --examples)

starts_in_the_images() {
    [ -n "$libc" ] && [ "$(printf '%s\n' "$libc" "$image_libc" | sort --version-sort | tail -n 1)" = "$image_libc" ]
}

build_in_debian() {
    echo "containers: glibc here is ${libc:-another library}, newer than the images' $image_libc: COMPILING IN A CONTAINER of the" \
        "stage toolchain of infra/images/Dockerfile, into $target; 20 minutes on 2 cores the first time"
    docker build --file infra/images/Dockerfile --target toolchain --tag spanishgas-toolchain .
    mkdir -p "$target/cargo"
    # The toolchain of the image, not the `stable` of rust-toolchain.toml, which rustup would fetch each time.
    # shellcheck disable=SC2016 # expands in the container
    docker run --rm --user "$(id -u):$(id -g)" --workdir /build \
        --volume "$PWD:/build:ro" --volume "$target:/target" --env CARGO_TARGET_DIR=/target --env CARGO_HOME=/target/cargo \
        --env HOME=/tmp --env "SPANISHGAS_REVISION=$(git rev-parse --short=12 HEAD)" spanishgas-toolchain \
        sh -c 'RUSTUP_TOOLCHAIN=$(cd / && rustup default | cut -d " " -f 1) && export RUSTUP_TOOLCHAIN && exec cargo "$@"' \
        cargo "${what[@]}"
}

if starts_in_the_images || ! docker info > /dev/null 2>&1; then
    cargo "${what[@]}"
else
    target=$target/debian-12
    build_in_debian
fi
CARGO_TARGET_DIR=$target exec "$@"
