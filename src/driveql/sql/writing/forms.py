"""The writing statements, taken apart: queries and names. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Insert:
    """Rows for a table. `columns` is None where the query's own names count.

    `conflict` is `fail`, `replace` or `skip`. RETURNING calls the rows by the table's name.
    """

    table: str
    columns: tuple[str, ...] | None
    query: str
    conflict: str
    returning: str | None


@dataclass(frozen=True, slots=True)
class Update:
    """Rows that change. `query` begins with the settings' values, to which the target's columns are added.

    Parameters:
        columns: what is set, in the order of the values. before, after: the query's text around the target's columns.
        alias: the name by which the query knows the target. guarded: its condition names the eTag.
    """

    table: str
    alias: str
    columns: tuple[str, ...]
    before: str
    after: str
    guarded: bool
    returning: str | None


@dataclass(frozen=True, slots=True)
class Delete:
    """Rows that go; the fields are as in `Update`."""

    table: str
    alias: str
    before: str
    after: str
    guarded: bool
    returning: str | None


@dataclass(frozen=True, slots=True)
class Call:
    """A call of a procedure: its arguments' expressions by name, or by position (blank name)."""

    procedure: str
    arguments: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class SetOption:
    """A setting of driveql's own; `value` is None for RESET."""

    name: str
    value: str | None


@dataclass(frozen=True, slots=True)
class CopyTo:
    """Rows for a file. `source` is the query without its parentheses, or a table with its columns (`is_query` is False).

    `options` are the written options, each as its name in capitals and its text.
    """

    source: str
    is_query: bool
    target: str
    options: Mapping[str, str] = field(default_factory=dict)


Writing = Insert | Update | Delete | Call | SetOption | CopyTo
