"""COPY (query) TO 'onedrive:/...' (APPEND): rows added to a CSV or JSON lines file that is there, as a new version of it.

The file is fetched, the rows are put behind what it holds, and the whole is written back if nobody else wrote meanwhile. The
bytes that were there stay as they are.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, BinaryIO

import pyarrow as pa

from driveql.drive import appending
from driveql.drive.handle import DriveHandle
from driveql.errors import SqlNotSupportedError, SqlSyntaxError
from driveql.graph import paths
from driveql.graph.models import DriveItem
from driveql.sql.pump import interruptible
from driveql.sql.result import Result
from driveql.sql.temporary import KeptRows, TemporaryBytes
from driveql.sql.writing import csv_text
from driveql.sql.writing.forms import CopyTo
from driveql.sql.writing.opened import Opened
from driveql.sql.writing.outcome import RowOutcome, State
from driveql.sql.writing.written import flag, plain

if TYPE_CHECKING:
    from driveql.sql.parameters import Parameters

_CSV = frozenset({".csv", ".tsv", ".txt"})
_JSON = frozenset({".json", ".jsonl", ".ndjson"})
_COMPRESSED = frozenset({".gz", ".zst", ".bz2", ".xz", ".zip"})
_TAKEN = frozenset({"FORMAT", "APPEND", "HEADER", "DELIMITER", "DELIM", "SEP", "QUOTE", "NULLSTR", "NULL"})
OTHER_WORKBOOKS = frozenset({".xls", ".xlsb", ".xlsm", ".ods"})
_TAIL = 1 << 20
_ANEW = "COPY (SELECT * FROM {reader}('...') UNION ALL BY NAME SELECT ...) TO '...' writes it anew{loss}."
_REFUSED = {
    "parquet": (
        "A Parquet file ends with an index of its contents, so that nothing can be added to it.",
        "Write a further file beside it, and read both: read_parquet('onedrive:/folder/*.parquet').",
    ),
    "xlsx": (
        "Rows cannot be added to a workbook without losing what else may be in it (charts, images, macros, rules),"
        " and Graph opens its workbook interface to signed-in people only, not to applications.",
        _ANEW.format(reader="read_xlsx", loss=", with that one sheet and without formats"),
    ),
}


@dataclass(slots=True)
class _Present:
    """What there is: the drive, the version that was fetched (None for no file), and its bytes in `local`."""

    drive: DriveHandle
    path: str
    item: DriveItem | None
    local: Path


def append_to(opened: Opened, writing: CopyTo, parameters: Parameters, place: str, path: str) -> Result:
    """Add the rows, and return the file's row; `rowcount` counts the rows added.

    Raises:
        SqlNotSupportedError: rows cannot be added to this file, for the reason said. SqlError: the rows cannot be computed.
        ItemChangedError: somebody else wrote meanwhile; what they wrote stays, and nothing was added.
    """
    format_ = _format(writing.options, path)
    session, run = opened.session, opened.run
    with (
        TemporaryBytes(session.tenant.temporary, f"{path} with the rows added") as kept,
        tempfile.TemporaryDirectory(prefix="driveql-append-") as directory,
    ):
        local = Path(directory, paths.split(path)[1])
        fetching = interruptible(_fetched(opened, place, local, kept), run.statement)
        present = session.tenant.portal.call(fetching)
        with (
            session.queries.reader(_query(writing, format_), parameters) as reader,
            local.open("r+b") as file,
        ):
            add = _add_csv if format_ == "csv" else _add_json
            count = add(file, KeptRows(reader, kept), writing.options, present.path)
        outcome = RowOutcome("append", present.path, None, present.drive.id)
        run.outcomes.append(outcome)
        with opened.audited():
            ended = opened.perform(_written(opened, present, outcome, count))
    result = opened.result(None, ended)
    result.rowcount = count
    return result


async def _fetched(opened: Opened, place: str, local: Path, kept: TemporaryBytes) -> _Present:
    drive, path = await opened.run.onedrive.at(place)
    item = await drive.find(path)
    with local.open("wb") as file:
        if item is not None:
            kept.take(item.size)
            await appending.copied(drive, item, file)
    return _Present(drive, path, item, local)


async def _written(opened: Opened, present: _Present, outcome: RowOutcome, count: int) -> None:
    run, item = opened.run, present.item
    if run.audit is not None:
        run.audit.begin("COPY", present.path, 1)
    if item is not None and not count:
        outcome.done(item.raw)
        outcome.state = State.SKIPPED
        return

    async def work() -> None:
        written = await appending.write_back(present.drive, present.path, present.local, item)
        outcome.done(written.raw)

    await run.one(outcome, work)


def _format(options: Mapping[str, str], path: str) -> str:
    """Return `csv` or `json`. Raises SqlNotSupportedError for what cannot be added to."""
    suffix = PurePosixPath(path).suffix.lower()
    if suffix in _COMPRESSED or "COMPRESSION" in options:
        raise SqlNotSupportedError(
            f"{path} is compressed: nothing can be added to it.",
            hint=_ANEW.format(reader="read_csv", loss=""),
        )
    by_name = "json" if suffix in _JSON else suffix[1:] if suffix[1:] in _REFUSED else "csv"
    if suffix in OTHER_WORKBOOKS and "FORMAT" not in options:
        by_name = "xlsx"
    format_ = plain(options.get("FORMAT", by_name)).lower()
    if format_ in _REFUSED:
        message, hint = _REFUSED[format_]
        raise SqlNotSupportedError(message, hint=hint)
    if format_ not in {"csv", "json"}:
        raise SqlNotSupportedError(
            f"Nothing can be added to a file of format {format_}.", hint="CSV or JSON lines can."
        )
    taken = _TAKEN if format_ == "csv" else {"FORMAT", "APPEND"}
    unknown = sorted(set(options) - taken)
    if unknown:
        raise SqlNotSupportedError(
            f"COPY with APPEND has no option {unknown[0]} for {format_}: the file that is there says how it is written.",
            hint=f"It has {', '.join(sorted(taken))}.",
        )
    return format_


def _query(writing: CopyTo, format_: str) -> str:
    """Return the query whose rows are added, each value as the text that COPY would write."""
    source = f"({writing.source}\n)"
    if not writing.is_query:
        table, bracket, columns = writing.source.partition("(")
        source = f"(SELECT {columns.rpartition(')')[0] if bracket else '*'} FROM {table})"
    if format_ == "csv":
        return f"SELECT CAST(COLUMNS(*) AS VARCHAR) FROM {source}"
    return f"SELECT CAST(to_json(__driveql_row) AS VARCHAR) FROM {source} AS __driveql_row"


def _add_csv(file: BinaryIO, reader: pa.RecordBatchReader, options: Mapping[str, str], path: str) -> int:
    names, header = reader.schema.names, flag("HEADER", options.get("HEADER", "true"))
    delimiter = next(
        (plain(options[name]) for name in ("DELIMITER", "DELIM", "SEP") if name in options), None
    )
    quote, null = plain(options.get("QUOTE", '"')), plain(options.get("NULLSTR", options.get("NULL", "")))
    if len(quote) != 1 or len(delimiter or ",") != 1:
        raise SqlSyntaxError("DELIMITER and QUOTE are one character each.")
    dialect = csv_text.examine(file, path, names, header=header, delimiter=delimiter, quote=quote, null=null)
    file.seek(0, 2)
    begin = dialect.newline if dialect.unfinished else ""
    if dialect.empty and header:
        begin = dialect.line(names)
    count = 0
    for batch in reader:
        columns = [column.to_pylist() for column in batch.columns]
        text = begin + "".join(dialect.line(row) for row in zip(*columns, strict=True))
        file.write(text.encode(dialect.encoding))
        begin = ""
        count += batch.num_rows
    if begin and dialect.empty:
        file.write(begin.encode(dialect.encoding))
    return count


def _add_json(file: BinaryIO, reader: pa.RecordBatchReader, _: Mapping[str, str], path: str) -> int:
    newline, unfinished = _lines(file, path)
    file.seek(0, 2)
    begin = newline if unfinished else b""
    count = 0
    for batch in reader:
        lines = [str(line).encode() + newline for line in batch.column(0).to_pylist()]
        file.write(begin + b"".join(lines))
        begin = b""
        count += batch.num_rows
    return count


def _lines(file: BinaryIO, path: str) -> tuple[bytes, bool]:
    """Return a JSON lines file's line end, and whether its last line has none. Raises SqlNotSupportedError for another file."""
    size = file.seek(0, 2)
    file.seek(0)
    first = file.readline(_TAIL)
    while first and not first.strip():
        first = file.readline(_TAIL)
    if not first:
        return b"\n", False
    file.seek(max(0, size - _TAIL))
    tail = file.read()
    last = tail.rstrip().rsplit(b"\n", 1)[-1]
    cut = size > _TAIL and last == tail.rstrip()
    if not (_is_object(first) or len(first) == _TAIL) or not (_is_object(last) or cut):
        raise SqlNotSupportedError(
            f"{path} is not JSON lines, one object a line: nothing can be added to it.",
            hint=_ANEW.format(reader="read_json", loss=""),
        )
    return (b"\r\n" if first.endswith(b"\r\n") else b"\n"), not tail.endswith(b"\n")


def _is_object(line: bytes) -> bool:
    try:
        return isinstance(json.loads(line), dict)
    except ValueError:
        return False
