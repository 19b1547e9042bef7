"""The same readings in every shape in which they may arrive: the sums must be the same, and no shape may be much slower.

Each is a raw folder of one lake and is scored by one worker, without a champion: the raw files are digested and looked
at, the months are summed, and nothing else takes long.
"""

import hashlib
import json
import shutil
from datetime import datetime, timezone
from pathlib import Path

import running
import watched
from figures import Samples
from places import READINGS, Places
from shapes_rules import SHAPES, WARM_UP, folder_of

HERE = Path(__file__).parent
# So many are enough, and the files of more take the disk.
MOST_CUSTOMERS = 5_000
TABLE = "bronze_customer_month"


def measure(places: Places, customers: int, samples: Samples) -> None:
    """Every shape once, in a new lake."""
    if customers > MOST_CUSTOMERS:
        return
    written = _written(places, customers)
    lake = places.fresh_lake(customers, "shapes")
    (lake / "raw").unlink()
    with running.server(places, lake / ".temporal") as address, _worker(places, lake, address) as worker:
        _score(places, customers, lake, address, WARM_UP)
        tables = {}
        for shape in SHAPES:
            before = watched.cpu_seconds(worker.pid)
            seconds, cpu, tables[shape] = _score(places, customers, lake, address, shape)
            cpu += watched.cpu_seconds(worker.pid) - before
            samples.add("shapes", shape, seconds=seconds, cpu_seconds=cpu)
    sizes = {shape: sum(file.stat().st_size for file in (written / folder_of(shape)).iterdir()) for shape in SHAPES}
    _require_the_same_bytes(places, tables)
    samples.note(shapes={shape: {"bytes": size} for shape, size in sizes.items()})


def forget(places: Places, customers: int) -> None:
    """Frees the disk: a few GB."""
    shutil.rmtree(_folder(places, customers), ignore_errors=True)
    shutil.rmtree(places.lake(customers, "shapes"), ignore_errors=True)


def _folder(places: Places, customers: int) -> Path:
    return places.work / "shapes" / str(customers)


def _written(places: Places, customers: int) -> Path:
    """The readings in every shape, written once for all repetitions."""
    folder = _folder(places, customers)
    if not folder.exists():
        command = [places.peers(), HERE / "write_shapes.py", places.readings(customers)]
        unfinished = folder.with_suffix(".unfinished")
        shutil.rmtree(unfinished, ignore_errors=True)
        watched.run([*command, unfinished], places.log("write_shapes"), places.environment())
        unfinished.rename(folder)
    return folder


def _worker(places: Places, lake: Path, address: str):
    return running.background(places, "worker", [places.program, "worker", "--lake", lake, "--address", address])


def _score(places: Places, customers: int, lake: Path, address: str, shape: str) -> tuple[float, float, Path]:
    """Seconds until the months are summed, the client's part of the CPU seconds, and the table."""
    prefix = f"raw-{folder_of(shape)}"
    _deliver(places, customers, lake / prefix, _folder(places, customers) / folder_of(shape))
    command = [places.program, "run", "--mode", "score", "--lake", lake, "--address", address, "--raw-prefix", prefix, "--json"]
    launched = datetime.now(timezone.utc)
    taken = watched.run(command, places.log(f"run-{prefix}"), places.environment())
    result = json.loads(taken.stdout)
    stages = {stage["name"]: stage for stage in result["stages"]}
    record = json.loads((lake / "runs" / result["run_id"] / "run.json").read_text())
    # The client reads the raw files before it starts the run, for its ID.
    before = (datetime.fromisoformat(record["run"]["started"]) - launched).total_seconds()
    seconds = before + stages["raw"]["seconds"] + stages[TABLE]["seconds"]
    return seconds, taken.cpu_seconds, lake / stages[TABLE]["outputs"][TABLE]


def _deliver(places: Places, customers: int, raw: Path, shape: Path) -> None:
    """The small files as they are, the readings in their shape: links, since a lake reads through them."""
    consumption = raw / "consumption"
    consumption.mkdir(parents=True)
    for file in places.raw(customers).iterdir():
        if file.name != READINGS and not file.name.startswith("_"):
            (raw / file.name).symlink_to(file)
    for file in shape.iterdir():
        (consumption / file.name).symlink_to(file)


def _require_the_same_bytes(places: Places, tables: dict[str, Path]) -> None:
    first = tables[SHAPES[0]]
    for shape, table in tables.items():
        if digest_of(table.read_bytes()) != digest_of(first.read_bytes()):
            compared = watched.run([places.peers(), HERE / "compare_sums.py", first, table], places.log("compare"))
            largest = json.loads(compared.stdout)["largest"]
            raise watched.Failed(f"the shape '{shape}' gives other bytes than '{SHAPES[0]}'; sums differ by {largest:.0e}: {table} and {first}")


def digest_of(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
