# shellcheck shell=bash
# The compose file as it is shipped, under a name and on ports of this test, and with nobody's .env.
repository=${repository:?} here=${here:?} work=${work:?} tools=${tools:?}
compose=${COMPOSE:-$tools/bin/docker-compose}
project=spanishgas-test
# What a lake is prepared with once and what runs are judged by: a quick look, as .env.example says it.
export CUSTOMERS=2000 AWS_CUSTOMERS=2000 SETTINGS=$repository/infra/compose/settings/small
# Nor anybody's own variables.
export PRODUCTION_ENV_FILE=/dev/null
export COMPOSE_PROJECT_NAME=$project COMPOSE_PROGRESS=quiet DOCKER_BUILDKIT=0
unset COMPOSE_PROFILES COMPOSE_FILE
read -r TEMPORAL_PORT TEMPORAL_UI_PORT PRODUCTION_TEMPORAL_PORT PRODUCTION_UI_PORT DASHBOARD_PORT < <(python3 -c '
import socket
sockets = [socket.socket() for _ in range(5)]
for one in sockets: one.bind(("127.0.0.1", 0))
print(*(one.getsockname()[1] for one in sockets))')
export TEMPORAL_PORT TEMPORAL_UI_PORT PRODUCTION_TEMPORAL_PORT PRODUCTION_UI_PORT DASHBOARD_PORT

compose() {
    "$compose" --project-directory "$repository" --file "$repository/docker-compose.yml" --env-file /dev/null "$@"
}

# Of any way: compose itself looks only at those that are chosen.
container() { # service, number
    docker ps --all --quiet --filter "label=com.docker.compose.project=$project" \
        --filter "label=com.docker.compose.service=$1" --filter "label=com.docker.compose.container-number=${2:-1}"
}

# Waits until a one-shot service has ended, says what it said, and passes when it ended well.
ends_well() { # service
    local code
    code=$(timeout 900 docker wait "$(container "$1")")
    docker logs "$(container "$1")"
    [ "$code" = 0 ] || fail "service $1 ended with code $code"
}

# The Temporal CLI in the server's container.
temporal_cli() {
    docker exec "$(container temporal)" temporal "$@"
}

take_down() {
    docker rm --force --volumes "$project-checked"
    compose --profile aws --profile production --profile observe down --volumes --remove-orphans --timeout 30
}

# Containers, volumes (those without a name, too) and networks of this engine.
what_is_there() {
    docker ps --all --quiet --no-trunc
    docker volume ls --quiet
    docker network ls --quiet --no-trunc
}

count_what_is_there() {
    what_is_there | sort > "$work/before"
}
