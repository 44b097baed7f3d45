"""DuckDB, set up for one session: the files in OneDrive, and nothing that downloads code.

The database is in memory and belongs to the session: temporary and permanent tables live as long as it does.
"""

from __future__ import annotations

import re

import duckdb

from driveql.errors import DriveqlError, SqlError, SqlNotSupportedError, SqlSyntaxError
from driveql.sql.contents import Contents
from driveql.sql.limits import Limits
from driveql.sql.statement import cancelled
from driveql.sql.strangers import refused
from driveql.sql.tenant import Tenant
from driveql.sql.writing.procedures import suggestion

# Python variables of the caller are no tables; extensions are not downloaded behind anybody's back; what another program
# of the same user stored as DuckDB's secrets is not ours.
_CONFIG: dict[str, str | bool | int | float | list[str]] = {
    "python_enable_replacements": False,
    "autoinstall_known_extensions": False,
    "autoload_known_extensions": False,
    "allow_community_extensions": False,
    "allow_persistent_secrets": False,
}
_UNKNOWN = re.compile(r"Catalog Error: Table Function with name (\w+) does not exist")
_FILE = re.compile(r"Catalog Error: Table with name (onedrive://.+?) does not exist!")
_READERS = "read_csv, read_json, read_parquet, read_xlsx, read_text and read_blob take any name: FROM read_csv('onedrive:/a.txt')"
_SHORT_PLACE = re.compile(r'"(?:onedrive|driveql):/(?!/)')
_THREE = "In a parameter, in a text that is put together and in query('..') write the whole form: onedrive:///Reports/a.csv"
_TRACE = re.compile(r"Traceback \(most recent call last\):\s+(?:.*\n\s*)*(?=\S+(?:Error|Exception)\b)")
# DuckDB fills this buffer before it hands out a row, so it decides how many pages a first row waits for.
# Its own cache of files tells versions apart by the second of their last change, which is not enough.
_SETTINGS = (
    "SET TimeZone = 'UTC'",
    "SET streaming_buffer_size = '64KB'",
    "SET enable_external_file_cache = false",
)


def open_engine(tenant: Tenant, limits: Limits | None = None) -> tuple[duckdb.DuckDBPyConnection, Contents]:
    """Return DuckDB with the file system of a tenant.

    Parameters:
        limits: how much of the machine it may use; None for DuckDB's own choice.
    """
    engine = duckdb.connect(":memory:", config=_CONFIG)
    contents = Contents(tenant)
    for setting in (*_SETTINGS, *(limits.settings() if limits is not None else ())):
        engine.execute(setting)
    engine.register_filesystem(contents)
    return engine, contents


def kinds_of(engine: duckdb.DuckDBPyConnection, sql: str) -> list[str]:
    """Return DuckDB's names of the kinds of statements that a text holds.

    Raises:
        SqlNotSupportedError: the Python package knows no name for one, nor can run it.
    """
    try:
        return [statement.type.name for statement in engine.extract_statements(sql)]
    except ValueError:
        raise SqlNotSupportedError("Statements of this kind cannot be run.") from None


def error_from(error: duckdb.Error) -> DriveqlError:
    """Return an error of the engine as one of driveql's tree, with the engine's own words."""
    # An error in Python code that DuckDB called comes with lines of that code; its last line is what happened.
    text = _TRACE.sub("", str(error).strip())
    match error:
        case duckdb.InterruptException():
            return cancelled()
        case duckdb.ParserException() | duckdb.SyntaxException():
            return SqlSyntaxError(text)
        case duckdb.PermissionException() if "LocalFileSystem" in text:
            return refused("A file outside OneDrive")
        case duckdb.NotSupportedError() | duckdb.PermissionException():
            return SqlNotSupportedError(text)
        case duckdb.CatalogException() if (unknown := _UNKNOWN.match(text)) and (
            hint := suggestion(unknown[1].lower())
        ):
            return SqlError(f"There is no procedure {unknown[1]}.", hint=hint)
        case duckdb.CatalogException() if file := _FILE.match(text):
            return SqlNotSupportedError(
                f"Its ending does not say how {file[1]} is to be read.", hint=_READERS
            )
        case duckdb.IOException() if _SHORT_PLACE.search(text):
            return SqlError(text, hint=_THREE)
        case duckdb.CatalogException():
            listed = "SHOW TABLES lists the tables, DESCRIBE items the columns of one; docs/procedures.md what CALL takes."
            return SqlError(text, hint=listed)
        case _:
            return SqlError(text)
