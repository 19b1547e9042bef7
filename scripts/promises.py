#!/usr/bin/env python3
"""Measures what docs promise of time, drift, the gate, the model and offers, on one generated lake per seed, and writes the table.

    scripts/promises.py BINARY EXAMPLES DOCUMENT [--customers N] [--folder FOLDER] SEED ...

BINARY is spanishgas, EXAMPLES the folder with the built examples of `churn`. Every number in the table comes from what these
programs print; what cannot be measured is an error, and then nothing is written. One lake is at work at a time; its raw files (2 GB at
full size) are deleted once it is measured. The lakes stay in FOLDER, where that is given, and a seed that was measured there by the
same BINARY for as many customers is not measured again.
"""

import argparse
import hashlib
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
from dataclasses import asdict, dataclass, field
from math import sqrt
from pathlib import Path
from statistics import mean

TOP = Path(__file__).resolve().parent.parent
DAYS_PER_MONTH = 30.44
PLANTED_EFFECT = 0.25
# What comparable models were published with: PR-AUC by experiment, from the worst to the best of them.
PUBLISHED = {
    "E0_baseline": (0.306, 0.306),
    "E2_add_risk": (0.407, 0.476),
    "E3_add_behavioral": (0.643, 0.685),
    "E5_full": (0.719, 0.745),
    "E8_no_sentiment": (0.643, 0.684),
}
PUBLISHED_GAP = 0.09


@dataclass
class Lake:
    """What was measured of one seed."""

    seed: int
    folder: str
    trained: dict
    offers: dict | None
    verified: list
    board: dict
    backtest: dict
    worker_peak_mb: float
    # By the planted effect, as JSON writes it.
    effects: dict = field(default_factory=dict)


@dataclass
class Row:
    """A line of the table; `holds` is none of a figure without a limit."""

    part: str
    promise: str
    measured: str
    holds: bool | None = None


def main() -> int:
    arguments = parsed()
    folder = Path(arguments.folder or tempfile.mkdtemp(prefix="promises-")).resolve()
    try:
        lakes = [measured_once(arguments, folder, seed) for seed in arguments.seeds]
        rows = table(arguments, lakes)
        Path(arguments.document).write_text(document(arguments, lakes, rows))
        print(f"{arguments.document}: {sum(row.holds is False for row in rows)} of {len(rows)} promises do not hold")
    finally:
        if not arguments.folder:
            shutil.rmtree(folder, ignore_errors=True)
    return 0


def parsed() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("binary", type=Path)
    parser.add_argument("examples", type=Path)
    parser.add_argument("document")
    parser.add_argument("--customers", type=int, default=20099)
    parser.add_argument("--folder")
    parser.add_argument("seeds", type=int, nargs="+")
    return parser.parse_args()


# One lake


def measured_once(arguments: argparse.Namespace, folder: Path, seed: int) -> Lake:
    """What an earlier call has measured in the same folder, or is measured now."""
    program = hashlib.sha256(arguments.binary.read_bytes()).hexdigest()[:16]
    kept = folder / f"seed-{seed}-{arguments.customers}-{program}.json"
    if not kept.exists():
        written = kept.with_suffix(".part")
        written.write_text(json.dumps(asdict(measured(arguments, folder, seed))))
        written.rename(kept)
    return Lake(**json.loads(kept.read_text()))


def measured(arguments: argparse.Namespace, folder: Path, seed: int) -> Lake:
    """Generates, trains, verifies, tries the ladder and the backtest, plants effects of offers, and deletes the raw files."""
    lake = folder / f"seed-{seed}"
    state = folder / f"state-{seed}"
    print(f"seed {seed}", file=sys.stderr, flush=True)
    generate(arguments, lake, seed)
    ports = free_ports(3)
    environment = dict(os.environ)
    environment.update(zip(("TEMPORAL_PORT", "TEMPORAL_UI_PORT", "DASHBOARD_PORT"), map(str, ports)))
    subprocess.run([TOP / "scripts/up.sh", arguments.binary, state, lake], env=environment, check=True, stdout=sys.stderr)
    try:
        address = ["--address", f"127.0.0.1:{ports[0]}"]
        asked = Asked(arguments.binary, lake, address)
        trained = asked.json("run", "--mode", "train", "--json")
        version = trained["model"]["version"]
        found = Lake(
            seed=seed,
            folder=str(lake),
            trained=trained,
            offers=offers_of(lake, trained),
            verified=asked.json("models", "verify", version, "--json", server=False, may_end_with=(0, 2, 3, 4)),
            board=asked.json("ladder", *trials(), "--json"),
            backtest=asked.json("backtest", "--months", "6", "--json"),
            worker_peak_mb=peak_of_worker(state),
        )
        for effect in (PLANTED_EFFECT, 0.0):
            generate(arguments, lake, seed, effect)
            found.effects[str(effect)] = offers_of(lake, asked.json("run", "--mode", "score", "--json"))
    finally:
        subprocess.run([TOP / "scripts/down.sh", state], check=False, stdout=sys.stderr)
    shutil.rmtree(lake / "raw")
    return found


def trials() -> list[str]:
    """What the table asks of the ladder."""
    asked = [("--experiment", name) for name in PUBLISHED]
    asked += [("--algorithm", name) for name in ("xgboost", "logistic_regression")]
    return [word for pair in asked for word in pair]


def generate(arguments: argparse.Namespace, lake: Path, seed: int, effect: float | None = None) -> None:
    more = [] if effect is None else ["--offer-effect", str(effect)]
    command = [arguments.binary, "generate-data", "--seed", str(seed), "--customers", str(arguments.customers)]
    subprocess.run([*command, "--out", lake / "raw", *more], check=True, stdout=sys.stderr)


def free_ports(count: int) -> list[int]:
    """Ports that nobody listens on now; all are open together, so that they differ."""
    sockets = [socket.socket() for _ in range(count)]
    try:
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in sockets]
    finally:
        for one in sockets:
            one.close()


@dataclass
class Asked:
    """Commands about one lake, and the JSON that they print."""

    binary: Path
    lake: Path
    address: list[str]

    def json(self, *command: str, server: bool = True, may_end_with: tuple[int, ...] = (0,)):
        whole = [str(self.binary), *command, "--lake", str(self.lake), *(self.address if server else [])]
        done = subprocess.run(whole, check=False, capture_output=True, text=True)
        if done.returncode not in may_end_with:
            raise SystemExit(f"{' '.join(whole)} ended with {done.returncode}:\n{done.stdout}\n{done.stderr}")
        return json.loads(done.stdout)


def offers_of(lake: Path, result: dict) -> dict | None:
    """`offers.json` of a run; nothing where nobody scored."""
    for stage in result["stages"]:
        if stage["name"] == "recommend" and "offers" in stage["outputs"]:
            return json.loads((lake / stage["outputs"]["offers"]).read_text())
    return None


def peak_of_worker(state: Path) -> float:
    pid = (state / "worker.pid").read_text().split()[0]
    status = Path(f"/proc/{pid}/status").read_text()
    return int(re.search(r"VmHWM:\s+(\d+) kB", status).group(1)) / 1024


# What the examples print


def printed(example: Path, tables: list[Path]) -> str:
    print(f"{example.name}: {len(tables)} tables", file=sys.stderr, flush=True)
    return subprocess.run([example, *tables], check=True, capture_output=True, text=True).stdout


def numbers(pattern: str, text: str) -> list[float]:
    """The numbers that a line names; a line that is not there is an error, never a zero."""
    found = re.search(pattern, text, re.MULTILINE)
    if not found:
        raise SystemExit(f"no line fits {pattern!r} in\n{text}")
    return [float(number) for number in found.groups()]


def as_often(found: float, of: float, share: float) -> bool:
    """Whether it came about as often as something of this share does: chance alone gives less in one of twenty measurements."""
    return found >= share * of - 1.645 * sqrt(of * share * (1 - share))


def drift_rows(text: str) -> list[Row]:
    pages, resamples = numbers(r"^(\d+) of (\d+) stable resamples page$", text)
    later, books = numbers(r"^(\d+) of (\d+) books page when they are looked at a month later$", text)
    moved, _ = numbers(r"^(\d+) of (\d+) page when a top feature moves", text)
    absurd, _ = numbers(r"^(\d+) of (\d+) page when one absurd value is in it as well$", text)
    kept, _ = numbers(r"^the estimate holds what came to pass in (\d+) of (\d+)$", text)
    shift, _ = numbers(r"^a shift of the labels is found in (\d+) of (\d+)$", text)
    part, books_of = "drift", f"of {books:.0f} years"
    return [
        Row(part, "stable resamples: no page", f"{pages:.0f} of {resamples:.0f}", pages == 0),
        Row(part, "unchanged customers a month later: no page", f"{later:.0f} {books_of}", later == 0),
        Row(part, "a top feature moves by 0.3 robust standard deviations: a page", f"{moved:.0f} {books_of}", moved == books),
        Row(part, "the same with one absurd outlier: a page", f"{absurd:.0f} {books_of}", absurd == books),
        Row("performance", "the estimate without labels covers what came to pass", f"{kept:.0f} {books_of}", kept == books),
        Row("performance", "a planted shift of the labels is found", f"{shift:.0f} {books_of}", shift == books),
    ]


def for_whom_rows(text: str) -> list[Row]:
    enough, tables = numbers(r"^recall on the holdout is 0\.70 or more in (\d+) of (\d+) tables$", text)
    every, offered = numbers(r"^reasons under another seed: ([\d.]+) of all customers .*, ([\d.]+) of those with an offer$", text)
    rows = [
        Row("model", "recall on new customers is 0.70 or more (asked for: in 90 %)", f"{enough:.0f} of {tables:.0f} years", as_often(enough, tables, 0.9)),
        Row("model", "reasons stay the same under another seed: 0.9 of them", f"{every:.3f} of all customers", every >= 0.9),
        Row("model", "the same, of customers with an offer", f"{offered:.3f}"),
    ]
    tier = r"^(\S.*?)\s+churn rate ([\d.]+|NaN) of +\d+ in training, ([\d.]+|NaN) of +\d+ others, ([+-][\d.]+|NaN) standard"
    tiers = re.findall(tier, text, re.MULTILINE)
    if len(tiers) != 4:
        raise SystemExit(f"there are not four tiers in\n{text}")
    for name, training, others, apart in tiers:
        words = f"{training} in training, {others} of others, {apart} standard deviations apart"
        holds = None if apart == "NaN" else abs(float(apart)) < 3
        rows.append(Row("model", f"tier {name} means the same for customers of the training and others", words, holds))
    return rows


def gate_rows(text: str) -> list[Row]:
    refits, tables, worse, _ = numbers(r"^passed: (\d+) of (\d+) refits, (\d+) of (\d+) worse models$", text)
    of = f"of {tables:.0f}"
    return [
        Row("gate", "a refit by another seed, as good by definition, passes", f"{refits:.0f} {of}"),
        Row("gate", "a model without what customers said and did does not pass", f"{worse:.0f} {of} passed", worse == 0),
    ]


# What the runs say


def spread(values: list[float]) -> str:
    return f"{mean(values):.3f} ({min(values):.3f} to {max(values):.3f})"


def model_rows(lakes: list[Lake]) -> list[Row]:
    metrics = [lake.trained["model"]["metrics"] for lake in lakes]
    promoted = sum(lake.trained["outcome"] in ("promoted", "already_champion") for lake in lakes)
    same = sum(lake.verified[0]["rebuilt"] == {"state": "same"} for lake in lakes)
    rows = [
        Row("model", "PR-AUC on the holdout, mean (lowest to highest)", spread([one["pr_auc"] for one in metrics])),
        Row("model", "ROC-AUC on the holdout; published .929", spread([one["roc_auc"] for one in metrics])),
        Row("model", "the first model reaches the floor of 0.70", f"{promoted} of {len(lakes)} years"),
        Row("card", "`models verify VERSION`: a new training gives the same bytes", f"{same} of {len(lakes)}", same == len(lakes)),
    ]
    for value in ("with", "without"):
        found = [slice_of(lake, value)["pr_auc"] for lake in lakes]
        rows.append(Row("model", f"PR-AUC of customers {value} a contact", spread([one for one in found if one is not None])))
    return rows


def slice_of(lake: Lake, value: str) -> dict:
    return next(one for one in lake.trained["model"]["slices"] if one["by"] == "contact" and one["value"] == value)


def ladder_rows(lakes: list[Lake]) -> list[Row]:
    rows = []
    for experiment, (low, high) in PUBLISHED.items():
        found = [reached(lake, experiment, "xgboost") for lake in lakes]
        published = f"{low:.3f}" if low == high else f"{low:.3f} to {high:.3f}"
        # One published figure is no range to lie in.
        holds = None if low == high else low <= round(mean(found), 3) <= high
        rows.append(Row("ladder", f"PR-AUC of {experiment} by XGBoost; published {published}", spread(found), holds))
    gaps = [reached(lake, "E5_full", "xgboost") - reached(lake, "E5_full", "logistic_regression") for lake in lakes]
    rows.append(Row("ladder", f"XGBoost is better than logistic regression (E5_full) by; published {PUBLISHED_GAP:.2f}", spread(gaps)))
    return rows


def reached(lake: Lake, experiment: str, algorithm: str) -> float:
    for row in lake.board["rows"]:
        if (row["trial"]["experiment"], row["trial"]["algorithm"]) == (experiment, algorithm):
            return row["figures"]["pr_auc"]
    raise SystemExit(f"the leaderboard of seed {lake.seed} has no {algorithm} of {experiment}")


def time_rows(lakes: list[Lake]) -> list[Row]:
    by_month: dict[int, list[float]] = {}
    for lake in lakes:
        for at in lake.backtest["lead"]:
            by_month.setdefault(round(at["lead_days"] / DAYS_PER_MONTH), []).append(at["figures"]["pr_auc"])
    return [Row("time", f"PR-AUC {months} months before the label's date", spread(found)) for months, found in sorted(by_month.items())]


def offer_rows(lakes: list[Lake]) -> list[Row]:
    reports = [lake.offers for lake in lakes if lake.offers]
    if not reports:
        raise SystemExit("no model passed, so nobody was offered anything")
    of = f"of {len(reports)} years"
    below = sum(report["value"]["below_zero"] for report in reports)
    late = sum(report["value"]["after_renewal"] for report in reports)
    enough = sum(report["value"]["value_eur"] >= report["tier_within_limits"]["value_eur"] for report in reports)

    def euros(name: str) -> str:
        return f"{mean([report[name]['value_eur'] for report in reports]):,.0f} EUR"

    rows = [
        Row("offers", "value never makes an offer that costs more than it keeps", f"{below} offers {of}", below == 0),
        Row("offers", "value never makes an offer that falls due after the renewal", f"{late} offers {of}", late == 0),
        Row("offers", "value is never worth less than the tiers within the same limits", f"{enough} {of}", enough == len(reports)),
        Row("offers", "worth of the tiers' offers, mean, under assumed save rates", euros("tier")),
        Row("offers", "worth of value's offers, mean, under the same rates", euros("value")),
    ]
    for effect in (PLANTED_EFFECT, 0.0):
        found = [save_rate(lake, effect) for lake in lakes if lake.effects.get(str(effect))]
        inside = sum(rate["low"] <= effect <= rate["high"] for rate in found)
        words = "a planted save rate of 25 % lies" if effect else "where no effect is planted 0 lies"
        rows.append(Row("offers", f"{words} in its 95 % interval", f"{inside} of {len(found)}", as_often(inside, len(found), 0.95)))
    return rows


def save_rate(lake: Lake, effect: float) -> dict:
    overall = lake.effects[str(effect)]["effects"]["overall"]
    if "evaluated" not in overall:
        raise SystemExit(f"the effect of offers of seed {lake.seed} was not evaluated: {overall}")
    return overall["evaluated"]["save_rate"]


def cost_rows(arguments: argparse.Namespace, lakes: list[Lake]) -> list[Row]:
    seconds = [sum(stage["seconds"] for stage in lake.trained["stages"]) for lake in lakes]
    peaks = [lake.worker_peak_mb for lake in lakes]
    size = f"{arguments.customers:,} customers"
    return [
        Row("cost", f"a training run of {size}: seconds of all stages", f"{mean(seconds):.0f} ({min(seconds):.0f} to {max(seconds):.0f})"),
        Row("cost", "peak memory of the worker over training, ladder and backtest, MB", f"{mean(peaks):.0f} ({min(peaks):.0f} to {max(peaks):.0f})"),
    ]


# The document


def table(arguments: argparse.Namespace, lakes: list[Lake]) -> list[Row]:
    gold = [output_of(lake, "gold", "gold_master") for lake in lakes]
    silver = [output_of(lake, "silver", "silver_customer").parent for lake in lakes]
    examples = arguments.examples
    return [
        *time_rows(lakes),
        *drift_rows(printed(examples / "drift_promises", silver)),
        *gate_rows(printed(examples / "gate", gold)),
        *model_rows(lakes),
        *for_whom_rows(printed(examples / "for_whom", gold)),
        *offer_rows(lakes),
        *ladder_rows(lakes),
        *cost_rows(arguments, lakes),
    ]


def output_of(lake: Lake, stage: str, name: str) -> Path:
    found = next(one for one in lake.trained["stages"] if one["name"] == stage)
    return Path(lake.folder) / found["outputs"][name]


def document(arguments: argparse.Namespace, lakes: list[Lake], rows: list[Row]) -> str:
    seeds = ", ".join(str(lake.seed) for lake in lakes)
    words = {True: "yes", False: "**no**", None: ""}
    lines = [
        "<!-- Written by `make promises`: change it there, in scripts/promises.py. -->",
        "# What is promised, measured",
        "",
        f"Over {len(lakes)} generated years, seeds {seeds}, {arguments.customers:,} customers each. A range is that of the years. "
        "Promises without a word in the last column are figures without a limit.",
        "",
        "| part | promise | measured | holds |",
        "|---|---|---|---|",
        *(f"| {row.part} | {row.promise} | {row.measured} | {words[row.holds]} |" for row in rows),
        "",
        "Held by tests on made-up data, each of which can fail: no feature reads a row dated after `as_of` (`churn/tests/time_travel.rs`), "
        "drift's statistics are SciPy's (`churn/src/drift/statistics/`), losses do not add up past the gate "
        "(`churn/src/model/decide/simulation.rs`), no offer is over budget (`churn/src/recommend/value_policy_test.rs`), planted effects of "
        "offers are found and none where none is (`churn/src/outcomes/planted_test.rs`), the golden tables (`churn/tests/golden.rs`).",
        "",
    ]
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
