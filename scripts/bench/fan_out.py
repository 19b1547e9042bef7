"""Slices of the readings on several workers: 1, 2 and 4 processes, one of them killed on the way, with the lake in a folder
and in S3, and as hosts of their own. The tables must have the bytes that one worker gives them."""

import json
import shutil
import signal
import subprocess
import threading
import time
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Callable, Iterator

import account
import hosts
import running
import shapes
import watched
from figures import Samples
from places import Places

TOP = Path(__file__).resolve().parents[2]
WORKERS = [1, 2, 4]
# The readings are cut into about so many slices.
SLICES = 48
# The lake in S3 is in the emulator's memory, several times.
MOST_IN_S3 = 5_000
SLICES_FOLDER = "bronze/hourly_sums/"
QUEUE = "spanishgas"
HOSTS = "S3, hosts of their own"
RUN = "fan-out"


@dataclass(frozen=True)
class Site:
    """A lake and what programs need to find it: words of the command line, variables; and how we look into it."""

    kind: str
    words: list
    variables: dict[str, str]
    # How many sums of slices there are, and the bytes of an object.
    summed: Callable[[], int]
    read: Callable[[str], bytes]


def measure(places: Places, customers: int, samples: Samples) -> None:
    """Every lake with every number of workers, the last number again with one worker killed."""
    found: dict[str, dict] = {}
    kinds = ["folder", "S3", HOSTS] if customers <= MOST_IN_S3 else ["folder"]
    if not hosts.are_possible():
        print("  NOTE: workers on hosts of their own need root and `ip netns`: left out", flush=True)
        kinds = [kind for kind in kinds if kind != HOSTS]
    for kind in kinds:
        for workers in WORKERS if kind != HOSTS else [max(WORKERS)]:
            one(places, customers, samples, found, (kind, workers, False))
        one(places, customers, samples, found, (kind, max(WORKERS), True))
    require_one_result(found)
    samples.note(fan_out={what: {"slices": case["slices"], "again": case["again"]} for what, case in found.items()})


def name_of(kind: str, workers: int, killed: bool) -> str:
    return f"{kind}: {workers} worker{'s' if workers > 1 else ''}{', one killed' if killed else ''}"


def one(places: Places, customers: int, samples: Samples, found: dict[str, dict], case: tuple[str, int, bool]) -> None:
    kind, workers, killed = case
    what = name_of(kind, workers, killed)
    with ExitStack() as stack:
        # The Temporal server has a host as well; the bucket is the machine's own.
        server, *others = stack.enter_context(hosts.hosts(workers + 1)) if kind == HOSTS else [hosts.Host()] * (workers + 1)
        address = stack.enter_context(_server(places, server))
        site = stack.enter_context(_site(places, customers, kind))
        running_ones = [stack.enter_context(_worker(places, site, address, number, host)) for number, host in enumerate(others)]
        spent: list[float] = []
        killer = threading.Thread(target=_kill_on_the_way, args=(running_ones[0], site, spent))
        if killed:
            killer.start()
        result, taken = _score(places, site, address)
        if killed:
            killer.join()
        cpu = sum(watched.cpu_seconds(worker.pid) for worker in running_ones) + sum(spent)
        stages = {stage["name"]: stage for stage in result["stages"]}
        samples.add("fan_out", what, seconds=taken.seconds, cpu_seconds=cpu)
        samples.add("fan_out", f"{what}, months", seconds=stages["bronze_customer_month"]["seconds"])
        found[what] = {"tables": _tables(site, stages), "slices": site.summed(), "again": _tried_again(places, address)}
    if killed and found[what]["again"] == 0:
        print(f"  NOTE: {what}: the worker had no slice at work when it was killed", flush=True)


@contextmanager
def _server(places: Places, host: hosts.Host) -> Iterator[str]:
    """Temporal's own program: `spanishgas dev-server` listens on loopback only."""
    (port,) = running.free_ports(1)
    command = [*host.before, places.temporal, "server", "start-dev", "--ip", host.listens, "--port", port, "--headless", "--log-level", "warn"]
    with running.background(places, "fan-out-server", command) as process:
        address = f"{host.address}:{port}"
        running.wait_until("the Temporal server", process, lambda: _is_served(places, address))
        yield address


def _is_served(places: Places, address: str) -> bool:
    asked = subprocess.run([places.temporal, "operator", "cluster", "health", "--address", address], capture_output=True, check=False)
    return asked.returncode == 0


@contextmanager
def _site(places: Places, customers: int, kind: str) -> Iterator[Site]:
    config = places.work / "fan-out-config"
    _cut(config, places.readings(customers).stat().st_size)
    if kind == "folder":
        lake = places.fresh_lake(customers, "fan-out")
        yield Site(kind, ["--lake", lake, "--config", config], {}, lambda: _below(lake / SLICES_FOLDER), lambda key: (lake / key).read_bytes())
        shutil.rmtree(lake)
        return
    with account.account(places, hosts.GATEWAY if kind == HOSTS else "127.0.0.1") as there:
        (config / "aws.yaml").write_text(there.settings())
        for file in places.raw(customers).iterdir():
            there.put(f"raw/{file.name}", file.read_bytes())
        words = ["--profile", "aws", "--lake", f"s3://{account.BUCKET}/{account.PREFIX}", "--config", config]
        # Beside each sum is its manifest.
        yield Site(kind, words, there.variables(), lambda: there.count(SLICES_FOLDER) // 2, there.get)


def _cut(config: Path, size: int) -> None:
    """Settings of their own: the built-in slices are of half a gigabyte."""
    shutil.rmtree(config, ignore_errors=True)
    config.mkdir(parents=True)
    pipeline = (TOP / "configs/pipeline.yaml").read_text()
    (config / "pipeline.yaml").write_text(with_slices(pipeline, slice_mib(size)))


def slice_mib(size: int) -> int:
    return max(1, size // SLICES >> 20)


def with_slices(pipeline: str, mib: int) -> str:
    lines = [f"slice_mib: {mib}" if line.startswith("slice_mib:") else line for line in pipeline.splitlines()]
    return "\n".join(lines) + "\n"


def _below(folder: Path) -> int:
    return len(list(folder.iterdir())) if folder.exists() else 0


def _worker(places: Places, site: Site, address: str, number: int, host: hosts.Host):
    """One slice at a time, so that more workers are more slots."""
    scratch = places.work / f"fan-out-scratch-{number}"
    scratch.mkdir(exist_ok=True)
    words = ["worker", *site.words, "--address", address, "--task-queue", QUEUE, "--cpu-slots", 1, "--scratch", scratch]
    return running.background(places, f"fan-out-worker-{number}", [*host.before, places.program, *words], site.variables)


def _kill_on_the_way(worker: subprocess.Popen, site: Site, spent: list[float]) -> None:
    """Without a word, as a machine is lost, when the first slice is summed. It freezes a second before: if it has no slice
    at work, the server has the time to give it one."""
    end = time.monotonic() + 120
    while site.summed() < 1 and time.monotonic() < end:
        time.sleep(0.01)
    worker.send_signal(signal.SIGSTOP)
    time.sleep(1)
    spent.append(watched.cpu_seconds(worker.pid))
    worker.kill()
    worker.wait()


def _score(places: Places, site: Site, address: str) -> tuple[dict, watched.Taken]:
    words = ["run", "--mode", "score", *site.words, "--address", address, "--task-queue", QUEUE, "--workflow-id", RUN, "--json"]
    taken = watched.run([places.program, *words], places.log("fan-out-run"), {**places.environment(), **site.variables})
    return json.loads(taken.stdout), taken


def _tables(site: Site, stages: dict[str, dict]) -> dict[str, str]:
    """The digest of everything that was made."""
    outputs = [output for stage in stages.values() for output in stage["outputs"].items()]
    made = {name: key for name, key in outputs if key.startswith(("bronze/", "silver/", "gold/"))}
    return {name: shapes.digest_of(site.read(key)) for name, key in sorted(made.items())}


def _tried_again(places: Places, address: str) -> int:
    """Activities whose first attempt was lost. So few slices are activities of the run itself."""
    command = [places.temporal, "workflow", "show", "--workflow-id", RUN, "--address", address, "--output", "json"]
    events = json.loads(subprocess.run(command, capture_output=True, check=True).stdout)["events"]
    started = [event.get("activityTaskStartedEventAttributes", {}) for event in events]
    return sum(int(attributes.get("attempt", 1)) > 1 for attributes in started)


def require_one_result(found: dict[str, dict]) -> None:
    """All tables have the bytes of the first case, which is one worker's."""
    (first, expected), *others = ((what, case["tables"]) for what, case in found.items())
    for what, tables in others:
        unlike = sorted(name for name in tables.keys() | expected.keys() if tables.get(name) != expected.get(name))
        if unlike:
            raise watched.Failed(f"{what}: other bytes than with {first}: {', '.join(unlike)}")
