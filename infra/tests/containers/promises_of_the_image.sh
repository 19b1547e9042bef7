# shellcheck shell=bash
# What the image promises by itself, without the compose file.
repository=${repository:?} here=${here:?} work=${work:?} tools=${tools:?} compose=${compose:?}
hardened=(--rm --read-only --cap-drop ALL --security-opt no-new-privileges)

every_shipped_file_is_valid() {
    local way
    for way in "" aws observe production "aws,observe,production"; do
        COMPOSE_PROFILES=$way compose config --quiet || fail "docker-compose.yml, profiles '$way'"
    done
    # All ways at once, so that they do not fight for a port either.
    env -u SPANISHGAS_IMAGE -u HARNESS_IMAGE -u EMULATORS_IMAGE COMPOSE_PROFILES=aws,observe,production \
        "$compose" --project-directory "$repository" --env-file /dev/null config --format json \
        | python3 "$here/check_config.py" "$repository/.env.example"
    local dockerfiles=("$repository/infra/images/Dockerfile" "$repository/infra/images/emulators/Dockerfile")
    "$tools/bin/hadolint" --no-color "${dockerfiles[@]}"
    "$tools/bin/trivy" config --quiet --exit-code 1 --skip-check-update --skip-version-check --disable-telemetry \
        "$repository/infra/images"
}

# Without what this test has set for itself.
as_configured() { # .env file, more variables
    local file=$1
    shift
    env -u CUSTOMERS -u AWS_CUSTOMERS -u SETTINGS -u PRODUCTION_ENV_FILE -u SPANISHGAS_IMAGE -u HARNESS_IMAGE \
        -u EMULATORS_IMAGE -u TEMPORAL_PORT -u TEMPORAL_UI_PORT -u PRODUCTION_TEMPORAL_PORT -u PRODUCTION_UI_PORT "$@" \
        COMPOSE_PROFILES=aws,observe,production "$compose" --project-directory "$repository" --env-file "$file" config --format json
}

the_example_of_settings_says_the_defaults_and_the_quick_look() {
    local example=$repository/.env.example document=$repository/docs/containers.md
    diff <(as_configured /dev/null) <(as_configured "$example") || fail "a line of .env.example does not show the default"
    sed 's/^#\(CUSTOMERS=\|SETTINGS=\)/\1/' "$example" > "$work/quick-look.env"
    as_configured "$work/quick-look.env" | is_a_quick_look || fail "uncommenting both lines of .env.example does not do it"
    local words
    words=$(sed -n 's/^\(CUSTOMERS=.*\) docker compose up .*/\1/p' "$document")
    # shellcheck disable=SC2086 # Two variables of a command line.
    as_configured /dev/null ${words:?no quick look in $document} | is_a_quick_look || fail "the command of $document does not do it"
    # And neither does it by itself.
    if as_configured /dev/null | is_a_quick_look; then fail "the full size is not the default"; fi
}

is_a_quick_look() {
    python3 -c '
import json, sys
services = json.load(sys.stdin)["services"]
customers = {services["first-run"]["environment"]["CUSTOMERS"], services["data"]["command"][5]}
folders = {mount["source"] for name in ("worker", "first-run") for mount in services[name]["volumes"] if mount["target"] == "/etc/spanishgas"}
print(customers, folders)
sys.exit(customers != {"2000"} or not all(folder.endswith("/infra/compose/settings/small") for folder in folders))'
}

# One run as the service does it, with certificates that end sooner than those of a year would.
certificates_are_renewed_in_time_or_the_failure_is_loud() {
    docker run "${hardened[@]}" --network none --user 0:0 --cap-add CHOWN --tmpfs /authority --tmpfs /tls --tmpfs /scratch --entrypoint /bin/sh \
        --volume "$repository/infra/compose/certificates.sh:/compose/certificates.sh:ro" \
        --volume "$here/certificates_of_other_days.sh:/test.sh:ro" "$SPANISHGAS_IMAGE" /test.sh
}

the_image_holds_what_it_says_and_runs_as_nobody() {
    local version revision sbom from to
    from=$(date +%s%N)
    version=$(docker run "${hardened[@]}" --network none "$SPANISHGAS_IMAGE" --version)
    to=$(date +%s%N)
    revision=$(label "$SPANISHGAS_IMAGE" org.opencontainers.image.revision)
    [ "$version" = "spanishgas $revision" ] || fail "label says $revision, program says $version"
    sbom=$(label "$SPANISHGAS_IMAGE" com.spanishgas.sbom)
    [ "$sbom" = "spanishgas-$revision.cdx.json" ] || fail "the label names another SBOM: $sbom"
    sbom=$(label "$HARNESS_IMAGE" com.spanishgas.sbom)
    [ "$sbom" = none ] || fail "the label names an SBOM that was not at hand: $sbom"
    [ "$(in_image id --user)" = 10001 ] || fail "the user is $(in_image id)"
    in_image sh -c 'touch /scratch/x && mktemp' | grep -q '^/scratch/' || fail "temporary files do not go to /scratch"
    docker run --rm --network none --entrypoint touch "$SPANISHGAS_IMAGE" /opt/ml/x /data/x || fail "/opt/ml or /data is not the user's"
    if in_image touch /usr/local/bin/x; then fail "the root file system can be written to"; fi
    if docker run --rm --network none --entrypoint touch "$SPANISHGAS_IMAGE" /usr/local/bin/spanishgas; then fail "the user may replace the program"; fi
    local size
    size=$(docker image inspect --format '{{.Size}}' "$SPANISHGAS_IMAGE")
    figure "size $((size / 1000000)) MB with a debug binary; 'docker run ... --version' in $(((to - from) / 1000000)) ms"
}

label() { # image, name
    docker inspect --format "{{index .Config.Labels \"$2\"}}" "$1"
}

in_image() { # command
    local program=$1
    shift
    docker run "${hardened[@]}" --network none --entrypoint "$program" "$SPANISHGAS_IMAGE" "$@"
}

# As SageMaker starts it: folders below /opt/ml, nothing else. Prepared by the first run, whose gold table it takes.
a_training_container_needs_no_network_no_root_and_no_writable_root() {
    lay_out_job "$work/job"
    train "$work/job" || fail "the job ended with code $?"
    local version
    version=$(python3 -c 'import json, sys; print(json.load(open(sys.argv[1]))["version"])' "$work/job/model/metadata.json")
    docker exec "$(container worker)" test -d "/data/models/$version" || fail "$version is not the pipeline's own model"
    [ ! -e "$work/job/output/failure" ] || fail "there is a failure file"
    # And one that cannot train says why.
    lay_out_job "$work/bad-job"
    rm "$work/bad-job/input/data/gold/gold_master.parquet"
    local code=0
    train "$work/bad-job" || code=$?
    [ "$code" = 1 ] || fail "a job without data ended with code $code"
    grep -q "holds 0 files" "$work/bad-job/output/failure"
}

# Whom SageMaker's folders belong to is its decision: here root's, with the mode that root's folders have.
lay_out_job_of_root() { # folder
    lay_out_job "$1"
    mkdir -p "$1/model" "$1/output"
    docker run --rm --network none --user 0:0 --volume "$1:/job" --entrypoint sh "$SPANISHGAS_IMAGE" \
        -c 'chown -R 0:0 /job && chmod -R u=rwX,go=rX /job'
}

a_training_container_that_may_not_write_says_so_before_it_trains() {
    local job=$work/job-of-root code=0
    lay_out_job_of_root "$job"
    train "$job" > "$work/train-of-root.log" 2>&1 || code=$?
    grep -v '^progress' "$work/train-of-root.log"
    [ "$code" = 1 ] || fail "the job ended with code $code"
    grep '/opt/ml/model is not writable for user 10001 .* it belongs to user 0, mode 0755' "$work/train-of-root.log" > /dev/null
    if grep rounds_done "$work/train-of-root.log"; then fail "it has trained before it looked"; fi
}

# The way out, then: with the rights that root has in a container by default.
the_training_target_writes_where_only_root_may() {
    local job=$work/another-job-of-root
    lay_out_job_of_root "$job"
    docker run --rm --network none --read-only --volume "$job:/opt/ml" "$TRAINING_IMAGE" train > /dev/null \
        || fail "the target prebuilt-training ended with code $?"
    (cd "$work/job/model" && sha256sum -- *) | (cd "$job/model" && sha256sum --check --strict)
}

lay_out_job() { # folder
    local gold
    mkdir -p "$1"/input/config "$1"/input/data/gold "$1"/input/data/config
    gold=$(docker exec "$(container worker)" sh -c 'ls -t /data/gold/gold_master/*/gold_master.parquet | tail -n 1')
    docker cp "$(container worker):$gold" "$1/input/data/gold/gold_master.parquet"
    cp "$repository/configs/feature_tiers.yaml" "$1/input/data/config/"
    echo '{"experiment": "E5_full"}' > "$1/input/config/hyperparameters.json"
    chown -R 10001:10001 "$1" 2> /dev/null || chmod -R a+rwX "$1"
}

train() { # folder, more options of docker run
    local job=$1
    shift
    docker run "${hardened[@]}" --network none --volume "$job:/opt/ml" "$@" "$SPANISHGAS_IMAGE" train
}

# Fourteen hours before Greenwich: the date is another one for most of the day.
the_time_zone_changes_no_byte_of_a_model() {
    [ "$(docker run --rm --network none --env TZ=KIR-14 --entrypoint date "$SPANISHGAS_IMAGE" +%z)" = +1400 ] || fail "TZ is not heard"
    lay_out_job "$work/far-job"
    train "$work/far-job" --env TZ=KIR-14
    (cd "$work/job/model" && sha256sum -- *) | (cd "$work/far-job/model" && sha256sum --check --strict)
    local far=$work/far-raw near=$work/near-raw folder
    mkdir "$far" "$near"
    chmod 0777 "$far" "$near"
    invent "$near"
    invent "$far" --env TZ=KIR-14
    for folder in "$near" "$far"; do rm "$folder"/raw/_generated.json; done
    diff --recursive "$near" "$far"
}

invent() { # folder, more options of docker run
    local folder=$1
    shift
    docker run "${hardened[@]}" --network none --volume "$folder:/out" "$@" "$SPANISHGAS_IMAGE" \
        generate-data --customers 50 --out /out/raw
}
