"""The twelve sums by Polars in Python: `peer_polars.py READINGS THREADS OUT` prints what it took as JSON.

Of several ways that were tried this is the fastest, on the engine that streams: the same one as of `peer_duckdb.py`.
"""

import json
import os
import sys
import time

# Read when Polars is imported.
os.environ["POLARS_MAX_THREADS"] = sys.argv[2]

import polars as pl  # noqa: E402

from sums_rules import HOLIDAYS, KEY, KWH_PER_M3, TIERS  # noqa: E402


def calendar(readings: pl.LazyFrame) -> pl.LazyFrame:
    """Month and tier of every timestamp that there is."""
    time_of, hour = pl.col("time"), pl.col("time").dt.hour()
    off_peak = (time_of.dt.weekday() > 5) | time_of.dt.to_string("%m-%d").is_in(HOLIDAYS)
    tier = (
        pl.when(off_peak).then(3)
        .when(hour.is_between(10, 13) | hour.is_between(18, 21)).then(1)
        .when(hour.is_between(8, 9) | hour.is_between(14, 17) | (hour >= 22)).then(2)
        .otherwise(3)
    )
    times = readings.select("timestamp").unique()
    parsed = times.with_columns(time=pl.col("timestamp").str.to_datetime("%Y-%m-%d %H:%M:%S"))
    months = pl.col("timestamp").str.slice(0, 7).alias("month")
    return parsed.select("timestamp", months, tier.cast(pl.Int8).alias("tier")).collect(engine="streaming").lazy()


def query(path: str) -> pl.LazyFrame:
    readings = pl.scan_parquet(path)
    known = lambda column, name: pl.col(column).fill_null(0).clip(lower_bound=0).alias(name)  # noqa: E731
    energy = [known("consumption_elec_kwh", "elec"), known("consumption_gas_m3", "gas")]
    cells = readings.filter(pl.col("customer_id") != "").join(calendar(readings), on="timestamp").select(*KEY, "tier", *energy)
    summed = cells.group_by(*KEY, "tier").agg(pl.col("elec").sum(), pl.col("gas").sum())
    gas = pl.col("gas").sum()
    sums = [pl.col("elec").sum().alias("monthly_elec_kwh"), gas.alias("monthly_gas_m3"), (gas * KWH_PER_M3).alias("monthly_gas_kwh")]
    for unit, column, factor in (("elec_kwh", "elec", 1.0), ("gas_m3", "gas", 1.0), ("gas_kwh", "gas", KWH_PER_M3)):
        for number, tier in TIERS.items():
            sums.append((pl.col(column).filter(pl.col("tier") == number).sum() * factor).alias(f"{unit}_{tier}"))
    return summed.group_by(KEY).agg(sums)


def main() -> None:
    readings, _, out = sys.argv[1:]
    clock, processor = time.monotonic(), time.process_time()
    sums = query(readings).collect(engine="streaming")
    taken = {"seconds": time.monotonic() - clock, "cpu_seconds": time.process_time() - processor}
    sums.write_parquet(out)
    print(json.dumps({**taken, "version": pl.__version__}))


if __name__ == "__main__":
    main()
