"""Turns a reader's call with arguments of ours into one that DuckDB understands, when its files are known.

A file that cannot be read is found by reading it once beforehand, so that a file is in the result as a whole or not at all.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import duckdb
import pyarrow as pa

from driveql import errors
from driveql.errors import DriveqlError, SqlError, SqlNotSupportedError
from driveql.graph import places
from driveql.sql import records
from driveql.sql.contents import Contents, no_file
from driveql.sql.reading.place_forms import long_form
from driveql.sql.reading.reader_call import ReaderCall
from driveql.sql.statement import Statement
from driveql.sql.syntax import quoted
from driveql.sql.tables import TABLES, Origin

KEY = "__driveql_file"
PREFIX = "file_"
# Of the table `files`: what is in every answer about an item.
COLUMNS = (
    "drive_id", "id", "name", "path", "parent_path", "size", "e_tag", "c_tag", "web_url", "file_mime_type",
    "created_date_time", "last_modified_date_time", "created_by_user_email", "created_by_user_display_name",
    "last_modified_by_user_email", "last_modified_by_user_display_name",
)  # fmt: skip
# What says nothing about a single file; the next one would fare no better.
_NOT_OF_ONE_FILE = (
    errors.ConfigurationError,
    errors.AuthenticationError,
    errors.TransportError,
    errors.ThrottledError,
    errors.UnavailableError,
    errors.MissingExtraError,
)


@dataclass(frozen=True, slots=True)
class Resolver:
    """What calls are resolved with.

    Parameters:
        contents: the files. statement: receives what is to be told. run: runs a query and gives up its rows.
        bind: gives an Arrow table a name until the next statement.
    """

    contents: Contents
    statement: Statement
    run: Callable[[str], object]
    bind: Callable[[str, pa.Table], None]

    def text(self, name: str, call: ReaderCall) -> str:
        """Return what stands for a call in the statement; `name` is free for what it needs.

        Raises:
            NotFoundError: no file matches. SqlNotSupportedError: a path is not one of OneDrive.
            DriveqlError: a file cannot be read, or none of several.
        """
        files = self._files(call)
        sources = {file: self._source(file, call) for file in files}
        if call.skips:
            sources = self._readable(sources, call)
        # A file that is named twice is read twice, as without arguments of ours.
        names = [sources[file] for file in files if file in sources]
        if not call.file_columns and not (call.root and call.filename):
            return self._reader(call, names, call.filename)
        key = "filename" if call.whole_files else KEY
        self.bind(name, self._items(sources, call))
        reader = self._reader(call, names, KEY)
        chosen = f'r.* EXCLUDE ("{key}"), f.* EXCLUDE ("{KEY}")'
        return f'(SELECT {chosen} FROM {reader} r JOIN {name} f ON r."{key}" = f."{KEY}")'

    def _files(self, call: ReaderCall) -> list[str]:
        found: list[str] = []
        for place in call.places:
            if not places.is_place(place):
                raise SqlNotSupportedError(
                    f"{call.function}: {place} is a file of this machine; root, file_columns and on_file_error are for"
                    " files in OneDrive.",
                    hint="Leave these arguments out, or write onedrive:/path.",
                )
            names = self.contents.glob(place if place.startswith("http") else long_form(place))
            if not names:
                raise no_file(place)
            found += names
        return found

    def _source(self, file: str, call: ReaderCall) -> str:
        return self.contents.rows_of(file, call.root) if call.root is not None else file

    def _reader(self, call: ReaderCall, names: list[str], filename: bool | str) -> str:
        given = [f"[{', '.join(quoted(each) for each in names)}]", *call.rest]
        if call.root is not None:
            given.append("format = 'newline_delimited'")
        if filename is not False and not call.whole_files:
            given.append(f"filename = {'true' if filename is True else quoted(filename)}")
        return f"{call.function}({', '.join(given)})"

    def _readable(self, sources: dict[str, str], call: ReaderCall) -> dict[str, str]:
        """Return the files that can be read to their end, and tell of the others."""
        kept: dict[str, str] = {}
        first: DriveqlError | None = None
        for file, source in sources.items():
            try:
                self.run(f"SELECT count(COLUMNS(*)) FROM {self._reader(call, [source], False)}")
            except (duckdb.Error, DriveqlError, OSError) as raised:
                error = skippable(raised, self.statement)
                first = first or error
                self.statement.warn(skipped(file, error))
            else:
                kept[file] = source
        if not kept and first is not None:
            raise first
        return kept

    def _items(self, sources: dict[str, str], call: ReaderCall) -> pa.Table:
        """Return the columns that the files' items give, by the name DuckDB has for the file."""
        columns: dict[str, pa.Array] = {KEY: pa.array(sources.values(), pa.string())}
        if call.filename or call.whole_files:
            named = call.filename if isinstance(call.filename, str) else "filename"
            columns[named] = pa.array(sources, pa.string())
        if call.file_columns:
            columns |= item_columns(self.contents, list(sources))
        return pa.table(columns)


def item_columns(contents: Contents, files: list[str]) -> dict[str, pa.Array]:
    """Return the columns of files' items by name, in the order of the files."""
    table = TABLES["files"]
    wanted = [each for each in COLUMNS if each in table.by_name]
    batches = [records.batch_of(table, wanted, [contents.entry(file).item.raw], Origin()) for file in files]
    found = pa.Table.from_batches(batches, records.schema_of(table, wanted))
    return {
        name if name.startswith(PREFIX) else PREFIX + name: found.column(name).combine_chunks()
        for name in wanted
    }


@contextlib.contextmanager
def without_excerpt() -> Iterator[None]:
    """Leave out of DuckDB's errors the line of text that they point to: nobody wrote it."""
    try:
        yield
    except duckdb.Error as error:
        raise type(error)(str(error).partition("\n\nLINE ")[0]) from None


def skippable(raised: BaseException, statement: Statement) -> DriveqlError:
    """Return why a file cannot be read; raise what is not about that file alone, or a cancellation."""
    error = statement.forgive()
    statement.check()
    if not isinstance(error, DriveqlError):
        error = raised if isinstance(raised, DriveqlError) else SqlError(str(raised).strip().splitlines()[0])
    if isinstance(error, _NOT_OF_ONE_FILE):
        raise error
    return error


def skipped(file: str, error: DriveqlError) -> str:
    """Return what is told of a file that is left out."""
    return f"skipped {file}: {error.message.removeprefix(file).lstrip(' :')}"
