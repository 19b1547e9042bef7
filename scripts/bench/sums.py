"""The twelve monthly sums of the readings: ours, DuckDB's, Polars', and merely decoding the four columns."""

import json

import watched
from figures import Samples
from pathlib import Path
from places import Places
from whole_run import LAKE

HERE = Path(__file__).parent
PEERS = {"DuckDB": "peer_duckdb.py", "Polars": "peer_polars.py"}


def measure(places: Places, customers: int, samples: Samples, cores: int) -> None:
    """Ours and the raw scan, on all cores."""
    taken = watched.run([places.bench("hourly"), places.readings(customers), cores], places.log("hourly"), places.environment())
    for line in taken.stdout.splitlines():
        piece = json.loads(line)
        what = piece["name"].removesuffix(f" on {cores}")
        samples.add("sums", what, seconds=piece["seconds"], cpu_seconds=piece["cpu_seconds"], peak_mb=piece["peak_mb"])


def measure_peers(places: Places, customers: int, samples: Samples, cores: int) -> None:
    """The same by others, each in a process of its own; the first time their sums are held against ours."""
    ours = sorted(places.lake(customers, LAKE).glob("bronze/bronze_customer_month/*/bronze_customer_month.parquet"))
    for name, script in PEERS.items():
        theirs = places.work / f"sums-{name}.parquet"
        command = [places.peers(), HERE / script, places.readings(customers), cores, theirs]
        taken = watched.run(command, places.log(script), places.environment())
        told = json.loads(taken.stdout)
        samples.add("sums", name, seconds=told["seconds"], cpu_seconds=told["cpu_seconds"], peak_mb=taken.peak_mb.get("own"))
        versions = {**samples.facts.get("versions", {}), name: told["version"]}
        differences = samples.facts.get("sums_differ_by", {})
        if ours and name not in differences:
            compared = watched.run([places.peers(), HERE / "compare_sums.py", ours[-1], theirs], places.log("compare"))
            differences = {**differences, name: json.loads(compared.stdout)["largest"]}
        samples.note(versions=versions, sums_differ_by=differences)
