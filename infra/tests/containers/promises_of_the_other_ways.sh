# shellcheck shell=bash
# What `docker compose up aws` and `docker compose up production` promise.
repository=${repository:?} work=${work:?}

the_other_images_are_built() {
    await "the images are built" 600 test -e "$work/other-images.code"
    [ "$(cat "$work/other-images.code")" = 0 ] || { cat "$work/other-images.log"; fail "an image could not be built"; }
}

the_way_of_the_emulators_ends_in_a_promoted_model() {
    compose stop worker
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
    compose stop temporal
    compose up --detach production
    ends_well production
    [ -z "$(docker ps --quiet --filter "label=com.docker.compose.service=temporal")" ] || fail "the dev server came up, too"
    docker logs "$(container temporal-schema)" | grep 'update-schema -d /etc/temporal/schema/postgresql/v12/visibility/versioned'
    await "the UI is connected" 30 ui_is_connected
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
    [ "$(grep -c 'is good for another month' "$work/certificates")" = 3 ]
    # No secret where it can be read.
    if docker inspect "$(container postgres)" "$(container temporal-server)" | grep -F "$(cat "$POSTGRES_PASSWORD_FILE")"; then fail "the password is in the environment"; fi
}

ui_is_connected() {
    docker logs "$(container temporal-ui)" 2>&1 | grep -q 'both certificates are good'
}

# In the worker's container, where a worker does ask: only the connection decides.
asks_for_health() { # what to do before
    docker exec "$(container worker-production)" sh -c "$1; exec spanishgas health worker"
}

down_leaves_nothing() {
    compose --profile aws --profile production down --volumes --timeout 30
    local left
    left=$(what_is_there | sort | comm -13 "$work/before" -)
    [ -z "$left" ] || { docker volume ls; docker ps --all; docker network ls; fail "left behind: $left"; }
}
