"""Files with rows: a CSV file of any size and a Parquet file of eight columns, and what their aggregates have to be."""

from __future__ import annotations

import io
from collections.abc import Iterable

_REGIONS = ("Americas", "APAC", "EMEA", "Nordics")
_BLOCK_ROWS = 250_000
CSV_HEAD = b"id,region,quantity,amount,day\n"
PARQUET_COLUMNS = 8


def _block() -> bytes:
    return b"".join(
        b"%d,%s,%d,%d.%02d,2026-%02d-%02d\n"
        % (100_000_000 + row, _REGIONS[row % 4].encode(), row % 97, row % 5003, row % 100, row % 12 + 1, row % 28 + 1)
        for row in range(_BLOCK_ROWS)
    )  # fmt: skip


def csv_pieces(mebibytes: int) -> Iterable[bytes]:
    """Yield a CSV file of about that size: one block of rows, over and over."""
    block = _block()
    yield CSV_HEAD
    for _ in range(csv_blocks(mebibytes, len(block))):
        yield block


def csv_blocks(mebibytes: int, block: int) -> int:
    """Return how many blocks of so many bytes a file of that size has."""
    return max(1, (mebibytes << 20) // block)


def csv_answer(mebibytes: int) -> str:
    """Return what `SELECT region, count(*), sum(quantity) ... GROUP BY region` has to say."""
    times = csv_blocks(mebibytes, len(_block()))
    lines = []
    for number, region in enumerate(_REGIONS):
        rows = range(number, _BLOCK_ROWS, 4)
        lines.append((region, len(rows) * times, sum(row % 97 for row in rows) * times))
    return str(sorted(lines))


def parquet(rows: int) -> bytes:
    """Return a Parquet file of eight integer columns c0 to c7, in row groups of a tenth."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.parquet as pq

    numbers = np.arange(rows, dtype=np.int64)
    columns = {
        f"c{number}": pa.array(numbers * 7919 * (number + 1) % 1_000_003) for number in range(PARQUET_COLUMNS)
    }
    out = io.BytesIO()
    pq.write_table(
        pa.table(columns), out, use_dictionary=False, compression="none", row_group_size=rows // 10
    )
    return out.getvalue()


def parquet_answer(rows: int) -> str:
    """Return what `SELECT sum(c5)` has to say."""
    return str([(sum((row * 7919 * 6) % 1_000_003 for row in range(rows)),)])


def paths_csv(paths: list[str], rows: int) -> bytes:
    """Return a CSV file of so many rows, each with one of the paths and an amount."""
    lines = [f"{paths[row % len(paths)]},{row % 1000}\n" for row in range(rows)]
    return ("path,amount\n" + "".join(lines)).encode()


def paths_answer(sizes: list[int], rows: int) -> str:
    """Return what `SELECT count(*), sum(size), sum(amount)` of the join has to say."""
    total = sum(sizes[row % len(sizes)] for row in range(rows))
    return str([(rows, total, sum(row % 1000 for row in range(rows)))])
