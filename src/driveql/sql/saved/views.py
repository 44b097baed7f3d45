"""Saved queries in the engine's catalogue: temporary views for as long as a statement runs that looks into it.

So they are in information_schema, duckdb_views() and their like. A view has the columns of its query, and no rows; whoever names
the query in a statement gets the query itself, see `inlining`. One that cannot be used hinders nothing.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable, Iterator, Mapping, Sequence

import duckdb

from driveql.errors import DriveqlError, SqlSyntaxError
from driveql.sql.engine import Engine
from driveql.sql.engine_errors import error_from
from driveql.sql.saved.library import Library
from driveql.sql.syntax import quoted, quoted_name

Columns = Sequence[tuple[str, str]]
_LOOKS = re.compile(
    r"duckdb_(?:views|columns)|information_schema|\bpg_|sqlite_|\bSHOW\s+ALL\b", re.IGNORECASE
)
# To know its columns is to bind a query, and that may take requests: not for statements that tell names alone.
_TELLS_COLUMNS = re.compile(r"column|attribute|relnatts|\bSHOW\s+ALL\b", re.IGNORECASE)
_COUNTS_COLUMNS = re.compile(r"duckdb_views|pg_class|sqlite_", re.IGNORECASE)
_TAKEN = "SELECT view_name FROM duckdb_views() WHERE NOT internal UNION SELECT table_name FROM duckdb_tables() WHERE NOT internal"
_STOPPED = frozenset({"cancelled", "timeout"})
PROBLEM = "problem"


class SavedViews:
    """The saved queries of a session as views.

    Parameters:
        columns_of: binds a query, and returns names and types of its columns; raises DriveqlError.
    """

    def __init__(self, engine: Engine, library: Library, columns_of: Callable[[str], Columns]) -> None:
        self._engine = engine.connection
        self._library = library
        self._columns_of = columns_of
        self._texts: tuple[str, ...] = ()
        self._known: dict[str, Columns | SqlSyntaxError] = {}

    def columns(self, name: str, *, only_known: bool = False) -> Columns:
        """Return names and types of a saved query's columns, parameters without a default taken for NULL.

        Parameters:
            only_known: they are not looked up.

        Raises:
            DriveqlError: it cannot be used, or not without values.
        """
        texts = tuple(map(self._library.text, self._library.names()))
        if texts != self._texts and not only_known:
            self._texts, self._known = texts, {}
        if name not in self._known:
            if only_known:
                raise DriveqlError("Columns are not looked up within a transaction.")
            self._known[name] = self._looked_up(name)
        found = self._known[name]
        if isinstance(found, SqlSyntaxError):
            raise found
        return found

    def _looked_up(self, name: str) -> Columns | SqlSyntaxError:
        """Return the columns, or what is wrong with the text whatever the session holds."""
        try:
            return self._columns_of(self._library.without_values(name))
        except duckdb.Error as error:
            raise error_from(error) from error
        except SqlSyntaxError as error:
            return error

    def of(self, sql: str, *, in_transaction: bool) -> dict[str, str]:
        """Return what makes the views for a statement, by their names; nothing where it does not look into the catalogue.

        Parameters:
            in_transaction: a query that cannot be bound would end it, so that columns are not looked up.
        """
        comments = self._library.comments() if _LOOKS.search(sql) else {}
        if not comments:
            return {}
        tells = bool(_TELLS_COLUMNS.search(sql) or ("*" in sql and _COUNTS_COLUMNS.search(sql)))
        made: dict[str, str] = {}
        for name, comment in comments.items():
            columns: Columns = [(PROBLEM, "VARCHAR")]
            problem = comment
            if tells:
                try:
                    columns = self.columns(name, only_known=in_transaction)
                except DriveqlError as error:
                    if error.code in _STOPPED:
                        raise
                    problem = error.message
            told = {PROBLEM: problem} if columns == [(PROBLEM, "VARCHAR")] else {}
            made[name] = _view(name, columns, comment, self._library.text(name), told)
        return made

    @contextlib.contextmanager
    def made(self, views: Mapping[str, str]) -> Iterator[None]:
        """Have views for a while, but those whose name a table or view of the session has."""
        if not views:
            yield
            return
        taken = {name.lower() for (name,) in self._engine.execute(_TAKEN).fetchall()}
        free = [name for name in views if name not in taken]
        self._engine.execute(";".join(views[name] for name in free) or "SELECT 1")
        try:
            yield
        finally:
            # Within a transaction that an error ended, they are undone with all else.
            with contextlib.suppress(duckdb.Error):
                self._engine.execute(";".join(f"DROP VIEW temp.main.{name}" for name in free) or "SELECT 1")


def _view(name: str, columns: Columns, comment: str, text: str, told: Mapping[str, str]) -> str:
    """Return what makes a view with these columns, and the query's text in its definition."""
    listed = ", ".join(f"CAST(NULL AS {type_}) AS {quoted_name(column)}" for column, type_ in columns)
    parts = [
        f"CREATE TEMP VIEW {name} AS SELECT {listed} FROM (VALUES ({quoted(text)})) AS saved_query(text) WHERE false",
        f"COMMENT ON VIEW temp.main.{name} IS {quoted(comment)}",
        *(
            f"COMMENT ON COLUMN temp.main.{name}.{quoted_name(column)} IS {quoted(about)}"
            for column, about in told.items()
        ),
    ]
    return ";".join(parts)
