"""On what it was measured."""

import os
import platform
import re
import subprocess
from pathlib import Path

TOP = Path(__file__).resolve().parents[2]


def words() -> str:
    """The machine in a few words: processor, cores, memory."""
    model = _found(r"^model name\s*:\s*(.+)$", "/proc/cpuinfo", platform.processor() or "unknown processor")
    kib = int(_found(r"^MemTotal:\s*(\d+)", "/proc/meminfo", "0"))
    return f"{model}, {len(os.sched_getaffinity(0))} cores, {kib / 1024**2:.0f} GiB"


def load() -> float:
    """Processes that wanted a core in the last minute: other work disturbs every figure."""
    return os.getloadavg()[0]


def revision() -> str:
    """The commit that was measured, with a + where the tree differs from it."""
    commit = _git("rev-parse", "--short=12", "HEAD")
    return commit + ("+" if _git("status", "--porcelain", "--untracked-files=no") else "")


def _git(*words: str) -> str:
    done = subprocess.run(["git", *words], cwd=TOP, capture_output=True, text=True, check=False)
    return done.stdout.strip() or ("unknown" if words[0] == "rev-parse" else "")


def _found(pattern: str, path: str, otherwise: str) -> str:
    found = re.search(pattern, Path(path).read_text(), re.MULTILINE)
    return found[1] if found else otherwise
