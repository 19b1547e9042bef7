#!/usr/bin/env python3
"""docs/benchmarks.md and its pictures, from docs/benchmarks.json.

    scripts/bench/document.py --write     puts tables and pictures into docs/
    scripts/bench/document.py --check     ends with 1 when docs/ has other ones

A table stands in the document between `<!-- bench: NAME -->` and `<!-- /bench -->`.
"""

import argparse
import re
import sys

from figures import STORED, load
from pictures import all_pictures
from tables import all_tables

DOCUMENT = STORED.with_suffix(".md")
PICTURES = STORED.parent / "images"


def filled(text: str, tables: dict[str, list[str]]) -> str:
    """The document with the tables of today."""

    def table(found: re.Match) -> str:
        if found[1] not in tables:
            sys.exit(f"benchmarks: {DOCUMENT.name}: there is no table '{found[1]}'; there are {', '.join(tables)}")
        return "\n".join([f"<!-- bench: {found[1]} -->", *tables[found[1]], "<!-- /bench -->"])

    return re.sub(r"<!-- bench: (\w+) -->\n.*?<!-- /bench -->", table, text, flags=re.DOTALL)


def write(book: dict) -> None:
    DOCUMENT.write_text(filled(DOCUMENT.read_text(), all_tables(book)))
    for name, picture in all_pictures(book).items():
        (PICTURES / name).write_text(picture)


def stale(book: dict) -> list[str]:
    """Files that are not what the stored figures give."""
    found = [] if filled(DOCUMENT.read_text(), all_tables(book)) == DOCUMENT.read_text() else [DOCUMENT.name]
    for name, picture in all_pictures(book).items():
        path = PICTURES / name
        if not path.exists() or path.read_text() != picture:
            found.append(f"images/{name}")
    return found


def main() -> int:
    arguments = argparse.ArgumentParser(description="The document of the benchmarks.")
    task = arguments.add_mutually_exclusive_group(required=True)
    task.add_argument("--write", action="store_true", help="put tables and pictures into docs/")
    task.add_argument("--check", action="store_true", help="end with 1 when docs/ has other ones")
    if arguments.parse_args().write:
        write(load())
        return 0
    problems = stale(load())
    for name in problems:
        print(f"benchmarks: docs/{name} is not what docs/benchmarks.json gives: run scripts/bench/document.py --write", file=sys.stderr)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
