"""A cursor's rows as Arrow, pandas and polars: whole, or batch by batch as they arrive.

The names with `fetch_` are those of ADBC's cursors. A cursor is an Arrow C stream to polars, pyarrow, pandas and DuckDB.
Sources: https://arrow.apache.org/adbc/current/python/api/adbc_driver_manager.html,
https://arrow.apache.org/docs/format/CDataInterface/PyCapsuleInterface.html
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

import pyarrow as pa

from driveql.errors import MissingExtraError
from driveql.sql.dbapi.frame_columns import pandas_frame, polars_frame
from driveql.sql.dbapi.raising import as_pep249
from driveql.sql.result import Result


class FrameCursor:
    """The part of a cursor that hands out columns instead of rows."""

    def _unread(self) -> Result:
        """Return the result with all rows that were not fetched yet."""
        raise NotImplementedError

    def fetch_arrow_table(self) -> pa.Table:
        """Return all rows that are left as an Arrow table."""
        result = self._unread()
        with as_pep249():
            return result.table()

    def fetch_record_batch(self) -> pa.RecordBatchReader:
        """Return the rows that are left as an Arrow stream, batch by batch as they arrive.

        What was not read yet is not in memory. Requests stop when the reader is let go of, or the cursor closed; whoever reads on
        after the cursor was closed gets an error, never an early end.
        """
        return self._unread().reader(as_pep249)

    def fetch_df(self) -> Any:
        """Return all rows that are left as a pandas DataFrame.

        Whole numbers beside a NULL are floats, as in pandas; where a float would lose a digit, they are `Int64`.

        Raises:
            MissingExtraError: pandas is not installed. SqlNotSupportedError: it has no type for a column.
        """
        with as_pep249(), _needing("pandas"):
            return pandas_frame(self.fetch_arrow_table())

    def fetch_polars(self) -> Any:
        """Return all rows that are left as a polars DataFrame.

        Raises:
            MissingExtraError: polars is not installed. SqlNotSupportedError: it has no type for a column.
        """
        with as_pep249(), _needing("polars"):
            return polars_frame(self.fetch_arrow_table())

    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object:
        """Return the rows that are left as a PyCapsule with an `ArrowArrayStream`.

        An error on the way is raised by the consumer in its own class, with driveql's text in it: the C interface knows no more.
        """
        return self.fetch_record_batch().__arrow_c_stream__(requested_schema)

    def arrow(self) -> pa.Table:
        """Return all rows that are left as an Arrow table."""
        return self.fetch_arrow_table()

    def arrow_reader(self) -> pa.RecordBatchReader:
        """Return the rows that are left as an Arrow stream: `fetch_record_batch`."""
        return self.fetch_record_batch()

    def df(self) -> Any:
        """Return all rows that are left as a pandas DataFrame: `fetch_df`."""
        return self.fetch_df()

    def pl(self) -> Any:
        """Return all rows that are left as a polars DataFrame: `fetch_polars`."""
        return self.fetch_polars()


@contextlib.contextmanager
def _needing(package: str) -> Iterator[None]:
    try:
        yield
    except ModuleNotFoundError as error:
        raise MissingExtraError(f"{package} is not installed.", hint=f"pip install {package}") from error
