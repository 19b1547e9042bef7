# shellcheck shell=bash
# A Docker engine: the one at hand, or one of our own for the time of the test.
work=${work:?}
own_engine=""
export build_options=()

find_engine() {
    if command -v docker > /dev/null && docker info > /dev/null 2>&1; then
        echo "engine: the one at hand, ${DOCKER_HOST:-of the default context}"
        # One without rules of its own in the firewall has no way out from its default network.
        [ -z "${CONTAINERS_BUILD_NETWORK:-}" ] || build_options=(--network "$CONTAINERS_BUILD_NETWORK")
        return
    fi
    [ "$(id -u)" = 0 ] || did_not_run "no Docker engine is at hand, and only root may start one"
    is_debian || did_not_run "no Docker engine is at hand, and this is not Debian 12, where one could be installed"
    install_engine || did_not_run "no Docker engine is at hand, and docker.io could not be installed ($work/apt.log)"
    start_engine overlay2 || start_engine vfs || did_not_run "dockerd does not start: $(tail -n 1 "$own_engine/log")"
    build_options=(--network host)
    echo "engine: our own, $(dockerd --version), until the end of the test"
}

is_debian() {
    # shellcheck disable=SC1091
    (. /etc/os-release && [ "$ID" = debian ] && [ "$VERSION_CODENAME" = bookworm ])
}

install_engine() {
    command -v dockerd > /dev/null && command -v debootstrap > /dev/null && return
    echo "engine: installing docker.io and debootstrap"
    local install=(apt-get install --yes --no-install-recommends docker.io debootstrap)
    export DEBIAN_FRONTEND=noninteractive
    # The lists of packages may be old, or not there at all.
    "${install[@]}" > "$work/apt.log" 2>&1 || { apt-get update && "${install[@]}"; } >> "$work/apt.log" 2>&1
}

start_engine() { # storage driver
    own_engine=$work/engine-$1
    mkdir -p "$own_engine"
    # No rules in the firewall and no bridge on a machine that is not ours: containers have no way out, and need none.
    setsid dockerd --data-root "$own_engine/data" --exec-root "$own_engine/exec" --pidfile "$own_engine/pid" \
        --host "unix://$own_engine/socket" --iptables=false --bridge=none --storage-driver="$1" > "$own_engine/log" 2>&1 &
    export DOCKER_HOST=unix://$own_engine/socket
    local until=$((SECONDS + 30))
    until docker info > /dev/null 2>&1; do
        kill -0 $! 2> /dev/null && [ "$SECONDS" -lt "$until" ] || { stop_engine; return 1; }
        sleep 0.2
    done
}

stop_engine() {
    [ -n "$own_engine" ] && [ -f "$own_engine/pid" ] || return 0
    local pid
    pid=$(cat "$own_engine/pid")
    kill "$pid"
    while kill -0 "$pid" 2> /dev/null; do sleep 0.2; done
    # It leaves this one mounted.
    umount "$own_engine/exec/netns/default"
}
