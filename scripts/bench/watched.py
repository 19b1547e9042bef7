"""Runs a command and sees what it and the processes that it starts take: seconds, processor time, the most memory."""

import os
import subprocess
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Callable

# The kernel keeps a process's peak, so that little is missed between two looks, and a look costs little.
LOOK_EVERY_SECONDS = 0.2
TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")
# What a process of ours is, by its command line; nothing for one that is not told of.
Role = Callable[[list[str]], str | None]


class Failed(Exception):
    """A command that was to be measured did not succeed."""


@dataclass
class Taken:
    """What a command took. `own` is the process itself; all others have the names of their roles."""

    seconds: float
    cpu_seconds: float
    stdout: str
    peak_mb: dict[str, float] = field(default_factory=dict)
    # By processes that were there at a look: what they did after the last one is in the sum alone.
    cpu_seconds_of: dict[str, float] = field(default_factory=dict)


def run(command: list[str | Path], log: Path, environment: dict[str, str] | None = None, role: Role = lambda _: None) -> Taken:
    """Runs it to its end; its messages go to `log`. A failure shows their last lines."""
    words = [str(word) for word in command]
    output = log.with_suffix(".out")
    with output.open("wb") as stdout, log.open("wb") as stderr:
        start = time.monotonic()
        process = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=stdout, stderr=stderr, env=environment)
        taken = _follow(process, start, role)
    if process.returncode != 0:
        last_lines = "\n".join(log.read_text(errors="replace").splitlines()[-20:])
        raise Failed(f"{' '.join(words)} ended with {process.returncode}; the end of {log}:\n{last_lines}")
    taken.stdout = output.read_text()
    return taken


def _follow(process: subprocess.Popen, start: float, role: Role) -> Taken:
    ended = threading.Event()
    end: dict = {}

    def wait() -> None:
        _, status, end["usage"] = os.wait4(process.pid, 0)
        end["seconds"] = time.monotonic() - start
        process.returncode = os.waitstatus_to_exitcode(status)
        ended.set()

    waiter = threading.Thread(target=wait)
    waiter.start()
    peaks: dict[str, float] = {}
    processors: dict[tuple[str, int], float] = {}
    while not ended.wait(LOOK_EVERY_SECONDS):
        for pid, name in _family(process.pid, role):
            peaks[name] = max(peaks.get(name, 0.0), peak_mb(pid))
            processors[name, pid] = max(processors.get((name, pid), 0.0), cpu_seconds(pid))
    waiter.join()
    used: dict[str, float] = {}
    for (name, _), seconds in processors.items():
        used[name] = used.get(name, 0.0) + seconds
    usage = end["usage"]
    return Taken(end["seconds"], usage.ru_utime + usage.ru_stime, "", peaks, used)


def _family(pid: int, role: Role) -> list[tuple[int, str]]:
    """The process, and those below it that have a role."""
    found, waiting = [(pid, "own")], _children(pid)
    while waiting:
        child = waiting.pop()
        waiting += _children(child)
        name = role(_command_line(child))
        if name is not None:
            found.append((child, name))
    return found


def _children(pid: int) -> list[int]:
    children = []
    for task in _entries(Path(f"/proc/{pid}/task")):
        children += [int(child) for child in _read(task / "children").split()]
    return children


def _entries(folder: Path) -> list[Path]:
    try:
        return list(folder.iterdir())
    except OSError:
        return []


def _command_line(pid: int) -> list[str]:
    return _read(Path(f"/proc/{pid}/cmdline")).rstrip("\0").split("\0")


def peak_mb(pid: int) -> float:
    """The most memory so far, in millions of bytes; 0 of a process that has ended."""
    for line in _read(Path(f"/proc/{pid}/status")).splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) * 1024 / 1e6
    return 0.0


def cpu_seconds(pid: int) -> float:
    """Of all its threads so far; 0 of a process that has ended."""
    # Fields 14 and 15, counted behind the program's name, which may hold spaces.
    fields = _read(Path(f"/proc/{pid}/stat")).rpartition(")")[2].split()
    return sum(int(ticks) for ticks in fields[11:13]) / TICKS_PER_SECOND


def _read(path: Path) -> str:
    """Nothing of what is not there any more."""
    try:
        return path.read_text(errors="replace")
    except OSError:
        return ""
