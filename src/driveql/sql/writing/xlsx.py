"""Rows into an Excel workbook of one sheet. What Excel cannot hold is an error, or text; never another value.

Numbers with more than fifteen digits, NaN and infinities become text; times with a zone become UTC without it. Spans of time,
lists, structs and maps become text much as DuckDB shows them.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from math import isfinite
from pathlib import Path
from typing import Any

import pyarrow as pa

from driveql.errors import MissingExtraError, SqlNotSupportedError, SqlSyntaxError
from driveql.sql.writing.spool import python_values

ROWS_MAX, COLUMNS_MAX, TEXT_MAX = 1_048_576, 16_384, 32_767
_EXACT = 10**15
_FIRST_DAY = date(1900, 3, 1)


@dataclass(frozen=True, slots=True)
class Options:
    """The sheet's name, and whether its first row has the columns' names."""

    sheet: str = "Sheet1"
    header: bool = True

    @classmethod
    def of(cls, written: Mapping[str, str], plain: Callable[[str], str]) -> Options:
        """Read the options of COPY.

        Raises:
            SqlNotSupportedError: there is another one. SqlSyntaxError: HEADER is neither true nor false.
        """
        unknown = sorted(set(written) - {"FORMAT", "CONFLICT", "SHEET", "HEADER"})
        if unknown:
            raise SqlNotSupportedError(
                f"COPY to a workbook has no option {unknown[0]}.", hint="It has SHEET, HEADER and CONFLICT."
            )
        header = plain(written.get("HEADER") or "true").lower()
        if header not in {"true", "false"}:
            raise SqlSyntaxError(f"HEADER is true or false, not {header}.")
        return cls(plain(written.get("SHEET", "Sheet1")), header == "true")


def write(reader: pa.RecordBatchReader, target: Path, options: Options) -> int:
    """Write all rows, and return how many they are.

    Raises:
        MissingExtraError: xlsxwriter is not installed.
        SqlNotSupportedError: more rows, columns or text than a sheet can hold, or a name that no sheet can have.
    """
    try:
        import xlsxwriter
        from xlsxwriter.exceptions import XlsxWriterException
    except ModuleNotFoundError as error:
        raise MissingExtraError(
            "xlsxwriter is not installed.", hint="pip install 'driveql[excel]'"
        ) from error

    names = reader.schema.names
    if len(names) > COLUMNS_MAX:
        raise SqlNotSupportedError(f"A sheet holds {COLUMNS_MAX} columns, not {len(names)}.")
    settings = {
        "constant_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
    }
    with contextlib.ExitStack() as stack:
        try:
            book = stack.enter_context(xlsxwriter.Workbook(str(target), settings))
            sheet = book.add_worksheet(options.sheet)
        except XlsxWriterException as error:
            raise SqlNotSupportedError(f"The sheet cannot be called {options.sheet!r}: {error}") from error
        return _Sheet(book, sheet, options.header).fill(reader)


class _Sheet:
    """A sheet that is being filled, row by row."""

    def __init__(self, book: Any, sheet: Any, header: bool) -> None:
        self._sheet = sheet
        self._header = header
        self._formats = {
            kind: book.add_format({"num_format": text})
            for kind, text in (
                (datetime, "yyyy-mm-dd hh:mm:ss"),
                (date, "yyyy-mm-dd"),
                (time, "hh:mm:ss"),
                (timedelta, "[h]:mm:ss"),
            )
        }

    def fill(self, reader: pa.RecordBatchReader) -> int:
        row = 0
        if self._header:
            for column, name in enumerate(reader.schema.names):
                self._sheet.write_string(0, column, _fitting(name))
            row = 1
        first = row
        for batch in reader:
            if row + batch.num_rows > ROWS_MAX:
                raise SqlNotSupportedError(
                    f"A sheet holds {ROWS_MAX} rows, and there are more.",
                    hint="Write CSV or Parquet, or several workbooks.",
                )
            columns = [
                python_values(column, name)
                for column, name in zip(batch.columns, reader.schema.names, strict=True)
            ]
            for values in zip(*columns, strict=True):
                for column, value in enumerate(values):
                    if value is not None:
                        self._cell(row, column, value)
                row += 1
        return row - first

    def _cell(self, row: int, column: int, value: Any) -> None:
        if isinstance(value, datetime) and value.tzinfo is not None:
            value = value.astimezone(UTC).replace(tzinfo=None)
        if isinstance(value, bool):
            self._sheet.write_boolean(row, column, value)
        elif isinstance(value, int | float | Decimal) and _is_exact(value):
            self._sheet.write_number(row, column, value)
        elif type(value) in self._formats and not (
            isinstance(value, date) and date(value.year, value.month, value.day) < _FIRST_DAY
        ):
            self._sheet.write_datetime(row, column, value, self._formats[type(value)])
        elif isinstance(value, bytes | bytearray):
            raise SqlNotSupportedError(
                "A workbook cannot hold a blob.", hint="Write hex(column) or base64(column)."
            )
        else:
            self._sheet.write_string(row, column, _fitting(value if isinstance(value, str) else _text(value)))


def _text(value: Any) -> str:
    """Return a value, or one that is part of another, much as DuckDB shows it."""
    match value:
        case None:
            return "NULL"
        case bool():
            return str(value).lower()
        case datetime():
            return value.isoformat(sep=" ")
        case date() | time():
            return value.isoformat()
        case pa.MonthDayNano():
            return _span(value)
        case dict():
            return "{" + ", ".join(f"'{name}': {_text(part)}" for name, part in value.items()) + "}"
        case list() if value and all(type(part) is tuple for part in value):
            return "{" + ", ".join(f"{_text(key)}={_text(part)}" for key, part in value) + "}"
        case list():
            return "[" + ", ".join(map(_text, value)) + "]"
    return str(value)


def _span(value: pa.MonthDayNano) -> str:
    counted = ((value.months // 12, "year"), (value.months % 12, "month"), (value.days, "day"))
    parts = [f"{count} {unit}{'' if count == 1 else 's'}" for count, unit in counted if count]
    if value.nanoseconds or not parts:
        sign, left = "-" if value.nanoseconds < 0 else "", abs(value.nanoseconds) // 1000
        clock = f"{left // 3_600_000_000:02}:{left // 60_000_000 % 60:02}:{left // 1_000_000 % 60:02}"
        parts.append(sign + clock + (f".{left % 1_000_000:06}".rstrip("0") if left % 1_000_000 else ""))
    return " ".join(parts)


def _is_exact(value: Any) -> bool:
    match value:
        case float():
            return isfinite(value)
        case Decimal():
            return value.is_finite() and len(value.as_tuple().digits) <= 15
    return bool(abs(value) < _EXACT)


def _fitting(text: str) -> str:
    if len(text) > TEXT_MAX:
        raise SqlNotSupportedError(
            f"A cell holds {TEXT_MAX:,} characters, not {len(text):,}.", hint="Write CSV or Parquet."
        )
    return text
