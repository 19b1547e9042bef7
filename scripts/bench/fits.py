"""All fits of a training, TreeSHAP of every customer and their scores: ours, and Python's XGBoost with scikit-learn."""

import json
from pathlib import Path

import watched
from figures import Samples
from places import Places
from whole_run import LAKE

HERE = Path(__file__).parent


def measure(places: Places, customers: int, samples: Samples, cores: int) -> None:
    """Both on the gold table and by the settings of the model that the whole run left."""
    lake = places.lake(customers, LAKE)
    gold, model = _only(lake, "gold/gold_master/*/gold_master.parquet"), _only(lake, "models/*/metadata.json").parent
    ours = watched.run([places.bench("model"), gold], places.log("model"), places.environment())
    theirs = watched.run([places.peers(), HERE / "peer_xgboost.py", gold, model, cores], places.log("xgboost"), places.environment())
    for who, taken in (("ours", ours), ("Python", theirs)):
        *pieces, quality = (json.loads(line) for line in taken.stdout.splitlines())
        for piece in pieces:
            samples.add("fits", f"{who} {piece['name']}", seconds=piece["seconds"], cpu_seconds=piece["cpu_seconds"])
        samples.add("fits", who, peak_mb=taken.peak_mb.get("own"))
        samples.note(
            pr_auc_of={**samples.facts.get("pr_auc_of", {}), who: quality["pr_auc"]},
            versions={**samples.facts.get("versions", {}), **quality.get("versions", {})},
        )


def _only(lake: Path, pattern: str) -> Path:
    found = sorted(lake.glob(pattern))
    if len(found) != 1:
        raise watched.Failed(f"{lake} has {len(found)} of {pattern}: measure the part `whole` of this size first")
    return found[0]
