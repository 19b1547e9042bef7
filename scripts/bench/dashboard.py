"""The dashboard under load: how soon it is there, and how long each page takes with many visitors at once."""

import json
import shutil
import signal
import socket
import subprocess
import time
import urllib.request
from contextlib import contextmanager
from pathlib import Path
from typing import Iterator

import watched
from figures import Samples
from places import Missing, Places
from whole_run import LAKE

HERE = Path(__file__).parent
CLIENTS = 32
REQUESTS = 20 * CLIENTS
READY_WITHIN_SECONDS = 60


def measure(places: Places, customers: int, samples: Samples) -> None:
    """On the lake that the whole run left, beside the server that knows its run."""
    node = shutil.which("node")
    if node is None:
        raise Missing("the visitors of the dashboard are made by node, which is not there; install Node.js 20")
    with _server(places, customers) as address, _dashboard(places, customers, address) as (process, origin, seconds):
        samples.add("dashboard", "start", seconds=seconds)
        visits = watched.run([node, HERE / "clients.mjs", origin, CLIENTS, REQUESTS], places.log("clients"))
        for line in visits.stdout.splitlines():
            page = json.loads(line)
            samples.add("dashboard", page["name"], **{name: page[name] for name in ("first_ms", "p50_ms", "p95_ms")})
            samples.note(pages_per_second={**samples.facts.get("pages_per_second", {}), page["name"]: round(page["per_second"], 1)})
        samples.add("dashboard", "process", peak_mb=watched.peak_mb(process.pid))


@contextmanager
def _server(places: Places, customers: int) -> Iterator[str]:
    """The Temporal server with the database that the run's own server left."""
    port, ui_port = _free_ports(2)
    state = places.lake(customers, LAKE) / ".temporal"
    command = [places.program, "dev-server", "--state", state, "--port", port, "--ui-port", ui_port]
    with _background(places, "dev-server", command) as process:
        _await("the Temporal server", process, lambda: "dev server is ready" in places.log("dev-server").read_text())
        yield f"127.0.0.1:{port}"


@contextmanager
def _dashboard(places: Places, customers: int, address: str) -> Iterator[tuple[subprocess.Popen, str, float]]:
    """The process, its address, and the seconds from its start to the whole of the first page."""
    (port,) = _free_ports(1)
    origin = f"http://127.0.0.1:{port}"
    command = [places.program, "dashboard", "--lake", places.lake(customers, LAKE), "--address", address]
    start = time.monotonic()
    with _background(places, "dashboard", [*command, "--listen", f"127.0.0.1:{port}", "--name", "bench"]) as process:
        _await("the dashboard", process, lambda: _is_answered(origin))
        yield process, origin, time.monotonic() - start


@contextmanager
def _background(places: Places, name: str, command: list) -> Iterator[subprocess.Popen]:
    with places.log(name).open("wb") as log:
        words = [str(word) for word in command]
        process = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=places.environment())
    try:
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(timeout=30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _await(what: str, process: subprocess.Popen, is_ready) -> None:
    """Looks every 5 ms: a start takes less than a second."""
    end = time.monotonic() + READY_WITHIN_SECONDS
    while not is_ready():
        if process.poll() is not None or time.monotonic() > end:
            raise watched.Failed(f"{what} is not there after {READY_WITHIN_SECONDS} s or has ended; its log tells why")
        time.sleep(0.005)


def _is_answered(origin: str) -> bool:
    try:
        with urllib.request.urlopen(f"{origin}/", timeout=READY_WITHIN_SECONDS) as answer:
            return answer.status == 200 and bool(answer.read())
    except OSError:
        return False


def _free_ports(count: int) -> list[int]:
    sockets = [socket.socket() for _ in range(count)]
    for each in sockets:
        each.bind(("127.0.0.1", 0))
    ports = [each.getsockname()[1] for each in sockets]
    for each in sockets:
        each.close()
    return ports
