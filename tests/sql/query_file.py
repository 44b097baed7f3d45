"""Queries with their expected rows, as `.sql` files hold them.

A file is SQL with comments that mean something:

    -- connection: samples          who runs the file's queries (a name that the runner knows)
    -- name: what the query shows   begins a query: the statements up to the next name
    -- parameters: ["Sales"]        JSON, for the statement that follows; {"name": value} for named ones
    -- requests: 1                  how many Graph requests the statement that follows makes
    SELECT ...;
    -- ["a", 1, null]               a row of the statement above, as JSON; timestamps in ISO 8601
    -- no rows                      it has none
    -- in any order                 its rows are compared without their order
    -- computed: csv_files.mass     its rows are also those of a function in tests/sql/expected
    -- holds: list the folder       this text is somewhere in its rows, told for EXPLAIN
    -- columns: ["name", "size"]    the names of its columns
    -- raises: NotFoundError text   it raises this error, whose message or hint holds this text

A line that begins with three dashes is a remark. A statement ends with a semicolon at the end of a line.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

_DIRECTIVE = re.compile(r"-- (name|connection|parameters|requests|computed|holds|columns|raises): (.+)")


@dataclass
class Step:
    """One statement and what is expected of it; `rows` is None where no row is written beside it."""

    sql: str = ""
    parameters: Any = None
    requests: int | None = None
    rows: list[list[Any]] | None = None
    in_any_order: bool = False
    computed: str | None = None
    holds: list[str] = field(default_factory=list)
    columns: list[str] | None = None
    raises: tuple[str, str] | None = None

    @property
    def is_checked(self) -> bool:
        """Tell whether anything that the statement gives is expected."""
        return self.rows is not None or any((self.computed, self.holds, self.raises))


@dataclass
class Query:
    """A named sequence of statements; they run in order, over one connection."""

    file: str
    name: str
    connection: str
    steps: list[Step] = field(default_factory=list)

    def __str__(self) -> str:
        return f"{self.file}: {self.name}"


def read_queries(path: Path) -> list[Query]:
    """Return the queries of a file, in order; raises ValueError where a line cannot be meant."""
    queries: list[Query] = []
    connection = "alice"
    reader: _Reader | None = None
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        directive = _DIRECTIVE.fullmatch(line.strip())
        kind, value = directive.groups() if directive else ("", "")
        if kind == "connection":
            connection = value
        elif kind == "name":
            queries.append(Query(path.stem, value, connection))
            reader = _Reader(queries[-1])
        elif line.strip() and not line.startswith("---"):
            if reader is None:
                raise ValueError(f"{path.name}, line {number}: nothing may stand before the first name.")
            try:
                reader.take(line, kind, value)
            except ValueError as error:
                raise ValueError(f"{path.name}, line {number}: {error}") from error
    for query in queries:
        if not query.steps or not query.steps[-1].is_checked or not query.steps[-1].sql.endswith(";"):
            raise ValueError(f"{query}: its last statement has no end, or nothing is expected of it.")
    return queries


class _Reader:
    """Takes the lines of one query."""

    def __init__(self, query: Query) -> None:
        self._query = query
        self._before: dict[str, Any] = {}

    def take(self, line: str, kind: str, value: str) -> None:
        """Take a line; `kind` and `value` are those of a directive, blank otherwise."""
        if kind in {"parameters", "requests"}:
            self._before[kind] = json.loads(value)
        elif line.startswith("--"):
            self._expect(line.removeprefix("--").strip(), kind, value)
        else:
            self._sql(line)

    def _sql(self, line: str) -> None:
        steps = self._query.steps
        if not steps or steps[-1].sql.endswith(";"):
            steps.append(Step(**self._before))
            self._before = {}
        steps[-1].sql = f"{steps[-1].sql}\n{line.rstrip()}".strip()

    def _expect(self, text: str, kind: str, value: str) -> None:
        if not self._query.steps:
            raise ValueError("what is expected stands beneath its statement.")
        step = self._query.steps[-1]
        if kind == "computed":
            step.computed = value
        elif kind == "holds":
            step.holds.append(value)
        elif kind == "columns":
            step.columns = json.loads(value)
        elif kind == "raises":
            name, _, words = value.partition(" ")
            step.raises = (name, words)
        elif text == "no rows":
            step.rows = []
        elif text == "in any order":
            step.in_any_order = True
        elif text.startswith("["):
            step.rows = [*(step.rows or []), json.loads(text)]
        else:
            raise ValueError(f"{text!r} is none of the comments that mean something.")


def statements(queries: list[Query]) -> Iterator[Step]:
    """Yield every statement of some queries."""
    for query in queries:
        yield from query.steps
