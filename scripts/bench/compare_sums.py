"""Whether two tables hold the same sums: `compare_sums.py OURS THEIRS` prints the largest difference, relative to the
larger of the value and 1, as JSON; it fails where customers or months differ."""

import json
import sys

import polars as pl

from sums_rules import KEY, SUMS


def main() -> None:
    ours, theirs = (pl.read_parquet(path, columns=[*KEY, *SUMS]).sort(KEY) for path in sys.argv[1:])
    if not ours.select(KEY).equals(theirs.select(KEY)):
        sys.exit(f"the tables are of other customers or months: {ours.height:,} and {theirs.height:,} rows")
    largest = 0.0
    for name in SUMS:
        a, b = ours[name].cast(pl.Float64), theirs[name].cast(pl.Float64)
        scale = pl.DataFrame({"a": a.abs(), "b": b.abs()}).select(pl.max_horizontal("a", "b", pl.lit(1.0))).to_series()
        largest = max(largest, ((a - b).abs() / scale).max() or 0.0)
    print(json.dumps({"largest": largest}))


if __name__ == "__main__":
    main()
