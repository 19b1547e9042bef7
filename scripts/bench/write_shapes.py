"""Writes the same readings in every shape, each into a folder of its own: `write_shapes.py READINGS FOLDER`.

Polars writes them all but one: DuckDB can leave out the dictionaries.
"""

import sys
from pathlib import Path

import duckdb
import polars as pl

from shapes_rules import COMPRESSIONS, FILES, ROW_GROUPS, ROWS_PER_GROUP, SHAPES, STEM, UNITS, WARM_UP, cuts, folder_of


def main() -> None:
    source, folder = Path(sys.argv[1]), Path(sys.argv[2])
    readings = pl.read_parquet(source)
    for shape in [*SHAPES, WARM_UP]:
        place = folder / folder_of(shape)
        place.mkdir(parents=True, exist_ok=True)
        write(shape, readings, source, place)


def write(shape: str, readings: pl.DataFrame, source: Path, place: Path) -> None:
    parquet = place / f"{STEM}.parquet"
    if shape in COMPRESSIONS:
        to_parquet(readings, parquet, compression=COMPRESSIONS[shape])
    elif shape in UNITS:
        to_parquet(readings.with_columns(pl.col("timestamp").str.to_datetime("%Y-%m-%d %H:%M:%S", time_unit=UNITS[shape])), parquet)
    elif shape in ROW_GROUPS:
        to_parquet(readings, parquet, rows=ROW_GROUPS[shape])
    elif shape == WARM_UP:
        to_parquet(readings, parquet, rows=ROWS_PER_GROUP - 1)
    elif shape == "dictionaries":
        to_parquet(readings.with_columns(pl.col("customer_id", "timestamp").cast(pl.Categorical)), parquet)
    elif shape == "sorted by hour":
        to_parquet(readings.sort("timestamp", maintain_order=True), parquet)
    elif shape == "shuffled":
        to_parquet(readings.sample(fraction=1, shuffle=True, seed=1), parquet)
    elif shape == "CSV":
        readings.write_csv(place / f"{STEM}.csv")
    elif shape == "CSV.gz":
        readings.lazy().sink_csv(place / f"{STEM}.csv.gz", compression="gzip", compression_level=1)
    elif shape == "text without dictionaries":
        options = f"format parquet, compression zstd, row_group_size {ROWS_PER_GROUP}, dictionary_size_limit 1"
        duckdb.sql("set preserve_insertion_order = true")
        duckdb.sql(f"copy (from read_parquet('{source}')) to '{parquet}' ({options})")
    else:
        # In the first shape no customer has readings in two files, in the other one nearly everybody has.
        to_files(readings, place, shift=0 if shape == "1,000 files" else readings.height // FILES // 3)


def to_parquet(readings: pl.DataFrame, path: Path, compression: str = "zstd", rows: int = ROWS_PER_GROUP) -> None:
    readings.write_parquet(path, compression=compression, row_group_size=rows)


def to_files(readings: pl.DataFrame, place: Path, shift: int) -> None:
    for number, (first, end) in enumerate(cuts(readings.height, shift)):
        to_parquet(readings.slice(first, end - first), place / f"{STEM}_{number:04}.parquet")


if __name__ == "__main__":
    main()
