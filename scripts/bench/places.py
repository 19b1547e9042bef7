"""Where programs and data are."""

import json
import os
import shutil
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

# Below so many customers chance decides at the business floor of PR-AUC; `spanishgas demo` lowers it too.
SMALL = 10_000
SMALL_FLOOR = "0.30"
HOURS_OF_2024 = 8_784
READINGS = "consumption_hourly_2024.parquet"
SEED = 42
# As in lake/src/file_version.rs, and a little more.
SETTLED_AFTER_SECONDS = 2.5


class Missing(Exception):
    """A program that was to be measured is not there."""


@dataclass(frozen=True)
class Places:
    """The programs of one build, and a folder for data, lakes and logs."""

    program: Path
    benches: dict[str, Path]
    python: Path | None
    temporal: str
    work: Path

    def bench(self, name: str) -> Path:
        if name not in self.benches:
            raise Missing(f"there is no bench {name}; `make bench` builds it")
        return self.benches[name]

    def peers(self) -> Path:
        """The interpreter that has DuckDB, Polars, scikit-learn and XGBoost."""
        if self.python is None or not self.python.exists():
            raise Missing("the peers are not installed; `make bench-peers` does it")
        return self.python

    def log(self, name: str) -> Path:
        folder = self.work / "logs"
        folder.mkdir(parents=True, exist_ok=True)
        return folder / f"{name}.log"

    def raw(self, customers: int) -> Path:
        return self.work / "raw" / str(customers)

    def readings(self, customers: int) -> Path:
        return self.raw(customers) / READINGS

    def lake(self, customers: int, name: str) -> Path:
        return self.work / "lakes" / f"{customers}-{name}"

    def invent(self, customers: int) -> None:
        """Makes the raw files, unless they are there: the same seed gives the same bytes."""
        command = [self.program, "generate-data", "--customers", customers, "--seed", SEED, "--out", self.raw(customers)]
        subprocess.run([str(word) for word in [*command, "--if-empty"]], check=True, stderr=self.log("generate").open("w"))
        # What is written in the same moment is read twice, since a further change would not show.
        newest = max(file.stat().st_ctime for file in self.raw(customers).iterdir())
        time.sleep(max(0.0, newest + SETTLED_AFTER_SECONDS - time.time()))

    def forget_raw(self, customers: int) -> None:
        """Frees the disk; the lakes stay."""
        shutil.rmtree(self.raw(customers), ignore_errors=True)

    def fresh_lake(self, customers: int, name: str) -> Path:
        """A lake with the raw files and nothing else."""
        lake = self.lake(customers, name)
        shutil.rmtree(lake, ignore_errors=True)
        lake.mkdir(parents=True)
        (lake / "raw").symlink_to(self.raw(customers))
        return lake

    def environment(self) -> dict[str, str]:
        """Ours without anybody's own settings, and what the program sets for the C libraries below it."""
        own = {name: value for name, value in os.environ.items() if not name.startswith(("SPANISHGAS_", "TEMPORAL_"))}
        return {**own, **C_LIBRARIES, "TEMPORAL_CLI": self.temporal}


# As in worker/src/main.rs.
C_LIBRARIES = {
    "GOMP_SPINCOUNT": "2000",
    "MALLOC_ARENA_MAX": "2",
    "MALLOC_MMAP_THRESHOLD_": "4194304",
    "MALLOC_TRIM_THRESHOLD_": "8388608",
}


def floor(customers: int) -> str | None:
    """The PR-AUC that a challenger must reach, where it is not the business's."""
    return SMALL_FLOOR if customers < SMALL else None


def built(messages: Path) -> dict[str, Path]:
    """The executables of the benches, by name, from the messages of `cargo bench --no-run --message-format json`."""
    found = {}
    for line in messages.read_text().splitlines():
        message = json.loads(line) if line.startswith("{") else {}
        if message.get("executable") and "bench" in message["target"]["kind"]:
            found[message["target"]["name"]] = Path(message["executable"])
    return found
