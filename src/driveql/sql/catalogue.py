"""What the tables of Graph objects are, as rows for people and tools: names, types, comments, what Graph takes. Pure.

DuckDB's DESCRIBE and SHOW TABLES leave comments out; for these tables they get one more column, `comment`, at the end.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from difflib import get_close_matches

import pyarrow as pa

from driveql.errors import SqlError
from driveql.sql.syntax import quoted, tokens_of
from driveql.sql.tables import TABLES, Column, GraphTable, Match, Takes

_TYPES: Mapping[str, str] = {
    "string": "VARCHAR",
    "int64": "BIGINT",
    "bool": "BOOLEAN",
    "list<item: string>": "VARCHAR[]",
    "timestamp[us, tz=UTC]": "TIMESTAMP WITH TIME ZONE",
}
_DESCRIBING = re.compile(r"\b(?:DESCRIBE|DESC|SHOW)\b", re.IGNORECASE)
_WORDS = 2
_SHORT = 200


def table_of(name: str) -> GraphTable:
    """Return a table by its name, in any letter case.

    Raises:
        SqlError: there is none; the hint names those that are alike.
    """
    table = TABLES.get(name.strip().lower())
    if table is None:
        near = get_close_matches(name.strip().lower(), TABLES, n=3)
        raise SqlError(
            f"There is no table {name!r}.",
            code="table_not_found",
            hint=f"Did you mean {', '.join(near)}?" if near else f"There are {', '.join(TABLES)}.",
        )
    return table


def sql_type(type_: pa.DataType) -> str:
    """Return the SQL name of a column's type."""
    return _TYPES.get(str(type_), str(type_).upper())


def asked(column: Column) -> str:
    """Return the predicates on a column that are asked of Graph, as `=, IN, prefix`; empty where none is."""
    return ", ".join(takes.value for takes in Takes if takes in column.takes)


def tables() -> list[dict[str, object]]:
    """Return a record for each table: `name`, `columns` (how many), `description`."""
    return [
        {"name": table.name, "columns": len(table.columns), "description": table.description}
        for table in TABLES.values()
    ]


def columns(table: GraphTable) -> list[dict[str, object]]:
    """Return a record for each column of a table.

    `name`, `type`, `graph` (the Graph property), `asked` (the predicates that go to Graph), `match` (`exact`, or `loose` where
    Graph answers with more than the rows and the rest is filtered here), `description`.
    """
    return [
        {
            "name": column.name,
            "type": sql_type(column.type),
            "graph": column.graph or None,
            "asked": asked(column) or None,
            "match": _match(column),
            "description": column.description,
        }
        for column in table.columns
    ]


def _match(column: Column) -> str | None:
    if not column.takes:
        return None
    return "exact" if column.match is Match.EXACT else "loose"


def with_comments(sql: str) -> str | None:
    """Return the query for SHOW TABLES, and for DESCRIBE of a table of Graph objects; None for any other statement."""
    if not _DESCRIBING.search(sql[:_SHORT]):
        return None
    words = [token.text for token in tokens_of(sql)]
    if len(words) != _WORDS or not _DESCRIBING.fullmatch(words[0]):
        return None
    name = words[1].lower()
    if words[0].upper() == "SHOW" and name == "tables":
        return _SHOW_TABLES
    return _describe(name) if name in TABLES else None


# DuckDB's own answer, with the comment beside it.
_SHOW_TABLES = (
    "SELECT table_name AS name, TABLE_COMMENT AS comment FROM information_schema.tables"
    " WHERE table_schema NOT IN ('information_schema', 'pg_catalog') ORDER BY 1"
)


def _describe(name: str) -> str:
    return (
        'SELECT column_name, data_type AS column_type, \'YES\' AS "null", CAST(NULL AS VARCHAR) AS "key",'
        ' CAST(NULL AS VARCHAR) AS "default", CAST(NULL AS VARCHAR) AS extra, comment FROM duckdb_columns()'
        f" WHERE database_name = 'temp' AND table_name = {quoted(name)} ORDER BY column_index"
    )
