r"""What \d, \df and \dp tell, and the names that are completed: driveql's tables and procedures, and the engine's functions."""

from __future__ import annotations

from textwrap import shorten
from typing import TYPE_CHECKING, Any

from driveql.cli.shell.completion import Names
from driveql.cli.statements import Held
from driveql.errors import DriveqlError
from driveql.sql import catalogue
from driveql.sql.tables import TABLES
from driveql.sql.writing.procedures import PROCEDURES

if TYPE_CHECKING:
    from driveql.sql.dbapi import Connection

# Statements that leave names, and what is in folders, as they were.
_READING = frozenset(
    {"SELECT", "FROM", "VALUES", "SHOW", "DESCRIBE", "DESC", "SUMMARIZE", "EXPLAIN", "PRAGMA"}
)
_COLUMNS = "SELECT table_name, column_name FROM duckdb_columns() WHERE NOT internal ORDER BY ALL"
_FUNCTIONS = """
SELECT function_name, string_agg(DISTINCT array_to_string(parameters, ', '), ' | ') AS takes, any_value(return_type) AS gives,
  any_value(description) AS description
FROM duckdb_functions() WHERE regexp_full_match(function_name, '[a-z_][a-z0-9_]*') AND NOT starts_with(function_name, '__')
GROUP BY 1 ORDER BY 1"""
# Functions that driveql adds to the engine's.
_OURS = (
    ("read_xlsx", "path, sheet, range, header", "table", "Rows of a worksheet (XLSX, XLS, XLSB, ODS)"),
    ("worksheets", "path", "table", "The worksheets of a workbook"),
)
# The arguments of some functions would fill the screen.
_WIDEST = 100
Shown = tuple[Held, str]


def names(connection: Connection) -> Names:
    """Return what can be named in a statement of this connection; no request is sent."""
    session = connection.session()
    tables: dict[str, list[str]] = {}
    for table, column in session.engine_rows(_COLUMNS):
        tables.setdefault(table, []).append(column)
    for table, _ in _shown(connection):
        tables.setdefault(table, [])
    functions = sorted({name for name, *_ in (*session.engine_rows(_FUNCTIONS), *_OURS)})
    procedures = {
        name: [argument.name for argument in procedure.arguments] for name, procedure in PROCEDURES.items()
    }
    return Names(tables, functions, procedures, _stored())


def changes_names(statement: str) -> bool:
    """Return True for a statement after which other names may be there."""
    words = statement.upper().split()
    return bool(words) and (words[0] not in _READING or "INTO" in words)


def relations(connection: Connection, name: str) -> Shown:
    """Return the tables, or the columns of one, as rows and a title.

    Raises:
        SqlError: there is no such table.
    """
    session = connection.session()
    saved = session.queries.saved.names()
    if not name:
        told = [
            (
                table,
                "OneDrive" if table in TABLES else "saved query" if table in saved else "your own",
                comment or "",
            )
            for table, comment in _shown(connection)
        ]
        return _held(("table", "kind", "description"), told), ""
    if name.lower() not in TABLES:
        own = session.engine_rows(
            "SELECT column_name, data_type, comment FROM duckdb_columns() WHERE lower(table_name) = lower(?)"
            " ORDER BY column_index",
            [name],
        )
        if own:
            described = [(column, type_, comment or "") for column, type_, comment in own]
            return _held(("column", "type", "description"), described), ""
        if name.lower() in saved:
            columns = [(column, type_, "") for column, type_ in session.columns_of_saved(name.lower())]
            return _held(("column", "type", "description"), columns), session.queries.saved.comments()[
                name.lower()
            ]
    table = catalogue.table_of(name)
    found = [
        (one["name"], one["type"], one["asked"] or "", one["match"] or "", one["description"])
        for one in catalogue.columns(table)
    ]
    heading = ("column", "type", "asked of Graph", "match", "description")
    return _held(heading, found), f"{table.name}: {table.description}."


def functions(connection: Connection, part: str) -> Shown:
    """Return the functions with `part` in their name."""
    rows = sorted([*connection.session().engine_rows(_FUNCTIONS), *_OURS])
    found = [
        (name, shorten(takes or "", _WIDEST, placeholder=" .."), gives or "", description or "")
        for name, takes, gives, description in rows
        if part.lower() in name
    ]
    return _held(("function", "takes", "gives", "description"), found), ""


def procedures(part: str) -> Shown:
    """Return the procedures with `part` in their name."""
    found = [
        (name, ", ".join(argument.name for argument in procedure.arguments), procedure.description)
        for name, procedure in PROCEDURES.items()
        if part.lower() in name
    ]
    return _held(("procedure", "arguments", "description"), found), ""


def _shown(connection: Connection) -> list[Any]:
    """Return name and comment of everything that SHOW TABLES names."""
    with connection.cursor() as cursor:
        return cursor.execute("SHOW TABLES").fetchall()


def _held(heading: tuple[str, ...], rows: list[Any]) -> Held:
    return Held([(name, "VARCHAR", None, None, None, None, None) for name in heading], list(rows))


def _stored() -> list[str]:
    from driveql.connection import ConnectionStore

    try:
        return ConnectionStore().names()
    except DriveqlError:
        return []
