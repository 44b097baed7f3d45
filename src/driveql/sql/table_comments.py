"""The comments of the tables of Graph objects in the engine's catalogue: written before the first statement that can tell them.

The engine takes some 300 statements for them, several times as long as all else that a session begins with; most end without.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import duckdb

from driveql.sql.syntax import quoted
from driveql.sql.tables import TABLES, GraphTable

# Whatever can tell a comment, and what can run a text that is put together (`query`). Too much here costs only time.
TELLING = re.compile(
    r"duckdb_|information_schema|pg_|sqlite_|query|\b(?:DESCRIBE|DESC|SHOW|SUMMARIZE|PRAGMA|COMMENT|EXPORT)\b",
    re.IGNORECASE,
)


class TableComments:
    """The comments of one engine."""

    def __init__(self, engine: duckdb.DuckDBPyConnection) -> None:
        self._engine = engine
        self._are_written = False

    def write(self, *, in_transaction: bool) -> None:
        """Write the comments, unless they are written.

        Parameters:
            in_transaction: what is written may be undone, and is written again next time.
        """
        if self._are_written:
            return
        for table in TABLES.values():
            self._engine.execute(";".join(_comments(table)))
        self._are_written = not in_transaction

    def forget(self) -> None:
        """Note that the tables were made anew, without their comments."""
        self._are_written = False


def _comments(table: GraphTable) -> Iterator[str]:
    yield f"COMMENT ON VIEW temp.main.{table.name} IS {quoted(table.description)}"
    for column in table.columns:
        yield f"COMMENT ON COLUMN temp.main.{table.name}.{column.name} IS {quoted(column.description)}"
