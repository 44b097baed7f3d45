"""The adapter by which Harlequin, the SQL IDE for the terminal, works on a connection: `harlequin -a driveql work`.

It hands everything to the DB-API connection. What Harlequin shows or keeps of a connection holds no secret.
Source: https://harlequin.sh/docs/contributing/adapter-guide
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import pyarrow as pa
from harlequin.adapter import HarlequinAdapter, HarlequinConnection, HarlequinCursor
from harlequin.autocomplete.completion import HarlequinCompletion
from harlequin.catalog import Catalog, CatalogItem
from harlequin.exception import HarlequinConfigError, HarlequinConnectionError, HarlequinQueryError
from harlequin.options import TextOption

from driveql.connection import settings_from
from driveql.connection.settings import ConnectionSettings
from driveql.errors import DriveqlError
from driveql.sql.dbapi import Connection, Cursor, connect
from driveql.sql.saved.checking import columns_known
from driveql.sql.saved.store import QueryStore
from driveql.sql.tables import TABLES
from driveql.sql.writing.procedures import PROCEDURES

_COLUMNS = (
    "SELECT table_name, column_name, data_type FROM duckdb_columns() WHERE NOT internal"
    " ORDER BY table_name, column_index"
)
_FUNCTIONS = "SELECT DISTINCT function_name FROM duckdb_functions() WHERE regexp_full_match(function_name, '[a-z_][a-z0-9_]*')"
# Harlequin's habit: names in the editor before functions, keywords before both.
_PRIORITY = 1000
_SHORT = {
    "VARCHAR": "s",
    "BIGINT": "##",
    "HUGEINT": "###",
    "INTEGER": "#",
    "SMALLINT": "#",
    "TINYINT": "#",
    "DOUBLE": "#.#",
    "FLOAT": "#.#",
    "DECIMAL": "#.#",
    "BOOLEAN": "t/f",
    "DATE": "d",
    "TIME": "t",
    "TIMESTAMP": "ts",
    "TIMESTAMP WITH TIME ZONE": "ttz",
    "INTERVAL": "|-|",
    "BLOB": "0b",
    "UUID": "uid",
    "MAP": "{m}",
    "STRUCT": "{}",
    "JSON": "{}",
}


def short_type(type_: str) -> str:
    """Return DuckDB's name of a type in at most three characters, as Harlequin shows it."""
    if type_.endswith("]"):
        return "[]"
    return _SHORT.get(type_.partition("(")[0].strip(), "?")


class DriveqlCursor(HarlequinCursor):  # type: ignore[misc]  # harlequin is not where types are checked
    """The rows of one query."""

    def __init__(self, cursor: Cursor) -> None:
        self._cursor = cursor
        self._limit: int | None = None

    def columns(self) -> list[tuple[str, str]]:
        """Return name and short type of each column."""
        return [(column[0], short_type(str(column[1]))) for column in self._cursor.description or ()]

    def set_limit(self, limit: int) -> DriveqlCursor:
        """Fetch at most `limit` rows; requests for more are not sent."""
        self._limit = limit
        return self

    def fetchall(self) -> pa.Table | None:
        """Return the rows as an Arrow table; None where the query was cancelled."""
        try:
            with _asked():
                return self._fetched()
        except _CancelledError:
            return None
        finally:
            self._cursor.close()

    def _fetched(self) -> pa.Table:
        if self._limit is None:
            return self._cursor.arrow()
        reader = self._cursor.arrow_reader()
        batches, left = [], self._limit
        while left > 0 and (batch := next(reader, None)) is not None:
            batches.append(batch.slice(0, left))
            left -= batches[-1].num_rows
        return pa.Table.from_batches(batches, reader.schema)


class DriveqlConnection(HarlequinConnection):  # type: ignore[misc]  # Harlequin is typed only where it is installed
    """One connection; Harlequin calls it from several threads.

    Parameters:
        name: what the catalogue calls it. queries: its saved queries; None for a connection that is not stored.
    """

    def __init__(
        self, connection: Connection, name: str, queries: QueryStore | None = None, init_message: str = ""
    ) -> None:
        self._connection = connection
        self._name = name
        self._queries = queries
        self.init_message = init_message

    def execute(self, query: str) -> DriveqlCursor | None:
        """Run one statement; return its rows, None where it gives none or was cancelled.

        Raises:
            HarlequinQueryError: it failed.
        """
        try:
            with _asked():
                cursor = self._connection.execute(query)
        except _CancelledError:
            return None
        return DriveqlCursor(cursor) if cursor.description is not None else None

    def cancel(self) -> None:
        """Cancel the statement that runs."""
        self._connection.cancel()

    def get_catalog(self) -> Catalog:
        """Return the connection with its tables, its saved queries, and their columns; no request is sent.

        Of a saved query whose columns hang on an answer, such as a file's, they are not told.
        """
        tables: dict[str, list[tuple[str, str]]] = {}
        with _asked():
            rows = self._connection.session().engine_rows(_COLUMNS)
            saved = columns_known(self._queries) if self._queries is not None else {}
        for table, column, type_ in rows:
            tables.setdefault(table, []).append((column, type_))
        items = [
            _relation(table, "t" if table in TABLES else "tmp", columns) for table, columns in tables.items()
        ]
        # A table that a statement made goes before a saved query of its name.
        items += [_relation(name, "q", columns) for name, columns in saved.items() if name not in tables]
        return Catalog([CatalogItem(_quoted(self._name), _quoted(self._name), self._name, "od", items)])

    def get_completions(self) -> list[HarlequinCompletion]:
        """Return the functions and procedures."""
        with _asked():
            functions = {name for (name,) in self._connection.session().engine_rows(_FUNCTIONS)}
        named = [(name, "fn") for name in sorted(functions | {"read_xlsx", "worksheets"})]
        named += [(name, "pr") for name in PROCEDURES]
        return [HarlequinCompletion(name, kind, name, _PRIORITY) for name, kind in named]

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()


class DriveqlAdapter(HarlequinAdapter):  # type: ignore[misc]  # Harlequin is typed only where it is installed
    """What Harlequin makes of its command line: a stored connection's name, a connection string, or the environment's.

    Raises:
        HarlequinConfigError: more than one connection is named.
    """

    ADAPTER_OPTIONS = [  # noqa: RUF012 - as the base class has it
        TextOption(
            name="driveql-connection",
            description="The stored connection to use; by default what DRIVEQL_CONNECTION says, or the only one there is.",
        )
    ]
    IMPLEMENTS_CANCEL = True
    IMPLEMENTS_READ_ONLY = True
    ADAPTER_DETAILS = "SQL over OneDrive and SharePoint: items, people, sites, and the contents of files."

    def __init__(
        self,
        conn_str: Sequence[str] = (),
        read_only: bool | str = False,
        driveql_connection: str | None = None,
        **_: Any,
    ) -> None:
        written = [text for text in conn_str if text]
        if len(written) + bool(driveql_connection) > 1:
            raise HarlequinConfigError(
                msg="driveql works on one connection: a stored connection's name, or a connection string.",
                title="driveql could not be started.",
            )
        only = written[0] if written else driveql_connection
        self._string = only if only and "=" in only else None
        self._name = only if only and "=" not in only else None
        self._read_only = read_only is True or str(read_only).lower() in {"true", "1", "yes"}

    @property
    def connection_id(self) -> str | None:
        """What Harlequin keeps catalogue and history under: application and owner, and nothing that is secret."""
        try:
            settings = self._settings()
        except DriveqlError:
            return ""
        return f"driveql:{settings.name or ''}:{settings.client_id}:{settings.group_or_user_id}"

    def connect(self) -> DriveqlConnection:
        """Return the connection; nothing is sent before the first query.

        Raises:
            HarlequinConnectionError: a parameter is missing or malformed.
        """
        try:
            settings = self._settings()
            connection = connect(settings=settings)
        except DriveqlError as error:
            raise HarlequinConnectionError(_told(error), title="driveql could not connect.") from error
        queries = QueryStore.of(settings.name) if settings.name else None
        return DriveqlConnection(
            connection, settings.name or settings.group_or_user_id or "OneDrive", queries
        )

    def _settings(self) -> ConnectionSettings:
        read_only = True if self._read_only else None
        return settings_from(self._string, name=self._name, read_only=read_only)


class _CancelledError(Exception):
    """The query was cancelled; it never leaves this module."""


@contextmanager
def _asked() -> Iterator[None]:
    """Raise errors as Harlequin shows them."""
    try:
        yield
    except DriveqlError as error:
        if error.code == "cancelled":
            raise _CancelledError from None
        raise HarlequinQueryError(
            _told(error), title="driveql raised an error when running your query:"
        ) from error


def _told(error: DriveqlError) -> str:
    code = f" (code {error.code})" if error.code else ""
    return f"{error.message}{code}" + (f"\n{error.hint}" if error.hint else "")


def _relation(name: str, kind: str, columns: Sequence[tuple[str, str]]) -> CatalogItem:
    """Return what the catalogue shows of a table or query."""
    quoted = _quoted(name)
    below = [
        CatalogItem(f"{quoted}.{_quoted(column)}", _quoted(column), column, short_type(type_))
        for column, type_ in columns
    ]
    return CatalogItem(quoted, quoted, name, kind, below)


def _quoted(name: str) -> str:
    plain = name.isidentifier() and name == name.lower()
    return name if plain else '"' + name.replace('"', '""') + '"'
