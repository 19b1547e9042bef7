"""The shapes in which readings arrive, by name, and the file that each one is. The same readings are in all of them."""

STEM = "consumption_hourly_2024"
# What a shape says nothing of: text, zstd, in the order of customers and hours, one file, row groups of a million.
COMPRESSIONS = {"zstd": "zstd", "snappy": "snappy", "gzip": "gzip", "LZ4": "lz4", "no compression": "uncompressed"}
UNITS = {"timestamps in ms": "ms", "timestamps in us": "us", "timestamps in ns": "ns"}
ROWS_PER_GROUP = 1_000_000
ROW_GROUPS = {"row groups of 10,000": 10_000, "row groups of 100,000": 100_000, "row groups of 10,000,000": 10_000_000}
FILES = 1_000
# In the order of the table.
SHAPES = [
    *COMPRESSIONS, "text without dictionaries", "dictionaries", *UNITS, "sorted by hour", "shuffled", *ROW_GROUPS,
    "1,000 files", "1,000 files, cut anywhere", "CSV", "CSV.gz",
]
# Of no table: a program does its first run slower than all others.
WARM_UP = "warm-up"


def folder_of(shape: str) -> str:
    """The name of its folder."""
    return "".join(letter if letter.isalnum() else "-" for letter in shape.lower())


def cuts(rows: int, shift: int) -> list[tuple[int, int]]:
    """The first row of each file, and the one behind its last; the first file is shorter by `shift`, the last one longer."""
    of_each = rows // FILES
    ends = [number * of_each - shift for number in range(1, FILES)]
    return list(zip([0, *ends], [*ends, rows], strict=True))
