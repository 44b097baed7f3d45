"""What an error that comes out of the engine is to driveql: one of ours that it passed on as text, or one of its own.

The original of what it passes on is kept by the statement, and the files that it missed by the file system.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator

import duckdb
import pyarrow as pa

from driveql.errors import DriveqlError, SqlError, SqlNotSupportedError, SqlSyntaxError
from driveql.sql.advice import advised
from driveql.sql.contents import Contents, no_file
from driveql.sql.limits import Watch
from driveql.sql.statement import Statement, cancelled
from driveql.sql.strangers import refused
from driveql.sql.writing.procedures import suggestion

_UNKNOWN = re.compile(r"Catalog Error: Table Function with name (\w+) does not exist")
_FILE = re.compile(r"Catalog Error: Table with name (onedrive://.+?) does not exist!")
_READERS = "read_csv, read_json, read_parquet, read_xlsx, read_text and read_blob take any name: FROM read_csv('onedrive:/a.txt')"
_SHORT_PLACE = re.compile(r'"(?:onedrive|driveql):/(?!/)')
_THREE = "In a parameter, in a text that is put together and in query('..') write the whole form: onedrive:///Reports/a.csv"
_TRACE = re.compile(r"Traceback \(most recent call last\):\s+(?:.*\n\s*)*(?=\S+(?:Error|Exception)\b)")


class EngineErrors:
    """The errors of one session's engine.

    Parameters:
        contents: the files that the engine opens. watch: knows why a statement was stopped.
    """

    def __init__(self, contents: Contents, watch: Watch) -> None:
        self._contents = contents
        self._watch = watch

    @contextlib.contextmanager
    def translated(self, statement: Statement, sql: str = "") -> Iterator[None]:
        """Raise, in place of what the engine raises in the block, what it was for the statement, written as `sql`."""
        try:
            yield
        except (duckdb.Error, pa.ArrowException, OSError) as error:
            if statement.failure is not None:
                raise statement.failure from None
            if statement.cancelled:
                raise self._watch.error(statement) from None
            if isinstance(error, duckdb.IOException) and self._contents.missing:
                raise no_file(self._contents.missing[0]) from error
            if isinstance(error, duckdb.Error):
                raise advised(error_from(error), sql) from error
            raise error_from(duckdb.Error(str(error))) from error
        except RecursionError:
            raise SqlError(
                "The statement, or the type of a column, is nested too deeply to be read.",
                code="tooDeep",
                hint="Take it apart: WITH name AS (...), or a list in place of expressions within expressions.",
            ) from None
        except SqlError as error:
            if error.code == "cancelled" and statement.expired:
                raise self._watch.error(statement) from None
            raise


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
