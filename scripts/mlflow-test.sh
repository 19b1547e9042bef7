#!/usr/bin/env bash
# Exports a run to a real MLflow tracking server, twice, and looks at what is there: one run with its figures, one model
# version, the alias champion.
set -euo pipefail

usage="usage: mlflow-test.sh SPANISHGAS MLFLOW PYTHON"
spanishgas=${1:?$usage}
mlflow=${2:?$usage}
python=${3:?$usage}
here=$(cd "$(dirname "$0")" && pwd)
scratch=$(mktemp --directory)
server=
stop() {
    [ -z "$server" ] || { kill "$server" 2> /dev/null && wait "$server" 2> /dev/null; } || true
    rm -rf "$scratch"
}
trap stop EXIT

port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
uri="http://127.0.0.1:$port"
echo "mlflow-test: a lake with one training run"
"$spanishgas" demo --lake "$scratch/lake" --customers 2000 --json > "$scratch/result.json"

echo "mlflow-test: a tracking server at $uri"
"$mlflow" server --host 127.0.0.1 --port "$port" --workers 1 --backend-store-uri "sqlite:///$scratch/mlflow.db" \
    --default-artifact-root "$scratch/artifacts" > "$scratch/mlflow.log" 2>&1 &
server=$!
for second in $(seq 120); do
    if python3 -c "import urllib.request; urllib.request.urlopen('$uri/health', timeout=2)" 2> /dev/null; then break; fi
    if [ "$second" = 120 ] || ! kill -0 "$server" 2> /dev/null; then
        echo "mlflow-test: the tracking server does not answer" >&2
        cat "$scratch/mlflow.log" >&2
        exit 1
    fi
    sleep 1
done

export SPANISHGAS_LAKE="$scratch/lake"
"$spanishgas" export mlflow latest --tracking-uri "$uri"
"$spanishgas" export mlflow latest --tracking-uri "$uri" --json > "$scratch/again.json"
"$spanishgas" export mlflow --champion --tracking-uri "$uri" --json > "$scratch/champion.json"
"$python" "$here/mlflow_test.py" "$uri" "$scratch/result.json" "$scratch/again.json" "$scratch/champion.json"
