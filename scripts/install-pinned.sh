#!/usr/bin/env bash
# Installs pinned programs from PyPI into a venv of their own in one folder, without root, and links
# them in its bin/. Safe to run again; does nothing when all is in place.
set -euo pipefail

usage="usage: install-pinned.sh TOOLS_FOLDER NAME PACKAGE==VERSION:PROGRAM ..."
tools=${1:?$usage}
name=${2:?$usage}
shift 2
: "${1:?$usage}"
venv="$tools/$name-venv"
stamp="$tools/$name.txt"
wanted=$(printf '%s\n' "$@")
hashes=$(dirname "$0")/pinned-hashes.txt

complete() {
    [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$wanted" ] || return 1
    local pin
    for pin in "$@"; do
        [ -x "$tools/bin/${pin#*:}" ] || return 1
    done
}

# One line for pip: the pin with all its hashes; nothing for a package that has none.
with_hashes() { # pin
    local known
    known=$(grep "^${1%%==*}==" "$hashes") || return 0
    grep -q "^$1 " <<< "$known" || {
        echo "install-pinned: scripts/pinned-hashes.txt has ${1%%==*} in another version than $1: put its hashes there" >&2
        return 1
    }
    echo "$1 $(grep "^$1 " <<< "$known" | cut -d ' ' -f 2 | paste -s -d ' ' -)"
}

install() { # pin ...
    local pin line hashed=() others=()
    for pin in "$@"; do
        line=$(with_hashes "$pin")
        if [ -n "$line" ]; then hashed+=("$line"); else others+=("$pin"); fi
    done
    local pip=("$venv/bin/pip" install --quiet --disable-pip-version-check --only-binary :all:)
    [ ${#others[@]} -eq 0 ] || "${pip[@]}" "${others[@]}"
    [ ${#hashed[@]} -eq 0 ] || "${pip[@]}" --no-deps --require-hashes --requirement <(printf '%s\n' "${hashed[@]}")
}

complete "$@" && exit 0
echo "$name: installing ${*%:*} into $venv"
mkdir -p "$tools/bin"
# From nothing: a program of an older list must not stay.
python3 -m venv --clear "$venv"
install "${@%:*}"
for pin in "$@"; do
    # In the venv's bin/, or in that of the package.
    program=$(find "$venv" -path "*/bin/${pin#*:}" -perm -u+x -print -quit)
    [ -n "$program" ] || { echo "$name: ${pin%:*} has no program ${pin#*:}" >&2; exit 1; }
    ln -sfn "$program" "$tools/bin/${pin#*:}"
done
printf '%s\n' "$wanted" > "$stamp"
