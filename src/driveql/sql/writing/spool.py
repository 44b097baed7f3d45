"""The rows of a write, computed whole before its first change and kept on disk beyond a size, so that memory stays bounded."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from types import TracebackType
from typing import Any, Self

import pyarrow as pa

from driveql.errors import SqlNotSupportedError

# Rows stay in memory up to this; a piece that is read back holds about as many bytes as the second.
_MEMORY_BYTES = 32 << 20
_PIECE_BYTES = 4 << 20


def python_values(column: pa.Array, name: str) -> list[Any]:
    """Return a column's values. Raises SqlNotSupportedError for a time that Python cannot hold: infinity, a year above 9999."""
    try:
        values: list[Any] = column.to_pylist()
    except (OverflowError, ValueError) as error:
        raise SqlNotSupportedError(
            f"The column {name} has a time that cannot be written: {error}; nothing was written.",
            hint=f"Leave such rows out, or cast it to text: {name}::VARCHAR.",
        ) from None
    return values


class Spool:
    """Rows that can be read several times, piece by piece. A context manager: the file goes with it."""

    def __init__(self) -> None:
        self._file = tempfile.SpooledTemporaryFile(max_size=_MEMORY_BYTES)  # noqa: SIM115 - closed by close()
        self.names: list[str] = []
        self.types: list[pa.DataType] = []
        self.rows = 0

    def fill(self, reader: pa.RecordBatchReader) -> None:
        """Take all rows over; names need not differ."""
        self.names, self.types = list(reader.schema.names), list(reader.schema.types)
        numbered = pa.schema([(str(number), type_) for number, type_ in enumerate(self.types)])
        with pa.ipc.new_stream(self._file, numbered) as writer:
            for batch in reader:
                self.rows += batch.num_rows
                step = max(1, batch.num_rows * _PIECE_BYTES // max(batch.nbytes, _PIECE_BYTES))
                for start in range(0, batch.num_rows, step):
                    piece = pa.RecordBatch.from_arrays(batch.columns, schema=numbered).slice(start, step)
                    writer.write_batch(piece)

    def read(self) -> Iterator[list[Any]]:
        """Yield each row as a list of Python values."""
        self._file.seek(0)
        with pa.ipc.open_stream(self._file) as stream:
            for batch in stream:
                columns = [
                    python_values(column, name)
                    for column, name in zip(batch.columns, self.names, strict=True)
                ]
                yield from (list(row) for row in zip(*columns, strict=True))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()
