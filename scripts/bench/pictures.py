"""The pictures of docs/benchmarks.md, made of the stored figures alone."""

import two_million
from svg import Bar, Curve, bars, curves
from tables import STAGES, count, main_sizes, number, usual


def all_pictures(book: dict) -> dict[str, str]:
    """Every picture by the name of its file; one without figures is left out."""
    sizes = main_sizes(book)
    entry = usual(sizes)
    if entry is None:
        return {}
    made = {"bench-stages.svg": stages(entry), "bench-sums.svg": sums(entry), "bench-fits.svg": fits(entry), "bench-growth.svg": growth(sizes)}
    return {name: picture for name, picture in made.items() if picture}


def stages(entry: dict) -> str | None:
    drawn = [_bar(entry, f"stage/{name}/seconds", name, "s") for name in STAGES]
    title = f"Seconds of each stage, {count(entry['customers'])} customers"
    return _bars(title, "What each stage of a training run takes, called by itself.", [("seconds", drawn)])


def sums(entry: dict) -> str | None:
    who = [("raw scan", "raw scan", False), ("sums", "ours", True), ("DuckDB", "DuckDB", False), ("Polars", "Polars, Python", False)]
    parts = []
    for heading, measure, unit in (("seconds", "seconds", "s"), ("CPU seconds", "cpu_seconds", "s"), ("most memory", "peak_mb", "MB")):
        parts.append((heading, [_bar(entry, f"sums/{what}/{measure}", words, unit, ours) for what, words, ours in who]))
    title = f"Twelve sums of {count(entry['readings'])} readings"
    return _bars(title, "Ours, DuckDB and Polars beside merely decoding the columns.", parts)


def fits(entry: dict) -> str | None:
    parts = []
    for what, words in (("fits", "six fits"), ("shap", "TreeSHAP of every customer"), ("scores", "scores of every customer")):
        parts.append((f"{words}, seconds", [_bar(entry, f"fits/{who} {what}/seconds", label, "s", who == "ours")
                                            for who, label in (("ours", "ours"), ("Python", "Python's XGBoost"))]))
    title = f"The model, {count(entry['customers'])} customers"
    return _bars(title, "Ours beside XGBoost and scikit-learn in Python.", parts)


def growth(sizes: dict[str, dict]) -> str | None:
    panels = []
    for title, unit, figure in (("whole run", "seconds", "whole/all/seconds"), ("worker's memory", "MB", "whole/worker/peak_mb")):
        points = [(entry["customers"], entry["figures"][figure]["median"]) for entry in sizes.values() if figure in entry["figures"]]
        if len(points) < 2:
            return None
        line = two_million.line(sizes, figure)
        panels.append(Curve(f"{title} over customers", unit, points, (line.start, line.slope)))
    return curves("Growth", "Time and memory of a whole run over the number of customers, with straight lines.", panels)


def _bar(entry: dict, figure: str, label: str, unit: str, ours: bool = True) -> Bar | None:
    found = entry["figures"].get(figure)
    return Bar(label, found["median"], f"{number(found['median'])} {unit}", ours) if found else None


def _bars(title: str, description: str, parts: list[tuple[str, list[Bar | None]]]) -> str | None:
    there = [(heading, [bar for bar in of_part if bar]) for heading, of_part in parts]
    there = [(heading, of_part) for heading, of_part in there if of_part]
    return bars(title, description, there) if there else None
