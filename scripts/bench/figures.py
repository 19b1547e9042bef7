"""What was measured: samples become a median with its spread, are stored by profile and size, and are compared.

A figure's name is PART/WHAT/MEASURE, and a smaller value of any measure is better:

    whole/train/seconds      stage/gold/peak_mb      dashboard/overview/p95_ms
"""

import json
from pathlib import Path
from statistics import median

STORED = Path(__file__).resolve().parents[2] / "docs" / "benchmarks.json"
# A figure that is so much worse than the stored one is named.
WORSE = 1.10
# And by no less than this, or the clock's own noise would be named every time.
NOISE = {"seconds": 0.05, "cpu_seconds": 0.05, "peak_mb": 5.0, "ms": 3.0}


class Samples:
    """All that was measured at one size."""

    def __init__(self) -> None:
        self.values: dict[str, list[float]] = {}
        self.facts: dict = {}

    def add(self, part: str, what: str, **measures: float | None) -> None:
        """One measurement; a measure that the machine does not tell is left out."""
        for measure, value in measures.items():
            if value is not None:
                self.values.setdefault(f"{part}/{what}/{measure}", []).append(value)

    def note(self, **facts) -> None:
        """What is no figure: rows, versions, how good a model is."""
        self.facts.update(facts)

    def figures(self) -> dict[str, dict]:
        """The median of every figure, with the lowest and the highest sample."""
        return {
            name: {"median": rounded(median(values)), "low": rounded(min(values)), "high": rounded(max(values)), "runs": len(values)}
            for name, values in sorted(self.values.items())
        }


def rounded(value: float) -> float:
    """Four significant digits or more."""
    return round(value, 1 if value >= 1000 else 2 if value >= 100 else 4)


def load(path: Path = STORED) -> dict:
    """Profile -> size -> what was measured; empty before the first time."""
    return json.loads(path.read_text()) if path.exists() else {}


def store(book: dict, profile: str, entry: dict, path: Path = STORED) -> None:
    """Adds a size. Parts that were measured now replace those of before, all others of the size stay."""
    sizes = book.setdefault(profile, {})
    before = sizes.get(str(entry["customers"]), {"figures": {}, "facts": {}})
    parts = {name.partition("/")[0] for name in entry["figures"]}
    kept = {name: figure for name, figure in before["figures"].items() if name.partition("/")[0] not in parts}
    sizes[str(entry["customers"])] = {
        **entry,
        "facts": {**before["facts"], **entry["facts"]},
        "figures": dict(sorted({**kept, **entry["figures"]}.items())),
    }
    ordered = {profile: dict(sorted(sizes.items(), key=lambda item: int(item[0]))) for profile, sizes in sorted(book.items())}
    path.write_text(json.dumps(ordered, indent=1) + "\n")


def worse(stored: dict | None, measured: dict[str, dict]) -> list[str]:
    """Every figure that is worse by a tenth than the stored one, in words."""
    found = []
    for name, figure in measured.items():
        before = (stored or {"figures": {}})["figures"].get(name)
        if before is None:
            continue
        then, now = before["median"], figure["median"]
        measure = name.rpartition("/")[2].rpartition("_")[2] if name.endswith("_ms") else name.rpartition("/")[2]
        if now > then * WORSE and now - then >= NOISE[measure]:
            percent = f"+{(now / then - 1) * 100:.0f} %" if then else "was 0"
            found.append(f"{name}: {now:g}, stored {then:g} ({percent})")
    return found
