"""2 million customers on paper: what the measured sizes say of a hundred times the data.

Every stage's time is a straight line through the measured sizes, read where nobody has measured. The slices of the readings
are handed to so many workers, one after the other, as Temporal does it. Prices are those of infra/costs.toml.
"""

import heapq
import random
import tomllib
from dataclasses import dataclass
from math import ceil
from pathlib import Path

TOP = Path(__file__).resolve().parents[2]
CUSTOMERS = 2_000_000
GIB = 1 << 30
HOURS = 8_784
# Where the slices of configs/pipeline.yaml, and lists and events of activities/src/steps/tables/months.rs, are from.
SLICE_MIB = 512
SLICES_PER_LIST = 200
EVENTS_PER_SLICE = 6
BYTES_PER_SLICE = 1_250
# What Temporal takes of one history.
MOST_EVENTS = 51_200
WORKERS = [1, 4, 16, 64]
SLOTS_PER_WORKER = 2
GIB_PER_WORKER = 8
# A worker's disk by default (infra/terraform/modules/platform). Of a lake in S3 the raw stage and the plan of the slices have
# all readings on the disk of one worker at once.
DISK_GIB = 50
# A batch of slices is a child workflow, two of them at a time.
BATCHES_AT_ONCE = 2
# Stages that are one activity each, whatever the number of workers.
ALONE = ["bronze_customer", "check_bronze", "silver", "check_silver", "gold", "check_gold", "train", "evaluate", "gate",
         "score", "recommend", "drift", "publish"]


@dataclass(frozen=True)
class Line:
    """A straight line through points by least squares."""

    start: float
    slope: float

    @staticmethod
    def through(points: list[tuple[float, float]]) -> "Line":
        if len(points) < 2:
            raise ValueError("a line needs two sizes")
        mean_x, mean_y = (sum(values) / len(points) for values in zip(*points, strict=True))
        spread = sum((x - mean_x) ** 2 for x, _ in points)
        slope = sum((x - mean_x) * (y - mean_y) for x, y in points) / spread
        return Line(mean_y - slope * mean_x, slope)

    def at(self, x: float) -> float:
        return max(0.0, self.start + self.slope * x)


@dataclass(frozen=True)
class Plan:
    """The data of so many customers, cut into slices."""

    readings: int
    raw_bytes: float
    slices: int
    lists: int

    @staticmethod
    def of(customers: int, bytes_per_reading: float) -> "Plan":
        readings = customers * HOURS
        raw_bytes = readings * bytes_per_reading
        slices = ceil(raw_bytes / (SLICE_MIB << 20))
        return Plan(readings, raw_bytes, slices, ceil(slices / SLICES_PER_LIST))

    def events_of_a_batch(self) -> int:
        return min(self.slices, SLICES_PER_LIST) * EVENTS_PER_SLICE


def line(sizes: dict[str, dict], figure: str) -> Line:
    """The line of a figure through all sizes that have it."""
    points = [(entry["customers"], entry["figures"][figure]["median"]) for entry in sizes.values() if figure in entry["figures"]]
    return Line.through(points)


def seconds_of_slices(slices: int, slots: int, seconds: float, spread: float, seed: int = 1) -> float:
    """The time until the last slice is summed: each free slot takes the next one of the batches that are open."""
    chance = random.Random(seed)
    open_slots = min(slots, BATCHES_AT_ONCE * SLICES_PER_LIST)
    free = [0.0] * open_slots
    for _ in range(slices):
        heapq.heapreplace(free, free[0] + seconds * chance.uniform(1 - spread, 1 + spread))
    return max(free)


def stages(sizes: dict[str, dict], customers: int) -> dict[str, float]:
    """Seconds of every stage that is one activity, and of the raw files' digest."""
    return {name: line(sizes, f"stage/{name}/seconds").at(customers) for name in ["raw", *ALONE]}


def slice_seconds(sizes: dict[str, dict], plan: Plan) -> tuple[float, float]:
    """One slice on one core, and how far apart the samples were, from the largest size that was measured."""
    largest = max(sizes.values(), key=lambda entry: entry["customers"])
    figure = largest["figures"]["sums/sums/cpu_seconds"]
    spread = (figure["high"] - figure["low"]) / 2 / figure["median"] if figure["median"] else 0.0
    return figure["median"] / largest["readings"] * plan.readings / plan.slices, spread


def usd(seconds: float, workers: int) -> float:
    """Workers of two vCPU in Fargate for so long."""
    prices = tomllib.loads((TOP / "infra/costs.toml").read_text())["prices"]
    per_hour = SLOTS_PER_WORKER * prices["fargate_vcpu"]["usd"] + GIB_PER_WORKER * prices["fargate_gb"]["usd"]
    return per_hour * workers * seconds / 3600


def by_workers(sizes: dict[str, dict], customers: int = CUSTOMERS) -> list[dict]:
    """For each number of workers: minutes of the slices, of all else, of the run, and their cost."""
    plan = plan_of(sizes, customers)
    one, spread = slice_seconds(sizes, plan)
    merge = merge_seconds(sizes, customers)
    alone = sum(stages(sizes, customers).values()) + merge
    rows = []
    for workers in WORKERS:
        summing = seconds_of_slices(plan.slices, workers * SLOTS_PER_WORKER, one, spread)
        rows.append({"workers": workers, "slices": summing, "alone": alone, "run": summing + alone, "usd": usd(summing + alone, workers)})
    return rows


def plan_of(sizes: dict[str, dict], customers: int = CUSTOMERS) -> Plan:
    largest = max(sizes.values(), key=lambda entry: entry["customers"])
    return Plan.of(customers, largest["bytes"] / largest["readings"])


def merge_seconds(sizes: dict[str, dict], customers: int) -> float:
    """What the stage of the months takes beside its slices: planning, and merging the sums on one worker."""
    points = []
    for entry in sizes.values():
        figures = entry["figures"]
        if "stage/bronze_customer_month/seconds" in figures and "sums/sums/seconds" in figures:
            beside = figures["stage/bronze_customer_month/seconds"]["median"] - figures["sums/sums/seconds"]["median"]
            points.append((entry["customers"], max(0.0, beside)))
    return Line.through(points).at(customers)


def peaks(sizes: dict[str, dict], customers: int) -> list[tuple[str, float]]:
    """The most memory of each stage, the largest first."""
    names = ["raw", "bronze_customer_month", *ALONE]
    found = [(name, line(sizes, f"stage/{name}/peak_mb").at(customers)) for name in names if _is_measured(sizes, f"stage/{name}/peak_mb")]
    return sorted(found, key=lambda item: -item[1])


def full_at(sizes: dict[str, dict]) -> list[tuple[str, float, float, float]]:
    """What a worker has too little of: what it is, the GB that there are, those of 2 million, and the customers that fill
    it; what is full first is the first."""
    rows = []
    for name, peak in peaks(sizes, CUSTOMERS)[:3]:
        memory = line(sizes, f"stage/{name}/peak_mb")
        rows.append((f"memory, in {name}", GIB_PER_WORKER * GIB / 1e9, peak / 1000, customers_at(memory, GIB_PER_WORKER * GIB / 1e6)))
    plan = plan_of(sizes)
    disk = Line(0.0, plan.raw_bytes / CUSTOMERS)
    rows.append(("disk, with a lake in S3", DISK_GIB * GIB / 1e9, plan.raw_bytes / 1e9, customers_at(disk, DISK_GIB * GIB)))
    return sorted(rows, key=lambda row: row[3])


def customers_at(found: Line, value: float) -> float:
    """Where a line comes to a value; never, if it does not rise."""
    return (value - found.start) / found.slope if found.slope > 0 else float("inf")


def _is_measured(sizes: dict[str, dict], figure: str) -> bool:
    return sum(figure in entry["figures"] for entry in sizes.values()) >= 2
