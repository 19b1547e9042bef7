# shellcheck shell=bash
# Shared by up, down and status: background processes with a pid file and a log in STATE.
# A pid file holds the process id and its start time, so a recycled id is never mistaken for ours.

started_at() { # pid -> kernel start time, nothing when there is no such process or it has ended
    # The name in the second field may hold spaces; after it, field 1 is the state, field 20 the start.
    local fields
    read -r -a fields <<< "$(sed 's/^.*) //' "/proc/$1/stat" 2> /dev/null)"
    [ "${fields[0]:-Z}" = Z ] || echo "${fields[19]}"
}

running_pid() { # name -> its pid when it runs, else fails
    local pid start
    read -r pid start 2> /dev/null < "$STATE/$1.pid" || return 1
    [ -n "$start" ] && [ "$(started_at "$pid")" = "$start" ] && echo "$pid"
}

start_in_background() { # name, command ...
    local name=$1
    shift
    # A session of its own: closing the terminal does not stop it.
    setsid "$@" < /dev/null > "$STATE/$name.log" 2>&1 &
    local pid=$!
    echo "$pid $(started_at "$pid")" > "$STATE/$name.pid"
}

stop_in_background() { # name, seconds to wait
    local pid
    if ! pid=$(running_pid "$1"); then
        rm -f "$STATE/$1.pid"
        return 0
    fi
    kill -TERM "$pid"
    for _ in $(seq $(($2 * 10))); do
        if ! running_pid "$1" > /dev/null; then
            rm -f "$STATE/$1.pid"
            echo "$1 stopped"
            return 0
        fi
        sleep 0.1
    done
    kill -KILL "$pid" 2> /dev/null || true
    rm -f "$STATE/$1.pid"
    echo "$1 did not stop within $2 s and was killed; see $STATE/$1.log"
}

fail_with_log() { # name, message
    echo "$2; the end of $STATE/$1.log:" >&2
    tail -n 20 "$STATE/$1.log" >&2
    exit 1
}
