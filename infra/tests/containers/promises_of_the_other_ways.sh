# shellcheck shell=bash
# What `docker compose up aws` and `docker compose up production` promise.
repository=${repository:?} work=${work:?} project=${project:?} compose=${compose:?}

the_other_images_are_built() {
    await "the images are built" 1200 test -e "$work/other-images.code"
    [ "$(cat "$work/other-images.code")" = 0 ] || { cat "$work/other-images.log"; fail "an image could not be built"; }
}

# As docs/containers.md has it for the first way, without a profile.
down_of_the_first_way_leaves_nothing() {
    compose down --volumes --timeout 30
    nothing_is_left
}

the_way_of_the_emulators_ends_in_a_promoted_model() {
    compose up --detach aws
    ends_well aws | tee "$work/aws-run"
    grep -q '^PROMOTED: ' "$work/aws-run"
    docker logs "$(container worker-aws)" 2>&1 | grep 'started a training job'
    [ -z "$(docker ps --quiet --filter "label=com.docker.compose.service=worker")" ] || fail "the other way's worker came up, too"
    # The same bits as in the first way: another place, the same model.
    [ "$(grep '^model ' "$work/aws-run")" = "$(grep '^model ' "$work/first-run")" ] || fail "another model than in the first way"
    compose --profile aws rm --stop --force --volumes aws worker-aws aws-set-up aws-data sagemaker moto ministack
}

the_way_of_production_speaks_tls_both_ways() {
    export POSTGRES_PASSWORD_FILE=$work/postgres_password
    (umask 022 && head -c 24 /dev/urandom | base64 > "$POSTGRES_PASSWORD_FILE")
    # A key in a file: what a lake in S3 would need.
    export AWS_CREDENTIALS_FILE=$work/aws_credentials
    (umask 022 && printf '[default]\naws_access_key_id = %s\n' KEYOFTHISTEST > "$AWS_CREDENTIALS_FILE")
    compose stop temporal
    compose up --detach production
    ends_well production
    [ -z "$(docker ps --quiet --filter "label=com.docker.compose.service=temporal")" ] || fail "the dev server came up, too"
    docker logs "$(container temporal-schema)" | grep 'update-schema -d /etc/temporal/schema/postgresql/v12/visibility/versioned'
    await "the UI is connected" 120 ui_is_connected
    # The namespace and all search attributes were there: the worker had none to add.
    docker logs "$(container worker-production)" 2>&1 | grep 'connected to Temporal.*namespace="churn"'
    if docker logs "$(container worker-production)" 2>&1 | grep 'registered search attributes'; then fail "namespace.sh forgot one"; fi
    # shellcheck disable=SC2016 # The quotes are those of the document.
    diff <(sed -n 's/^| `\(Churn[^`]*\)` | \([A-Za-z]*\) .*/\1=\2/p' "$repository/docs/reference/search-attributes.md" | sort) \
        <(grep -o 'Churn[A-Za-z]*=[A-Za-z]*' "$repository/infra/compose/temporal/namespace.sh" | sort)
    # Without a certificate, or trusting another authority, nobody gets in.
    asks_for_health true
    if asks_for_health 'unset TEMPORAL_TLS_CLIENT_CERT_PATH TEMPORAL_TLS_CLIENT_KEY_PATH'; then fail "let in without a certificate"; fi
    if asks_for_health 'TEMPORAL_TLS_SERVER_CA_CERT_PATH=/etc/ssl/certs/ca-certificates.crt'; then fail "any server is trusted"; fi
    # A worker reads its own key and no other; nobody reads the authority's.
    local worker
    worker=$(container worker-production)
    docker exec "$worker" cat /tls/worker.key > /dev/null
    if docker exec "$worker" cat /tls/server.key > /dev/null; then fail "the worker reads the server's key"; fi
    # Made once: a second start makes no others.
    compose run --rm --no-deps certificates | tee "$work/certificates"
    [ "$(grep -c 'is good until' "$work/certificates")" = 4 ]
    if grep RENEWED "$work/certificates"; then fail "a second start makes others"; fi
    # No secret where it can be read.
    if docker inspect "$(container postgres)" "$(container temporal-server)" | grep -F "$(cat "$POSTGRES_PASSWORD_FILE")"; then fail "the password is in the environment"; fi
    docker exec "$worker" sh -c 'grep KEYOFTHISTEST "$AWS_SHARED_CREDENTIALS_FILE"'
    if docker inspect "$worker" | grep KEYOFTHISTEST; then fail "the key is in the environment"; fi
}

# Each command as docs/containers.md says it, from raw files in a folder to an alert.
the_operator_of_production_gets_to_the_nightly_run_and_its_alert() {
    export POSTGRES_PASSWORD_FILE=$work/postgres_password AWS_CREDENTIALS_FILE=$work/aws_credentials
    mkdir "$work/incoming"
    chmod 0755 "$work/incoming"
    echo customer_id > "$work/incoming/churn_label.csv"
    compose run --rm --no-deps --volume "$work/incoming:/incoming:ro" --entrypoint cp production -rv /incoming/. /data/raw/
    docker exec "$(container worker-production)" grep customer_id /data/raw/churn_label.csv
    temporal_here schedule create --schedule-id nightly-retrain --cron '0 2 * * *' --time-zone Europe/Madrid \
        --overlap-policy Skip --catchup-window 12h --type ChurnPipeline --task-queue spanishgas --workflow-id nightly-retrain \
        --input '{"mode":"train","require_approval":true}' --execution-timeout 7d
    temporal_here schedule trigger --schedule-id nightly-retrain
    # The raw files are not all there: the run fails at once, and people hear of it.
    await "the nightly run has failed" 120 nightly_run_has_failed
    local run
    run=$(temporal_here workflow list --query 'ExecutionStatus = "Failed"' --output json \
        | python3 -c 'import json, sys; print(json.load(sys.stdin)[0]["execution"]["workflowId"])')
    [[ $run = nightly-retrain-* ]] || fail "another run has failed: $run"
    temporal_here workflow query --workflow-id "$run" --type progress | grep stage
    # It is not waiting for anybody; that it is asked at all is what counts.
    temporal_here workflow update execute --workflow-id "$run" --name approve --input '{"by":"ana","comment":"checked the card"}' \
        > "$work/approve.log" 2>&1 && fail "a run that has ended took an approval"
    grep -i 'completed' "$work/approve.log"
    docker exec "$(container worker-production)" sh -c 'tail -n +1 /data/monitoring/alerts/*.json' | tee "$work/alerts"
    grep run_failed "$work/alerts" && grep SG0001 "$work/alerts"
}

nightly_run_has_failed() {
    [ "$(temporal_here workflow count --query 'ExecutionStatus = "Failed"' | grep -c ': 1$')" = 1 ]
}

# As docs/containers.md has it; the address besides, because a name server without a way out makes the CLI stall.
temporal_here() {
    local address
    address=$(docker inspect --format "{{(index .NetworkSettings.Networks \"${project}_default\").IPAddress}}" "$(container temporal-server)")
    compose run --rm --no-deps -T --env "TEMPORAL_ADDRESS=$address:7233" --entrypoint temporal temporal-namespace "$@"
}

ui_is_connected() {
    docker logs "$(container temporal-ui)" 2>&1 | grep -q 'both certificates are good'
}

# In the worker's container, where a worker does ask: only the connection decides.
asks_for_health() { # what to do before
    docker exec "$(container worker-production)" sh -c "$1; exec spanishgas health worker"
}

# And the rest of the operator's page: a nightly run that finds its raw files waits for a person, and then promotes.
a_nightly_run_of_production_is_approved_and_promotes_its_model() {
    export POSTGRES_PASSWORD_FILE=$work/postgres_password AWS_CREDENTIALS_FILE=$work/aws_credentials
    local incoming=$work/raw-files run
    mkdir "$incoming"
    chmod 0777 "$incoming"
    # shellcheck disable=SC2154 # Of promises_of_the_image.sh.
    docker run "${hardened[@]}" --network none --volume "$incoming:/out" "$SPANISHGAS_IMAGE" generate-data --customers 2000 --seed 42 --out /out/raw
    compose run --rm --no-deps --volume "$incoming/raw:/incoming:ro" --entrypoint cp production -rv /incoming/. /data/raw/
    temporal_here schedule trigger --schedule-id nightly-retrain
    await "the nightly run asks for approval" 300 somebody_is_asked
    run=$(workflows_that_are Running)
    [[ $run = nightly-retrain-* ]] || fail "another run is at work: $run"
    temporal_here workflow update execute --workflow-id "$run" --name approve --input '{"by":"ana","comment":"checked the card"}'
    temporal_here workflow result --workflow-id "$run" | tee "$work/nightly-result"
    grep '"outcome": *"promoted"' "$work/nightly-result"
    docker exec "$(container worker-production)" sh -c 'cat /data/monitoring/alerts/*.json' | grep model_promoted
    # In the operator's shell the same question has its answer; the model is that of the first way.
    compose run --rm production run --mode train | tee "$work/production-run"
    [ "$(grep '^model ' "$work/production-run")" = "$(grep '^model ' "$work/first-run")" ] || fail "another model than in the first way"
}

somebody_is_asked() {
    docker exec "$(container worker-production)" sh -c 'cat /data/monitoring/alerts/*.json' | grep approval_requested
}

workflows_that_are() { # status
    temporal_here workflow list --query "ExecutionStatus = '$1'" --output json \
        | python3 -c 'import json, sys; print(*(run["execution"]["workflowId"] for run in json.load(sys.stdin)))'
}

# The line for cron, in the last month of all certificates.
certificates_of_production_are_renewed_while_it_runs() {
    export POSTGRES_PASSWORD_FILE=$work/postgres_password AWS_CREDENTIALS_FILE=$work/aws_credentials
    local worker started
    worker=$(container worker-production)
    compose run --rm --no-deps -T --entrypoint sh certificates -c '
        sed "s/^days=397$/days=29/" /compose/certificates.sh > /scratch/of-29-days.sh
        rm /tls/*.pem /tls/*.key
        ! sh /scratch/of-29-days.sh /authority /tls'
    compose restart temporal-server worker-production
    await "the worker has the certificates of 29 days" 180 is_healthy "$worker"
    started=$(docker inspect --format '{{.State.StartedAt}}' "$worker")
    the_server_shows_its_file_for 29
    COMPOSE="$compose --project-directory $repository --file $repository/docker-compose.yml --env-file /dev/null" \
        "$repository/infra/compose/renew-certificates.sh" | tee "$work/renewed"
    [ "$(grep -c 'RENEWED [sow]' "$work/renewed")" = 3 ] || fail "not all three were renewed"
    if grep 'RENEWED the authority' "$work/renewed"; then fail "the authority was good for years"; fi
    [ "$(docker inspect --format '{{.State.StartedAt}}' "$worker")" != "$started" ] || fail "the worker still has the old one"
    await "the worker is healthy again" 180 is_healthy "$worker"
    the_server_shows_its_file_for 397
    # The server has kept what it knows, and a second call restarts nobody.
    temporal_here workflow list | grep nightly-retrain
    started=$(docker inspect --format '{{.State.StartedAt}}' "$worker")
    COMPOSE="$compose --project-directory $repository --file $repository/docker-compose.yml --env-file /dev/null" \
        "$repository/infra/compose/renew-certificates.sh"
    [ "$(docker inspect --format '{{.State.StartedAt}}' "$worker")" = "$started" ] || fail "what was not renewed was restarted"
}

is_healthy() { # container
    [ "$(docker inspect --format '{{.State.Health.Status}}' "$1")" = healthy ]
}

# What is read is what is used: by the server's serial number, and by its days.
the_server_shows_its_file_for() { # days
    docker exec "$(container worker-production)" sh -euc '
        shown=$(openssl s_client -connect temporal-server:7233 -CAfile /tls/ca.pem -cert /tls/worker.pem -key /tls/worker.key < /dev/null 2> /dev/null | openssl x509 -noout -serial)
        [ "$shown" = "$(openssl x509 -in /tls/server.pem -noout -serial)" ]
        openssl x509 -in /tls/server.pem -noout -checkend $((($1 - 1) * 86400))
        ! openssl x509 -in /tls/server.pem -noout -checkend $((($1 + 1) * 86400))' sh "$1" || fail "the server shows another certificate"
}

# As docs/containers.md has it; the database's part is not played here.
the_lake_of_production_is_packed_and_comes_back() {
    export POSTGRES_PASSWORD_FILE=$work/postgres_password AWS_CREDENTIALS_FILE=$work/aws_credentials
    compose stop worker-production temporal-server
    compose run --rm --no-deps -T --entrypoint tar production -cz -C /data . > "$work/lake.tgz"
    digests_of_the_lake > "$work/lake-before"
    grep /data/models/champion.json "$work/lake-before"
    compose run --rm --no-deps -T --entrypoint find production /data -mindepth 1 -delete
    [ -z "$(digests_of_the_lake)" ] || fail "the lake is not empty"
    compose run --rm --no-deps -T --entrypoint tar production -xz -C /data < "$work/lake.tgz"
    digests_of_the_lake | diff "$work/lake-before" -
    compose up --detach production
    ends_well production
    await "the worker is healthy" 180 is_healthy "$(container worker-production)"
}

digests_of_the_lake() {
    compose run --rm --no-deps -T --entrypoint sh production -c 'find /data -type f -exec sha256sum {} + | sort'
}

down_leaves_nothing() {
    compose --profile aws --profile production --profile observe down --volumes --timeout 30
    nothing_is_left
}

nothing_is_left() {
    local left
    left=$(what_is_there | sort | comm -13 "$work/before" -)
    [ -z "$left" ] || { docker volume ls; docker ps --all; docker network ls; fail "left behind: $left"; }
}
