#!/usr/bin/env bash
# Installs the pinned AWS emulators of the tests from PyPI into one folder, without root: moto and
# ministack, each in a venv of its own because they want different versions of the same packages.
# Safe to run again; does nothing when all is in place. Only `make test` needs them.
set -euo pipefail

tools=${1:?usage: install-emulators.sh TOOLS_FOLDER}
here=$(cd "$(dirname "$0")" && pwd)
stamp="$tools/emulators.txt"
wanted=$(cat "$here/emulators-moto.txt" "$here/emulators-ministack.txt")

if [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$wanted" ] && [ -x "$tools/bin/moto_server" ] && [ -x "$tools/bin/ministack" ]; then
    exit 0
fi

if ! python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))'; then
    echo "emulators: the pinned versions need Python 3.11 or newer, this is $(python3 --version)" >&2
    exit 1
fi

install() { # name, program
    echo "emulators: installing $1 into $tools/$1-venv"
    # From nothing: a package of an older list must not stay.
    python3 -m venv --clear "$tools/$1-venv"
    "$tools/$1-venv/bin/pip" install --quiet --disable-pip-version-check -r "$here/emulators-$1.txt"
    ln -sfn "$tools/$1-venv/bin/$2" "$tools/bin/$2"
}

mkdir -p "$tools/bin"
install moto moto_server
install ministack ministack
printf '%s\n' "$wanted" > "$stamp"
