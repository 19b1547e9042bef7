"""The dashboard under load: how soon it is there, and how long each page takes with many visitors at once."""

import json
import shutil
import subprocess
import time
import urllib.request
from contextlib import contextmanager
from pathlib import Path
from typing import Iterator

import running
import watched
from figures import Samples
from places import Missing, Places
from whole_run import LAKE

HERE = Path(__file__).parent
CLIENTS = 32
REQUESTS = 20 * CLIENTS


def measure(places: Places, customers: int, samples: Samples) -> None:
    """On the lake that the whole run left, beside the server that knows its run."""
    node = shutil.which("node")
    if node is None:
        raise Missing("the visitors of the dashboard are made by node, which is not there; install Node.js 20")
    state = places.lake(customers, LAKE) / ".temporal"
    with running.server(places, state) as address, _dashboard(places, customers, address) as (process, origin, seconds):
        samples.add("dashboard", "start", seconds=seconds)
        visits = watched.run([node, HERE / "clients.mjs", origin, CLIENTS, REQUESTS], places.log("clients"))
        for line in visits.stdout.splitlines():
            page = json.loads(line)
            samples.add("dashboard", page["name"], **{name: page[name] for name in ("first_ms", "p50_ms", "p95_ms")})
            samples.note(pages_per_second={**samples.facts.get("pages_per_second", {}), page["name"]: round(page["per_second"], 1)})
        samples.add("dashboard", "process", peak_mb=watched.peak_mb(process.pid))


@contextmanager
def _dashboard(places: Places, customers: int, address: str) -> Iterator[tuple[subprocess.Popen, str, float]]:
    """The process, its address, and the seconds from its start to the whole of the first page."""
    (port,) = running.free_ports(1)
    origin = f"http://127.0.0.1:{port}"
    command = [places.program, "dashboard", "--lake", places.lake(customers, LAKE), "--address", address]
    start = time.monotonic()
    with running.background(places, "dashboard", [*command, "--listen", f"127.0.0.1:{port}", "--name", "bench"]) as process:
        running.wait_until("the dashboard", process, lambda: _is_answered(origin))
        yield process, origin, time.monotonic() - start


def _is_answered(origin: str) -> bool:
    try:
        with urllib.request.urlopen(f"{origin}/", timeout=running.READY_WITHIN_SECONDS) as answer:
            return answer.status == 200 and bool(answer.read())
    except OSError:
        return False
