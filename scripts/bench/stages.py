"""The same stages called one after the other without Temporal: `activities/benches/stages`."""

import json

import watched
from figures import Samples
from places import Places, floor
from whole_run import role


def measure(places: Places, customers: int, samples: Samples) -> None:
    """Every stage, the whole of them, and the process that did it."""
    lake = places.fresh_lake(customers, "stages")
    command = [places.bench("stages"), lake, places.program, *filter(None, [floor(customers)])]
    taken = watched.run(command, places.log("stages"), places.environment(), role)
    *pieces, model = (json.loads(line) for line in taken.stdout.splitlines())
    for piece in pieces:
        # The training is a child process: the peak is its own.
        peak = taken.peak_mb.get("trainer") if piece["name"] == "train" else piece["peak_mb"]
        samples.add("stage", piece["name"], seconds=piece["seconds"], cpu_seconds=piece["cpu_seconds"], peak_mb=peak)
    samples.add("stage", "process", seconds=taken.seconds)
    samples.note(model_without_temporal=model["model"])
