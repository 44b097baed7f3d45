"""Primary keys that number themselves: a sequence of the column's own, made before its table and dropped after it.

The engine has no column that counts by itself; `DEFAULT nextval(...)` does the same, also for rows inserted by other means.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Column, Table
from sqlalchemy.engine.default import DefaultExecutionContext
from sqlalchemy.schema import CreateTable, DropTable

_TEMPORARY = frozenset({"TEMP", "TEMPORARY"})


@dataclass(frozen=True, slots=True)
class Numbering:
    """The sequence behind one column, as statements name it."""

    name: str
    temporary: bool
    options: str

    @property
    def creation(self) -> str:
        """The statement that makes the sequence, before its table."""
        kind = "TEMPORARY SEQUENCE" if self.temporary else "SEQUENCE"
        return f"CREATE {kind} IF NOT EXISTS {self.name}{self.options}"

    @property
    def removal(self) -> str:
        """The statement that drops it, after its table."""
        return f"DROP SEQUENCE IF EXISTS {self.name}"

    @property
    def default(self) -> str:
        """The column's default."""
        return "nextval('" + self.name.replace("'", "''") + "')"


def numbered_column(table: Table) -> Column[Any] | None:
    """Return the column of a table that numbers itself: one with `Identity`, or the integer key nothing else gives a value."""
    for column in table.columns:
        if column.identity is not None:
            return column
    key: Column[Any] | None = table._autoincrement_column
    return key if key is not None and key.server_default is None and key.default is None else None


def numbering_of(table: Table, compiler: Any) -> Numbering | None:
    """Return the sequence that a table's column needs, None where no column numbers itself.

    Parameters:
        table: as CREATE TABLE or DROP TABLE has it.
        compiler: the DDL compiler, which quotes names.
    """
    column = numbered_column(table)
    if column is None:
        return None
    temporary = any(prefix.upper() in _TEMPORARY for prefix in table._prefixes)
    quote = compiler.preparer.quote
    name = quote(f"{table.name}_{column.name}_seq")
    schema = compiler.preparer.schema_for_object(table)
    if temporary:
        name = f"temp.{name}"
    elif schema:
        name = f"{compiler.preparer.quote_schema(schema)}.{name}"
    options = compiler.get_identity_options(column.identity) if column.identity is not None else ""
    return Numbering(name, temporary, f" {options}" if options else "")


class ExecutionContext(DefaultExecutionContext):
    """Makes and drops the sequences of self-numbering keys with their tables."""

    def pre_exec(self) -> None:
        """Make the sequence that the default of a new table's key names."""
        numbering = self._numbering(CreateTable)
        if numbering is not None:
            self.root_connection.exec_driver_sql(numbering.creation)

    def post_exec(self) -> None:
        """Drop the sequence of a table that was dropped."""
        numbering = self._numbering(DropTable)
        if numbering is not None:
            self.root_connection.exec_driver_sql(numbering.removal)

    def fire_sequence(self, seq: Any, type_: Any) -> Any:
        """Return the next value of a sequence, for a statement that cannot hold the call itself."""
        name = self.identifier_preparer.format_sequence(seq).replace("'", "''")
        return self._execute_scalar(f"SELECT nextval('{name}')", type_)

    def _numbering(self, kind: type[CreateTable | DropTable]) -> Numbering | None:
        statement = self.compiled.statement if self.isddl and self.compiled is not None else None
        return numbering_of(statement.element, self.compiled) if isinstance(statement, kind) else None
