"""The tables of Graph objects in one engine: they are made before the first statement that may name one.

A statement that only reads files needs none of them, nor what they bring along. What names a table without its name in the text
(a misspelt one, for which the engine suggests others) is an error first; whoever sees it makes the tables and tries again.
"""

from __future__ import annotations

import re

import duckdb

from driveql.sql.table_comments import TELLING, TableComments
from driveql.sql.tables import TABLES
from driveql.sql.tenant import Tenant

_NAMED = re.compile(rf"\b(?:{'|'.join(TABLES)})\b", re.IGNORECASE)


class GraphTables:
    """The tables of one engine."""

    def __init__(self, engine: duckdb.DuckDBPyConnection, tenant: Tenant) -> None:
        self._engine = engine
        self._tenant = tenant
        self._comments = TableComments(engine)
        self._are_there = False

    def before(self, sql: str, *, in_transaction: bool) -> None:
        """Make the tables where a statement that is about to run may name one, and their comments where it can tell them.

        Parameters:
            in_transaction: what is made may be undone, and is made again next time.
        """
        telling = TELLING.search(sql) is not None
        if not self._are_there and (telling or _NAMED.search(sql)):
            self.make()
            self._are_there = not in_transaction
        if telling:
            self._comments.write(in_transaction=in_transaction)

    def make(self) -> bool:
        """Make the tables; return False where they were there."""
        if self._are_there:
            return False
        for table in TABLES.values():
            self._engine.register(table.name, self._tenant.dataset(table))
        return True

    def forget(self, *, replaced: bool = False) -> None:
        """Note that the tables are gone, or, with `replaced`, that something else has their names for now."""
        self._are_there = replaced
        self._comments.forget()
