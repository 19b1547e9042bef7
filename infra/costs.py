#!/usr/bin/env python3
"""What the system costs, from infra/costs.toml: prices, quantities, and nothing else.

    infra/costs.py                      prints every table
    infra/costs.py --prices my.toml     the same with a file of your own
    infra/costs.py --write              puts the tables into the documents
    infra/costs.py --check              ends with 1 when a document has other tables, or Terraform other sizes

A table stands in a document between `<!-- costs: NAME -->` and `<!-- /costs -->`.
"""

import argparse
import re
import sys
import tomllib
from pathlib import Path

HERE = Path(__file__).resolve().parent
DOCUMENTS = [HERE.parent / "docs" / "costs.md", HERE.parent / "docs" / "deploy.md"]
EVIDENCE = {"list": "AWS's price list", "bill": "a bill", "vendor": "the vendor's page",
            "guide": "somebody's guide, **check**", "remembered": "**as remembered, check**"}
UNVERIFIED = ("guide", "remembered")


class Unusable(Exception):
    """The file of prices does not fit together."""


def number(value: float) -> str:
    """As few digits as the value has."""
    return f"{value:,.10f}".rstrip("0").rstrip(".")


def money(value: float) -> str:
    return f"{value:,.2f}" if abs(value) >= 0.1 or value == 0 else f"{value:.4f}"


def unverified(book: dict, line: dict) -> bool:
    """Whether somebody should look the price or a quantity up before relying on the line."""
    names = [factor for factor in line["times"] if isinstance(factor, str)]
    return price(book, line)["evidence"] in UNVERIFIED or any(book["quantities"][name].get("unverified") for name in names)


def line_cost(book: dict, line: dict) -> float:
    """Price times every factor of the line, over what it is divided by."""
    cost = price(book, line)["usd"] / line.get("over", 1)
    for factor in line["times"]:
        cost *= quantity(book, factor)
    return cost


def price(book: dict, line: dict) -> dict:
    try:
        return book["prices"][line["price"]]
    except KeyError:
        raise Unusable(f"line '{line['what']}': there is no price '{line['price']}' in [prices]") from None


def quantity(book: dict, factor) -> float:
    """A number, or the name of one in [quantities]."""
    if not isinstance(factor, str):
        return factor
    try:
        return book["quantities"][factor]["value"]
    except KeyError:
        raise Unusable(f"there is no quantity '{factor}' in [quantities]") from None


def arithmetic(book: dict, line: dict) -> str:
    """The factors in words, then the price: `1 task × 2 vCPU × 730 h × 0.04048`."""
    words = []
    for factor in line["times"]:
        value = number(quantity(book, factor))
        words.append(f"{value} {book['quantities'][factor]['unit']}" if isinstance(factor, str) else value)
    product = " × ".join([*words, number(price(book, line)["usd"])])
    return f"{product} / {number(line['over'])}" if "over" in line else product


def total(book: dict, bill: str) -> float:
    return sum(line_cost(book, line) for line in book["bills"][bill]["lines"])


def bill_table(book: dict, bill: str) -> list[str]:
    lines = book["bills"][bill]["lines"]
    rows = ["| what | arithmetic | USD |", "|---|---|---:|"]
    for line in lines:
        mark = " †" if unverified(book, line) else ""
        rows.append(f"| {line['what']} | {arithmetic(book, line)}{mark} | {money(line_cost(book, line))} |")
    rows.append(f"| **{book['bills'][bill]['sum']}** | | **{money(total(book, bill))}** |")
    return rows


def price_table(book: dict) -> list[str]:
    rows = ["| price | USD | per | seen in | date | where |", "|---|---:|---|---|---|---|"]
    for entry in book["prices"].values():
        rows.append(
            f"| {entry['what']} | {number(entry['usd'])} | {entry['per']} | {EVIDENCE[entry['evidence']]} "
            f"| {entry['date']} | {entry['where']} |"
        )
    return rows


def quantity_table(book: dict) -> list[str]:
    rows = ["| quantity | value | basis |", "|---|---:|---|"]
    for entry in book["quantities"].values():
        rows.append(f"| {entry['what']} | {number(entry['value'])} {entry['unit']} | {entry['basis']} |")
    return rows


def summary_table(book: dict) -> list[str]:
    rows = ["| | USD | of it in lines with † |", "|---|---:|---:|"]
    for row in book["summary"]:
        lines = [line for bill in row["bills"] for line in book["bills"][bill]["lines"]]
        doubtful = sum(line_cost(book, line) for line in lines if unverified(book, line))
        rows.append(f"| {row['what']} | {money(sum(line_cost(book, line) for line in lines))} | {money(doubtful)} |")
    return rows


def spot_table(book: dict) -> list[str]:
    """What managed spot saves on the training of a month, for assumed discounts."""
    spot = book["spot"]
    on_demand = quantity(book, spot["seconds"]) / 3600 * quantity(book, spot["runs"]) * book["prices"][spot["price"]]["usd"]
    rows = ["| discount (assumed) | training per month, USD | saved, USD |", "|---:|---:|---:|", f"| none | {money(on_demand)} | |"]
    for percent in spot["discount_percent"]:
        left = on_demand * (100 - percent) / 100
        rows.append(f"| {percent} % | {money(left)} | {money(on_demand - left)} |")
    return rows


def tables(book: dict) -> dict[str, list[str]]:
    bills = {name: bill_table(book, name) for name in book["bills"]}
    return {"summary": summary_table(book), **bills, "spot": spot_table(book), "quantities": quantity_table(book), "prices": price_table(book)}


def filled(text: str, made: dict[str, list[str]], name: str) -> str:
    """The document with the tables of today."""

    def table(found: re.Match) -> str:
        if found[1] not in made:
            raise Unusable(f"{name}: there is no table '{found[1]}'; there are {', '.join(made)}")
        return "\n".join([f"<!-- costs: {found[1]} -->", *made[found[1]], "<!-- /costs -->"])

    return re.sub(r"<!-- costs: (\w+) -->\n.*?<!-- /costs -->", table, text, flags=re.DOTALL)


def other_sizes(book: dict) -> list[str]:
    """Quantities that Terraform decides, and where it says something else."""
    problems = []
    for name, entry in book["quantities"].items():
        if "file" not in entry:
            continue
        path = HERE.parent / entry["file"]
        if not path.exists():
            problems.append(f"quantity '{name}' is from {entry['file']}, which is not there")
            continue
        found = re.search(entry["pattern"], path.read_text(), re.MULTILINE)
        if found is None:
            problems.append(f"quantity '{name}': {entry['file']} has nothing like {entry['pattern']}")
            continue
        # A size is a number, or a list of which the length counts.
        there = len(re.findall(r'"[^"]+"', found[1])) if entry.get("count") else float(found[1]) / entry.get("divide", 1) - entry.get("minus", 0)
        if there != entry["value"]:
            problems.append(f"quantity '{name}' is {number(entry['value'])}, and {entry['file']} says {number(there)}")
    return problems


def unused(book: dict) -> list[str]:
    """What no bill asks for, and so nobody would miss when it is wrong."""
    lines = [line for bill in book["bills"].values() for line in bill["lines"]]
    prices = {line["price"] for line in lines} | {book["spot"]["price"]}
    quantities = {factor for line in lines for factor in line["times"]} | {book["spot"]["seconds"], book["spot"]["runs"]}
    return [f"no bill has the price '{name}'" for name in book["prices"] if name not in prices] + [
        f"no bill has the quantity '{name}'" for name in book["quantities"] if name not in quantities
    ]


def stale(made: dict[str, list[str]]) -> list[str]:
    problems = []
    for path in DOCUMENTS:
        text = path.read_text()
        if "<!-- costs: " not in text:
            problems.append(f"{path.name} has no table of costs")
        elif filled(text, made, path.name) != text:
            problems.append(f"{path.name} has other tables than infra/costs.toml gives: run infra/costs.py --write")
    return problems


def main() -> int:
    arguments = argparse.ArgumentParser(description="What the system costs.")
    arguments.add_argument("--prices", type=Path, default=HERE / "costs.toml", help="prices and quantities")
    task = arguments.add_mutually_exclusive_group()
    task.add_argument("--write", action="store_true", help="put the tables into the documents")
    task.add_argument("--check", action="store_true", help="end with 1 when a document or Terraform says something else")
    given = arguments.parse_args()
    try:
        book = tomllib.loads(given.prices.read_text())
        made = tables(book)
        if given.check:
            problems = stale(made) + other_sizes(book) + unused(book)
            for problem in problems:
                print(f"costs: {problem}", file=sys.stderr)
            return 1 if problems else 0
        if given.write:
            for path in DOCUMENTS:
                path.write_text(filled(path.read_text(), made, path.name))
            return 0
    except (Unusable, KeyError, OSError, tomllib.TOMLDecodeError) as problem:
        print(f"costs: {given.prices} cannot be used: {problem}", file=sys.stderr)
        return 1
    for name, rows in made.items():
        print(f"\n## {name}\n" + "\n".join(rows))
    return 0


if __name__ == "__main__":
    sys.exit(main())
