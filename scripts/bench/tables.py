"""The tables of docs/benchmarks.md, made of the stored figures alone."""

from math import isinf

import two_million
from figures import rounded
from shapes_rules import SHAPES

STAGES = ["raw", "bronze_customer", "bronze_customer_month", "silver", "gold", "train", "evaluate", "gate", "score", "recommend",
          "drift", "publish"]
CHECKS = ["check_bronze", "check_silver", "check_gold"]
# The size of the retailer: what the pictures and the table of orchestration are of, where it was measured.
USUAL = 20_099
NOT_YET = ["Not measured yet: `make bench` writes this."]
PICTURES = "images"


def all_tables(book: dict) -> dict[str, list[str]]:
    """Every table by name; one that has no figures yet says so."""
    sizes = main_sizes(book)
    makers = {
        "machines": lambda: machines(book), "whole": lambda: whole(book), "stages": lambda: stages(sizes), "sums": lambda: sums(sizes),
        "fits": lambda: fits(sizes), "orchestration": lambda: orchestration(sizes), "growth": lambda: growth(sizes),
        "shapes": lambda: shapes(sizes), "fan_out": lambda: fan_out(sizes), "dashboard": lambda: dashboard(book), "two_million": lambda: two_million_customers(sizes),
    }
    return {name: make() or NOT_YET for name, make in makers.items()}


def main_sizes(book: dict) -> dict[str, dict]:
    """The sizes of the profile that users build, or else of the other one."""
    return book.get("dev") or next(iter(book.values()), {})


def usual(sizes: dict[str, dict]) -> dict | None:
    return sizes.get(str(USUAL)) or max(sizes.values(), key=lambda entry: entry["customers"], default=None)


def machines(book: dict) -> list[str]:
    rows = [[profile, count(entry["customers"]), count(entry["readings"]), f"{entry['bytes'] / 1e9:.2f}", entry["taken"],
             f"`{entry['revision']}`", entry["machine"]] for profile, entry in _entries(book)]
    return table(["profile", "customers", "readings", "file, GB", "measured", "revision", "on"], "lrrrlll", rows)


def whole(book: dict) -> list[str]:
    rows = []
    for profile, entry in _entries(book):
        if _has(entry, "whole/all/seconds"):
            seconds = entry["figures"]["whole/all/seconds"]["median"]
            rows.append([profile, count(entry["customers"]), spread(entry, "whole/all/seconds"), spread(entry, "whole/all/cpu_seconds"),
                         f"{entry['readings'] / seconds / 1e6:.1f}", spread(entry, "whole/worker/peak_mb"),
                         spread(entry, "whole/trainer/peak_mb"), spread(entry, "again/all/seconds"), _runs(entry, "whole/all/seconds")])
    heads = ["profile", "customers", "seconds", "CPU seconds", "M readings/s", "worker, MB", "training, MB", "same data again, s", "runs"]
    return table(heads, "lrrrrrrrr", rows)


def stages(sizes: dict[str, dict]) -> list[str]:
    """A table for each size."""
    lines = []
    for entry in sizes.values():
        names = [name for name in [*STAGES, *CHECKS, "all"] if _has(entry, f"stage/{name}/seconds")]
        rows = [_stage(entry, name) for name in names]
        if rows:
            heads = ["stage", "rows", "seconds", "CPU seconds", "most memory, MB", "rows/s", "times a raw scan"]
            lines += ["", f"{count(entry['customers'])} customers, runs: {_runs(entry, 'stage/all/seconds')}", "", *table(heads, "lrrrrrr", rows)]
    picture = [f"![Seconds of each stage of a run]({PICTURES}/bench-stages.svg)"] if lines else []
    return [*picture, *lines] if lines else []


def _stage(entry: dict, name: str) -> list[str]:
    made = entry["facts"].get("rows", {}).get(name)
    seconds = entry["figures"][f"stage/{name}/seconds"]["median"]
    scan = _median(entry, "sums/raw scan/seconds")
    rate = count(made / seconds) if made and seconds else ""
    return [name, count(made) if made else "", spread(entry, f"stage/{name}/seconds"), spread(entry, f"stage/{name}/cpu_seconds"),
            spread(entry, f"stage/{name}/peak_mb"), rate, f"{seconds / scan:.2f}" if scan else ""]


def sums(sizes: dict[str, dict]) -> list[str]:
    rows = []
    for entry in sizes.values():
        versions, differences = entry["facts"].get("versions", {}), entry["facts"].get("sums_differ_by", {})
        for what, words in (("raw scan", "raw scan"), ("sums", "**ours**"), ("DuckDB", "DuckDB"), ("Polars", "Polars, Python")):
            if _has(entry, f"sums/{what}/seconds"):
                seconds = entry["figures"][f"sums/{what}/seconds"]["median"]
                scan = _median(entry, "sums/raw scan/seconds")
                differs = f"{differences[what]:.0e}" if what in differences else ""
                rows.append([count(entry["customers"]), f"{words} {versions.get(what, '')}".strip(), spread(entry, f"sums/{what}/seconds"),
                             spread(entry, f"sums/{what}/cpu_seconds"), spread(entry, f"sums/{what}/peak_mb"),
                             f"{entry['readings'] / seconds / 1e6:.1f}", f"{seconds / scan:.2f}" if scan else "", differs])
    heads = ["customers", "by", "seconds", "CPU seconds", "most memory, MB", "M readings/s", "times a raw scan", "differs from ours by"]
    picture = [f"![Seconds and memory of the sums]({PICTURES}/bench-sums.svg)", ""] if rows else []
    return [*picture, *table(heads, "rlrrrrrr", rows)]


def fits(sizes: dict[str, dict]) -> list[str]:
    rows = []
    for entry in sizes.values():
        for who in ("ours", "Python"):
            if _has(entry, f"fits/{who} fits/seconds"):
                taken = [spread(entry, f"fits/{who} {what}/seconds") for what in ("fits", "shap", "scores")]
                cpu = sum(_median(entry, f"fits/{who} {what}/cpu_seconds") or 0 for what in ("fits", "shap", "scores"))
                quality = entry["facts"].get("pr_auc_of", {}).get(who)
                versions = entry["facts"].get("versions", {})
                python = f"Python, XGBoost {versions.get('XGBoost', '')}, scikit-learn {versions.get('scikit-learn', '')}"
                words = "**ours**" if who == "ours" else python
                rows.append([count(entry["customers"]), words, *taken, number(cpu), spread(entry, f"fits/{who}/peak_mb"),
                             f"{quality:.3f}" if quality is not None else ""])
    heads = ["customers", "by", "fits, s", "TreeSHAP, s", "scores, s", "CPU seconds", "most memory, MB", "PR-AUC on the holdout"]
    picture = [f"![Seconds of fits, TreeSHAP and scores]({PICTURES}/bench-fits.svg)", ""] if rows else []
    return [*picture, *table(heads, "rlrrrrrr", rows)]


def orchestration(sizes: dict[str, dict]) -> list[str]:
    """The whole run beside the same functions called directly, piece by piece."""
    rows = []
    for entry in sizes.values():
        if _has(entry, "whole/run/seconds") and _has(entry, "stage/process/seconds"):
            for words, ran, called in pieces(entry):
                shown = f"**{words}**" if words == "all" else words
                rows.append([count(entry["customers"]), shown, number(ran), number(called), number(ran - called)])
    return table(["customers", "piece", "whole run, s", "called directly, s", "difference, s"], "rlrrr", rows)


def pieces(entry: dict) -> list[tuple[str, float, float]]:
    """Each piece with its seconds in the run and called directly; the last is the sum of both processes."""
    ran = {name: _median(entry, f"whole/{name}/seconds") or 0.0 for name in STAGES}
    called = {name: _median(entry, f"stage/{name}/seconds") or 0.0 for name in [*STAGES, *CHECKS]}
    run, process = _median(entry, "whole/run/seconds"), _median(entry, "whole/all/seconds")
    directly = _median(entry, "stage/process/seconds")
    # Of the raw files' digest the demo needs for the run's ID what the raw stage then finds remembered.
    around = process - run
    first = ("start, raw files, end", around + ran["raw"], directly - sum(called.values()) + called["raw"])
    rest = [(name, ran[name], called[name]) for name in STAGES if name != "raw"]
    between = ("between the stages", run - sum(ran.values()), sum(called[name] for name in CHECKS))
    return [first, *rest, between, ("all", process, directly)]


def growth(sizes: dict[str, dict]) -> list[str]:
    measured = [entry for entry in sizes.values() if _has(entry, "whole/all/seconds")]
    if len(measured) < 2:
        return []
    rows = []
    for entry in measured:
        seconds, peak = (entry["figures"][name]["median"] for name in ("whole/all/seconds", "whole/worker/peak_mb"))
        rows.append([count(entry["customers"]), spread(entry, "whole/all/seconds"), number(seconds / entry["customers"] * 1000),
                     spread(entry, "whole/worker/peak_mb"), number(peak / entry["customers"] * 1000)])
    time, memory = (two_million.line(sizes, name) for name in ("whole/all/seconds", "whole/worker/peak_mb"))
    words = (f"The lines: {number(time.start)} s and {number(time.slope * 1000)} s for each 1,000 customers; "
             f"{number(memory.start)} MB and {number(memory.slope * 1000)} MB for each 1,000.")
    heads = ["customers", "seconds", "s for each 1,000", "worker, MB", "MB for each 1,000"]
    return [f"![Time and memory over customers]({PICTURES}/bench-growth.svg)", "", *table(heads, "rrrrr", rows), "", words]


def shapes(sizes: dict[str, dict]) -> list[str]:
    """Each shape beside the fastest one of its size."""
    rows = []
    for entry in sizes.values():
        names = [name for name in SHAPES if _has(entry, f"shapes/{name}/seconds")]
        fastest = min((_median(entry, f"shapes/{name}/seconds") for name in names), default=0.0)
        for name in names:
            size = entry["facts"]["shapes"][name]["bytes"] / 1e6
            rows.append([count(entry["customers"]), name, number(size), spread(entry, f"shapes/{name}/seconds"),
                         spread(entry, f"shapes/{name}/cpu_seconds"), f"{_median(entry, f'shapes/{name}/seconds') / fastest:.1f}"])
    return table(["customers", "shape", "MB", "seconds", "CPU seconds", "times the fastest"], "rlrrrr", rows)


def fan_out(sizes: dict[str, dict]) -> list[str]:
    rows = []
    for entry in sizes.values():
        for what, fact in entry["facts"].get("fan_out", {}).items():
            if _has(entry, f"fan_out/{what}/seconds"):
                taken = [spread(entry, f"fan_out/{name}") for name in (f"{what}/seconds", f"{what}, months/seconds", f"{what}/cpu_seconds")]
                rows.append([count(entry["customers"]), what, count(fact["slices"]), *taken, count(fact["again"])])
    return table(["customers", "lake and workers", "slices", "run, s", "months, s", "CPU seconds", "attempts lost"], "rlrrrrr", rows)


def dashboard(book: dict) -> list[str]:
    rows, words = [], []
    for profile, entry in _entries(book):
        pages = [name.split("/")[1] for name in entry["figures"] if name.startswith("dashboard/") and name.endswith("/p95_ms")]
        for page in pages:
            taken = [spread(entry, f"dashboard/{page}/{measure}") for measure in ("first_ms", "p50_ms", "p95_ms")]
            rows.append([profile, count(entry["customers"]), page, *taken, number(entry["facts"].get("pages_per_second", {}).get(page, 0))])
        if pages:
            words.append(f"With {count(entry['customers'])} customers ({profile}) the first page is there {spread(entry, 'dashboard/start/seconds')} s "
                         f"after the start; the process had {spread(entry, 'dashboard/process/peak_mb')} MB at most.")
    made = table(["profile", "customers", "page", "first, ms", "p50, ms", "p95, ms", "pages/s"], "lrlrrrr", rows)
    return [*made, "", *words] if made else []


def two_million_customers(sizes: dict[str, dict]) -> list[str]:
    measured = {name: entry for name, entry in sizes.items() if _has(entry, "stage/raw/seconds") and _has(entry, "sums/sums/cpu_seconds")}
    if len(measured) < 2:
        return []
    plan = two_million.plan_of(measured)
    one, _ = two_million.slice_seconds(measured, plan)
    data = [["readings", count(plan.readings)], ["raw files", f"{plan.raw_bytes / 1e9:,.0f} GB"],
            ["slices of 512 MiB, and child workflows of 200", f"{count(plan.slices)}, {plan.lists}"],
            ["a slice on one core", f"{number(one)} s"],
            ["history of a child workflow", f"{count(plan.events_of_a_batch())} events of {count(two_million.MOST_EVENTS)}, "
             f"{plan.events_of_a_batch() / two_million.EVENTS_PER_SLICE * two_million.BYTES_PER_SLICE / 1e6:.1f} MB"]]
    alone = sorted(two_million.stages(measured, two_million.CUSTOMERS).items(), key=lambda item: -item[1])
    longest = [[name, number(seconds / 60)] for name, seconds in alone[:6]]
    longest.append(["merging the months", number(two_million.merge_seconds(measured, two_million.CUSTOMERS) / 60)])
    by_workers = [[str(row["workers"]), number(row["slices"] / 60), number(row["alone"] / 60), number(row["run"] / 60), f"{row['usd']:.2f}"]
                  for row in two_million.by_workers(measured)]
    full = [[name, number(there), number(needed), "never" if isinf(customers) else count(round(customers, -3))]
            for name, there, needed, customers in two_million.full_at(measured)]
    return [
        *table(["", "2 million customers"], "lr", data), "",
        *table(["workers of 2 cores", "slices, minutes", "all else, minutes", "run, minutes", "Fargate, USD"], "rrrrr", by_workers), "",
        *table(["one activity each", "minutes"], "lr", longest), "",
        *table(["full first", "a worker has, GB", "2 million need, GB", "full at customers"], "lrrr", full),
    ]


def table(heads: list[str], sides: str, rows: list[list[str]]) -> list[str]:
    """Markdown; nothing without rows. A side is l or r."""
    if not rows:
        return []
    rule = ["---:" if side == "r" else "---" for side in sides]
    return [f"| {' | '.join(heads)} |", f"|{'|'.join(rule)}|", *(f"| {' | '.join(row)} |" for row in rows)]


def spread(entry: dict, figure: str) -> str:
    """The median, and the lowest and highest behind it where there was more than one run."""
    found = entry["figures"].get(figure)
    if found is None:
        return ""
    shown = number(found["median"])
    if found["runs"] > 1 and found["low"] != found["high"]:
        shown += f" ({number(found['low'])} to {number(found['high'])})"
    return shown


def number(value: float) -> str:
    """Three digits that count."""
    if abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{rounded(value):.1f}" if abs(value) >= 10 else f"{value:.2f}"


def count(value: float) -> str:
    return f"{value:,.0f}"


def _entries(book: dict) -> list[tuple[str, dict]]:
    return [(profile, entry) for profile, sizes in book.items() for entry in sizes.values()]


def _has(entry: dict, figure: str) -> bool:
    return figure in entry["figures"]


def _median(entry: dict, figure: str) -> float | None:
    found = entry["figures"].get(figure)
    return found["median"] if found else None


def _runs(entry: dict, figure: str) -> str:
    return str(entry["figures"][figure]["runs"])
