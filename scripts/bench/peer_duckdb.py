"""The twelve sums by DuckDB: `peer_duckdb.py READINGS THREADS OUT` prints what it took as JSON.

Of several ways that were tried this is the fastest: month and tier are worked out once for each timestamp that there is,
and joined; readings are summed by tier before the tiers become columns.
"""

import json
import sys
import time

import duckdb

from sums_rules import HOLIDAYS, KWH_PER_M3, TIERS


def query(readings: str) -> str:
    day, hour = "timestamp[6:10]", "timestamp[12:13]::INT"
    holidays = ", ".join(f"'{date}'" for date in HOLIDAYS)
    by_tier = [
        f"coalesce(sum({value}) FILTER (tier = {number}), 0){factor} AS {unit}_{tier}"
        for unit, value, factor in (("elec_kwh", "elec", ""), ("gas_m3", "gas", ""), ("gas_kwh", "gas", f" * {KWH_PER_M3}"))
        for number, tier in TIERS.items()
    ]
    return f"""
WITH calendar AS MATERIALIZED (
    SELECT timestamp, timestamp[1:7] AS month, CASE
        WHEN isodow(timestamp[1:10]::DATE) > 5 OR {day} IN ({holidays}) THEN 3
        WHEN {hour} BETWEEN 10 AND 13 OR {hour} BETWEEN 18 AND 21 THEN 1
        WHEN {hour} BETWEEN 8 AND 9 OR {hour} BETWEEN 14 AND 17 OR {hour} >= 22 THEN 2
        ELSE 3 END AS tier
    FROM (SELECT DISTINCT timestamp FROM read_parquet('{readings}'))
), summed AS (
    SELECT customer_id, month, tier,
        sum(greatest(coalesce(consumption_elec_kwh, 0), 0)) AS elec,
        sum(greatest(coalesce(consumption_gas_m3, 0), 0)) AS gas
    FROM read_parquet('{readings}') JOIN calendar USING (timestamp)
    WHERE customer_id <> ''
    GROUP BY ALL
)
SELECT customer_id, month, sum(elec) AS monthly_elec_kwh, sum(gas) AS monthly_gas_m3,
    sum(gas) * {KWH_PER_M3} AS monthly_gas_kwh, {", ".join(by_tier)}
FROM summed GROUP BY ALL"""


def main() -> None:
    readings, threads, out = sys.argv[1:]
    session = duckdb.connect()
    session.execute(f"SET threads = {int(threads)}")
    clock, processor = time.monotonic(), time.process_time()
    session.execute(f"CREATE TEMP TABLE sums AS {query(readings)}")
    taken = {"seconds": time.monotonic() - clock, "cpu_seconds": time.process_time() - processor}
    session.execute(f"COPY sums TO '{out}' (FORMAT parquet)")
    print(json.dumps({**taken, "version": duckdb.__version__}))


if __name__ == "__main__":
    main()
