"""Tables that answer nothing and note what they are asked, for EXPLAIN."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as ds

from driveql.sql import filters
from driveql.sql.plans import Hint
from driveql.sql.predicates import Predicate, renamed
from driveql.sql.tables import GraphTable


class StandIn(ds.Dataset):  # type: ignore[misc]  # pyarrow has no types
    """A table of the same columns under tagged names, without rows, that notes what it is asked."""

    def __init__(self, number: int, table: GraphTable, hint: Hint) -> None:
        self.tag = f"__t{number}_"
        self.name = f"__driveql_stand_in_{number}"
        self.table = table
        self.hint = hint
        self.asked: tuple[Sequence[str] | None, Predicate] | None = None

    @property
    def schema(self) -> pa.Schema:
        """The table's columns under their tagged names."""
        return pa.schema([field.with_name(self.tag + field.name) for field in self.table.schema])

    def view(self) -> str:
        """Return the query that gives the columns their own names."""
        columns = ", ".join(f'"{self.tag}{name}" AS "{name}"' for name in self.table.by_name)
        return f'SELECT {columns} FROM "{self.name}"'

    def scanner(
        self,
        columns: Sequence[str] | None = None,
        filter: pc.Expression | None = None,  # noqa: A002 - pyarrow's own word
        **_: Any,
    ) -> ds.Scanner:
        """Note columns and filter, and return a scan without rows."""
        predicate = renamed(filters.read(filter, self.schema), len(self.tag))
        wanted = None if columns is None else [name[len(self.tag) :] for name in columns]
        self.asked = (wanted, predicate)
        return ds.Scanner.from_batches(iter(()), schema=self.schema, columns=columns)
