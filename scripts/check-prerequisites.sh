#!/usr/bin/env bash
# Names everything that is missing on this machine and cannot be installed without root, at once,
# with the command that installs it.
set -euo pipefail

rust_wanted=1.95
packages=()
problems=()

need() { # command, Debian package
    command -v "$1" > /dev/null || { problems+=("$1 is missing"); packages+=("$2"); }
}

need git git
need make make
need tar tar
need gcc gcc
need g++ g++
need python3 "python3 python3-venv"
if command -v python3 > /dev/null && ! python3 -c 'import venv, ensurepip' 2> /dev/null; then
    problems+=("python3 has no venv module")
    packages+=(python3-venv)
fi

rust_advice=""
if ! command -v cargo > /dev/null; then
    problems+=("cargo (Rust $rust_wanted or newer) is missing")
    rust_advice="curl --proto '=https' --tlsv1.2 -sSf https://sh.rustup.rs | sh"
else
    rust_found=$(rustc --version | cut -d ' ' -f 2)
    if [ "$(printf '%s\n' "$rust_wanted" "$rust_found" | sort --version-sort | head -n 1)" != "$rust_wanted" ]; then
        problems+=("Rust $rust_wanted or newer is needed, this is $rust_found")
        rust_advice="rustup update stable"
    fi
fi

[ ${#problems[@]} -eq 0 ] && exit 0

echo "this machine lacks:" >&2
printf '  - %s\n' "${problems[@]}" >&2
echo "install with:" >&2
[ ${#packages[@]} -eq 0 ] || echo "  sudo apt-get update && sudo apt-get install -y ${packages[*]}" >&2
[ -z "$rust_advice" ] || echo "  $rust_advice" >&2
exit 1
