"""The rows of a query as a table, CSV (RFC 4180), JSON, JSON lines or Parquet; streamed, batch by batch.

Sources: https://www.rfc-editor.org/rfc/rfc4180, https://www.rfc-editor.org/rfc/rfc8259
"""

from __future__ import annotations

import math
import re
import struct
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from typing import Any, BinaryIO, Protocol

from driveql.cli.text import escaped
from driveql.cli.value_text import json_column, json_text, json_value, shown_text
from driveql.errors import SqlNotSupportedError

FORMATS = ("table", "csv", "json", "jsonl", "parquet")
_ROWS = 1000
_QUOTED = re.compile('[",\r\n]')
_NUMBERS = {"TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "DECIMAL", "DOUBLE", "FLOAT"}
Row = tuple[Any, ...]


class Rows(Protocol):
    """What is written: a cursor, or what stands for one."""

    @property
    def description(self) -> Sequence[Sequence[Any]] | None:
        """PEP 249's description."""

    def fetchmany(self, size: int, /) -> list[Row]:
        """Return the next rows, none at the end."""

    def arrow_reader(self) -> Any:
        """Return the rows as an Arrow stream."""


def write(cursor: Rows, format_: str, stream: BinaryIO, *, terminal: bool) -> None:
    """Write all rows of a cursor.

    Parameters:
        format_: one of FORMATS. stream: a binary stream; text is UTF-8.
        terminal: the stream is a terminal: tables are drawn, and control characters are written out.
    """
    if format_ == "parquet":
        _parquet(cursor, stream)
        return
    if format_ == "table" and terminal:
        from driveql.cli.drawing import draw

        draw(cursor)
        return
    names = unique([column[0] for column in cursor.description or ()])
    rows = _rows(cursor)
    if format_.startswith("json"):
        rows = _with_json(cursor, rows)
    if format_ == "csv":
        lines = _csv(names, rows, escaped if terminal else str)
    elif format_ == "table":
        lines = _tabbed(names, rows)
    elif format_ == "json":
        lines = _json_array(names, rows)
    else:
        lines = (json_object(names, row) + "\n" for row in rows)
    while chunk := "".join(islice(lines, _ROWS)):
        stream.write(chunk.encode("utf-8", "backslashreplace"))
    stream.flush()


def csv_line(values: Sequence[object], shown: Callable[[str], str] = str) -> str:
    """Return one record of RFC 4180. Nothing (NULL) is an empty field; an empty text is `""`."""
    return ",".join(_csv_field(value, shown) for value in values) + "\r\n"


def json_object(names: Sequence[str], row: Row) -> str:
    """Return a row as a JSON object; decimals are numbers with all their digits, what JSON has no number for is null."""
    fields = (f"{json_text(name)}: {json_value(value)}" for name, value in zip(names, row, strict=True))
    return "{" + ", ".join(fields) + "}"


def fetched(cursor: Rows, size: int) -> list[Row]:
    """Return the next rows of a cursor; numbers of single precision have the digits that tell them apart: 0.1."""
    rows = cursor.fetchmany(size)
    single = {index for index, column in enumerate(cursor.description or ()) if column[1] == "FLOAT"}
    if not single:
        return rows
    return [
        tuple(_single(value) if index in single else value for index, value in enumerate(row)) for row in rows
    ]


def _single(value: Any) -> Any:
    if value is None or not math.isfinite(value):
        return value
    short = (float(f"{value:.{digits}g}") for digits in (6, 7, 8))
    wanted = struct.pack("f", value)
    return next((number for number in short if _packed(number) == wanted), float(f"{value:.9g}"))


def _packed(number: float) -> bytes:
    try:
        return struct.pack("f", number)
    except OverflowError:  # rounded up beyond the greatest
        return b""


def _rows(cursor: Rows) -> Iterator[Row]:
    while rows := fetched(cursor, _ROWS):
        yield from rows


def _with_json(cursor: Rows, rows: Iterator[Row]) -> Iterator[Row]:
    columns = {index for index, column in enumerate(cursor.description or ()) if column[1] == "JSON"}
    if not columns:
        return rows
    return (
        tuple(json_column(value) if index in columns else value for index, value in enumerate(row))
        for row in rows
    )


def _csv(names: list[str], rows: Iterator[Row], shown: Callable[[str], str]) -> Iterator[str]:
    yield csv_line(names, shown)
    for row in rows:
        yield csv_line(row, shown)


def _csv_field(value: object, shown: Callable[[str], str]) -> str:
    if value is None:
        return ""
    text = shown(shown_text(value))
    if text == "" or _QUOTED.search(text):
        return '"' + text.replace('"', '""') + '"'
    return text


def _tabbed(names: list[str], rows: Iterator[Row]) -> Iterator[str]:
    yield "\t".join(map(escaped, names)) + "\n"
    for row in rows:
        yield "\t".join(escaped(shown_text(value)) for value in row) + "\n"


def _json_array(names: list[str], rows: Iterator[Row]) -> Iterator[str]:
    yield "["
    before = "\n  "
    for row in rows:
        yield before + json_object(names, row)
        before = ",\n  "
    yield "\n]\n"


def is_number(type_: str) -> bool:
    """Return True for DuckDB's name of a type whose values stand at the right of a column."""
    return type_.upper().partition("(")[0].removeprefix("U") in _NUMBERS


def unique(names: Sequence[str]) -> list[str]:
    """Return column names of which none is there twice: a JSON object and a record have each key once."""
    seen: dict[str, int] = {}
    unique: list[str] = []
    for name in names:
        seen[name] = seen.get(name, 0) + 1
        unique.append(name if seen[name] == 1 else f"{name}_{seen[name]}")
    return unique


def _parquet(cursor: Rows, stream: BinaryIO) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    reader = cursor.arrow_reader()
    try:
        wrong = next((field.name for field in reader.schema if _without_parquet(field.type)), None)
        if wrong is not None:
            raise SqlNotSupportedError(
                f"Column {wrong} holds an INTERVAL or a UNION, which is not written to Parquet here.",
                hint="Write it as text: CAST(.. AS VARCHAR).",
            )
        fields = zip(reader.schema, unique(reader.schema.names), strict=True)
        schema = pa.schema([field.with_name(name) for field, name in fields])
        with pq.ParquetWriter(stream, schema, compression="zstd") as writer:
            for batch in reader:
                writer.write_batch(pa.RecordBatch.from_arrays(batch.columns, schema=schema))
    finally:
        del reader  # a traceback would hold it until the program ends, and DuckDB then tells of leaks


def _without_parquet(type_: Any) -> bool:
    import pyarrow as pa

    if pa.types.is_interval(type_) or pa.types.is_union(type_):
        return True
    return any(_without_parquet(type_.field(index).type) for index in range(type_.num_fields))
