"""A whole run as users start it: `spanishgas demo` on raw files that are there, then the same again on unchanged data."""

import json
from datetime import datetime
from pathlib import Path

import watched
from figures import Samples
from places import Places, floor

LAKE = "whole"


def measure(places: Places, customers: int, samples: Samples) -> None:
    """A first run in an empty lake, then the same question once more."""
    lake = places.fresh_lake(customers, LAKE)
    first, result = _demo(places, customers, lake)
    _require_scores(result)
    for stage in result["stages"]:
        samples.add("whole", stage["name"], seconds=stage["seconds"])
    samples.add("whole", "run", seconds=run_seconds(lake, result["run_id"]))
    _note(samples, "whole", first)
    again, _ = _demo(places, customers, lake)
    _note(samples, "again", again)
    samples.note(
        rows={stage["name"]: stage["rows"] for stage in result["stages"]},
        model=result["model"]["version"],
        pr_auc=result["model"]["metrics"]["pr_auc"],
    )


def _demo(places: Places, customers: int, lake: Path) -> tuple[watched.Taken, dict]:
    command = [places.program, "demo", "--no-generate", "--lake", lake, "--json"]
    lowered = floor(customers)
    command += ["--pr-auc-floor", lowered] if lowered else []
    taken = watched.run(command, places.log("demo"), places.environment(), role)
    return taken, json.loads(taken.stdout)


def role(words: list[str]) -> str | None:
    """The processes that a demo starts."""
    if "start-dev" in words and Path(words[0]).name != "sh":
        return "server"
    return "trainer" if words[1:2] == ["train"] else None


def _note(samples: Samples, part: str, taken: watched.Taken) -> None:
    """The server is Temporal's own program: its time and memory are told apart."""
    server = taken.cpu_seconds_of.get("server", 0.0)
    samples.add(part, "all", seconds=taken.seconds, cpu_seconds=taken.cpu_seconds - server)
    samples.add(part, "worker", peak_mb=taken.peak_mb.get("own"))
    samples.add(part, "trainer", peak_mb=taken.peak_mb.get("trainer"))
    samples.add(part, "server", cpu_seconds=server, peak_mb=taken.peak_mb.get("server"))


def run_seconds(lake: Path, run_id: str) -> float:
    record = json.loads((lake / "runs" / run_id / "run.json").read_text())
    started, ended = (datetime.fromisoformat(time) for time in (record["run"]["started"], record["ended"]))
    return (ended - started).total_seconds()


def _require_scores(result: dict) -> None:
    """Where nobody scores, half of the run is missing, and no figure of it is worth a look."""
    if result.get("champion") is None:
        checks = [check["note"] for check in result["verdict"]["checks"] if not check["passed"]]
        raise watched.Failed(f"the run promoted no model, so nothing was scored: {'; '.join(checks)}")
