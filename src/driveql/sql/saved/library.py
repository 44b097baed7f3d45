"""The saved queries of one session: read anew for each statement, so that an edited file counts at once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

import duckdb

from driveql.errors import DriveqlError, SqlSyntaxError
from driveql.sql.engine import Engine
from driveql.sql.incumbent import translate
from driveql.sql.parameters import Parameters
from driveql.sql.saved.inlining import Inliner
from driveql.sql.saved.query import Parameter, SavedQuery, is_free
from driveql.sql.saved.store import QueryStore

Rows = Callable[[str, Parameters], list[tuple[Any, ...]]]
_OCCUPIED = """
SELECT 'a table or view of this session' FROM information_schema.tables WHERE lower(table_name) = $1
UNION ALL SELECT 'a function of SQL' FROM duckdb_functions() WHERE function_name = $1 LIMIT 1
"""


class Library:
    """What a session knows of its connection's saved queries.

    Parameters:
        store: None for a connection that is not stored, which has none.
        rows: runs a query over values that a statement gives.
    """

    def __init__(self, store: QueryStore | None, engine: Engine, rows: Rows) -> None:
        self._store = store
        self._engine = engine
        self._rows = rows

    def inlined(self, sql: str, parameters: Parameters) -> tuple[str, Parameters]:
        """Return a statement with its saved queries inlined; see `Inliner`."""
        names = self.names()
        lowered = sql.lower()
        if not any(name in lowered for name in names):
            return sql, parameters
        return Inliner(frozenset(names), self._load, self._values).inlined(sql, parameters)

    def comments(self) -> dict[str, str]:
        """Return the description of each saved query, or why it cannot be used."""
        return comments_of(self._store) if self._store is not None else {}

    def names(self) -> list[str]:
        """Return the names of saved queries: a file that has the name of a table of driveql hides nothing."""
        return _usable(self._store) if self._store is not None else []

    def text(self, name: str) -> str:
        """Return the file of a saved query; blank where it cannot be read."""
        try:
            return self._store.content(name) if self._store is not None else ""
        except DriveqlError:
            return ""

    def without_values(self, name: str) -> str:
        """Return the SQL of a saved query with NULL for each parameter that has no default.

        Raises:
            DriveqlError: it cannot be used.
        """
        needed = (one.name for one in self._get(name).parameters if one.default is None)
        given = ", ".join(f"{one} => NULL" for one in needed)
        return self.inlined(f"SELECT * FROM {name}({given})" if given else f"SELECT * FROM {name}", None)[0]

    def _get(self, name: str) -> SavedQuery:
        assert self._store is not None
        return self._store.get(name)

    def _load(self, name: str) -> SavedQuery:
        query = self._get(name)
        taken = self._engine.rows(_OCCUPIED, [name])[1]
        if taken:
            raise SqlSyntaxError(
                f"The saved query {name} cannot be used: {taken[0][0]} has that name.",
                hint="Rename its file, or drop the other.",
            )
        text = translate(query.sql, datetime.now(UTC))
        if self._engine.kinds(text) != ["SELECT"]:
            raise SqlSyntaxError(f"The saved query {name} cannot be used: it is not one SELECT statement.")
        return SavedQuery(query.name, query.description, query.parameters, text)

    def _values(self, given: Sequence[tuple[Parameter, str]], parameters: Parameters) -> list[str]:
        listed = ", ".join(f"CAST(CAST((\n{text}\n) AS {one.engine_type}) AS VARCHAR)" for one, text in given)
        try:
            (row,) = self._rows(f"SELECT {listed}", parameters)
        except duckdb.ConversionException as error:
            problem = str(error).partition("\n")[0].removeprefix("Conversion Error: ")
            types = ", ".join(f"{one.name} {one.type}" for one, _ in given)
            raise SqlSyntaxError(
                f"A value does not fit its parameter: {problem}", hint=f"It takes {types}."
            ) from error
        return [one.literal(value) for (one, _), value in zip(given, row, strict=True)]


def comments_of(store: QueryStore) -> dict[str, str]:
    """Return the description of each saved query, or why it cannot be used, by name."""
    found: dict[str, str] = {}
    for name in _usable(store):
        try:
            query = store.get(name)
            found[name] = f"Saved query {query.signature}. {query.description}".strip()
        except DriveqlError as error:
            found[name] = error.message
    return found


def _usable(store: QueryStore) -> list[str]:
    return [name for name in store.names() if is_free(name)]
