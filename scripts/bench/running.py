"""Programs that run beside what is measured: the Temporal server, workers, emulators. Each ends with its block."""

import signal
import socket
import subprocess
import time
from contextlib import contextmanager
from pathlib import Path
from typing import Callable, Iterator

import watched
from places import Places

READY_WITHIN_SECONDS = 60


@contextmanager
def background(places: Places, name: str, command: list, more: dict[str, str] | None = None) -> Iterator[subprocess.Popen]:
    """A program whose messages go to the log of that name; `more` is added to its environment."""
    process = start(places, name, command, more)
    try:
        yield process
    finally:
        stop(process)


def start(places: Places, name: str, command: list, more: dict[str, str] | None = None) -> subprocess.Popen:
    with places.log(name).open("wb") as log:
        words = [str(word) for word in command]
        environment = {**places.environment(), **(more or {})}
        return subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=environment)


def stop(process: subprocess.Popen) -> None:
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(timeout=30)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


@contextmanager
def server(places: Places, state: Path) -> Iterator[str]:
    """The Temporal server with the database of that folder; where it listens."""
    port, ui_port = free_ports(2)
    command = [places.program, "dev-server", "--state", state, "--port", port, "--ui-port", ui_port]
    with background(places, "dev-server", command) as process:
        wait_until("the Temporal server", process, lambda: "dev server is ready" in places.log("dev-server").read_text())
        yield f"127.0.0.1:{port}"


def wait_until(what: str, process: subprocess.Popen, is_ready: Callable[[], bool]) -> None:
    """Looks every 5 ms: a start takes less than a second."""
    end = time.monotonic() + READY_WITHIN_SECONDS
    while not is_ready():
        if process.poll() is not None or time.monotonic() > end:
            raise watched.Failed(f"{what} is not there after {READY_WITHIN_SECONDS} s or has ended; its log tells why")
        time.sleep(0.005)


def free_ports(count: int) -> list[int]:
    sockets = [socket.socket() for _ in range(count)]
    for each in sockets:
        each.bind(("127.0.0.1", 0))
    ports = [each.getsockname()[1] for each in sockets]
    for each in sockets:
        each.close()
    return ports
