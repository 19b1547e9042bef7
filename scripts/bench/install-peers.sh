#!/usr/bin/env bash
# Installs DuckDB, Polars, scikit-learn and XGBoost from PyPI, which `make bench` measures ours against, into a venv in one
# folder, without root. Every file has its hash in peers.txt. Safe to run again; does nothing when all is in place.
set -euo pipefail

tools=${1:?usage: install-peers.sh TOOLS_FOLDER}
here=$(cd "$(dirname "$0")" && pwd)
venv="$tools/bench-venv"
stamp="$tools/bench.txt"
wanted=$(cat "$here/peers.txt")

[ -f "$stamp" ] && [ "$(cat "$stamp")" = "$wanted" ] && [ -x "$venv/bin/python" ] && exit 0
echo "bench-peers: installing DuckDB, Polars, scikit-learn and XGBoost into $venv (570 MB)"
mkdir -p "$tools"
# From nothing: a package of an older list must not stay.
python3 -m venv --clear "$venv"
"$venv/bin/pip" install --quiet --disable-pip-version-check --only-binary :all: --no-deps --require-hashes --requirement "$here/peers.txt"
printf '%s\n' "$wanted" > "$stamp"
