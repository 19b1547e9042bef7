#!/usr/bin/env python3
"""Measures the system and its peers, names what got worse, and stores the figures: `make bench` says how it is called.

For each size: the whole run and the same data again, every stage without Temporal, the sums and the fits beside those of
others, every shape of the readings, several workers, the dashboard with many visitors. Repetitions go round all of them, so that a disturbance meets none alone.
"""

import argparse
import datetime
import os
import sys
from pathlib import Path

import dashboard
import document
import fan_out
import figures
import fits
import machine
import shapes
import stages
import sums
import whole_run
from places import HOURS_OF_2024, Missing, Places, built
from watched import Failed

PARTS = ["whole", "stages", "sums", "fits", "peers", "shapes", "fan_out", "dashboard"]
# Above so many customers a repetition takes minutes, and raw files take the disk.
LARGE = 50_000


def main() -> int:
    given = arguments()
    try:
        places = places_of(given)
        book = figures.load()
        for customers in given.sizes:
            entry = measure(places, customers, given)
            name_what_is_worse(book, given.profile, entry)
            if given.store:
                figures.store(book, given.profile, entry)
                document.write(book)
    except (Failed, Missing) as problem:
        print(f"bench: {problem}", file=sys.stderr)
        return 1
    return 0


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Measures the system and its peers.")
    parser.add_argument("--program", type=Path, required=True, help="spanishgas")
    parser.add_argument("--benches", type=Path, required=True, help="messages of cargo bench --no-run --message-format json")
    parser.add_argument("--python", type=Path, help="the interpreter that has the peers")
    parser.add_argument("--temporal", required=True, help="the Temporal CLI")
    parser.add_argument("--work", type=Path, required=True, help="a folder for data, lakes and logs")
    parser.add_argument("--profile", required=True, help="Cargo's profile, by which figures are stored")
    parser.add_argument("--sizes", type=int, nargs="+", required=True, help="customers")
    parser.add_argument("--parts", nargs="+", choices=PARTS, default=PARTS)
    parser.add_argument("--repeats", type=int, default=5, help="3 at most for large sizes; of peers 3, and 1 for large sizes")
    parser.add_argument("--store", action="store_true", help="write docs/benchmarks.json, the document and its pictures")
    return parser.parse_args()


def places_of(given: argparse.Namespace) -> Places:
    return Places(given.program, built(given.benches), given.python, given.temporal, given.work.absolute())


def measure(places: Places, customers: int, given: argparse.Namespace) -> dict:
    """Everything that was asked for at one size, as it is stored."""
    tell(f"{customers:,} customers: inventing the raw files, unless they are there")
    places.invent(customers)
    readings = places.readings(customers)
    samples = figures.Samples()
    for repetition in range(repeats(customers, given.repeats)):
        one_repetition(places, customers, given.parts, repetition, samples)
    if "fan_out" in given.parts and customers <= LARGE:
        tell("  the slices on several workers, some of which are killed")
        fan_out.measure(places, customers, samples)
    if "dashboard" in given.parts:
        tell("  the dashboard, 32 visitors")
        dashboard.measure(places, customers, samples)
    shapes.forget(places, customers)
    entry = {
        "customers": customers,
        "readings": customers * HOURS_OF_2024,
        "bytes": readings.stat().st_size,
        "taken": datetime.date.today().isoformat(),
        "revision": machine.revision(),
        "machine": machine.words(),
        "facts": samples.facts,
        "figures": samples.figures(),
    }
    if customers > LARGE:
        places.forget_raw(customers)
    return entry


def one_repetition(places: Places, customers: int, parts: list[str], repetition: int, samples: figures.Samples) -> None:
    cores = len(os.sched_getaffinity(0))
    load = machine.load()
    tell(f"  repetition {repetition + 1}" + (f"; NOTE: other work keeps {load:.1f} cores busy" if repetition == 0 and load > 0.5 else ""))
    if "whole" in parts:
        whole_run.measure(places, customers, samples)
    if "stages" in parts:
        stages.measure(places, customers, samples)
        require_the_same_model(samples)
    if "sums" in parts:
        sums.measure(places, customers, samples, cores)
    if repetition >= repeats_of_peers(customers):
        return
    if "peers" in parts:
        sums.measure_peers(places, customers, samples, cores)
    if "fits" in parts:
        fits.measure(places, customers, samples, cores)
    if "shapes" in parts:
        shapes.measure(places, customers, samples)


def repeats(customers: int, wanted: int) -> int:
    return min(wanted, 3) if customers > LARGE else wanted


def repeats_of_peers(customers: int) -> int:
    return 1 if customers > LARGE else 3


def require_the_same_model(samples: figures.Samples) -> None:
    """Stages that computed something else would be compared with nothing."""
    ran, called = samples.facts.get("model"), samples.facts.get("model_without_temporal")
    if ran is not None and ran != called:
        raise Failed(f"the stages without Temporal trained model {called}, the whole run {ran}: they are not the same functions any more")


def name_what_is_worse(book: dict, profile: str, entry: dict) -> None:
    """In words on standard output; it is no failure, since machines differ."""
    stored = book.get(profile, {}).get(str(entry["customers"]))
    size = f"{entry['customers']:,} customers, profile {profile}"
    if stored is None:
        tell(f"{size}: no figures are stored yet; `make bench` stores them")
        return
    found = figures.worse(stored, entry["figures"])
    if stored["machine"] != entry["machine"]:
        tell(f"{size}: stored on {stored['machine']}; this is {entry['machine']}: compare with care")
    tell(f"{size}: {len(found)} of {len(entry['figures'])} figures are worse by 10 % than those of {stored['taken']}")
    for line in found:
        tell(f"  WORSE {line}")


def tell(line: str) -> None:
    print(line, flush=True)


if __name__ == "__main__":
    sys.exit(main())
