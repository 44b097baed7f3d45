"""The tables that SQL writes, and what INSERT and UPDATE take of each. Pure.

Of `list_items`, every name that is no column of the table is a column of the list, by its internal name.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from driveql.errors import SqlNotSupportedError, SqlSyntaxError
from driveql.sql.tables import TABLES
from driveql.sql.writing.forms import Insert


@dataclass(frozen=True, slots=True)
class Target:
    """What can be written of a table.

    Parameters:
        inserted: columns that INSERT takes. settable: columns that UPDATE sets. example: how INSERT names its columns.
        known: columns by which a row that changes is found again.
        free: other names are taken too, but for columns of the table.
        not_inserted, not_set: what to do about a column that is not taken.
    """

    table: str
    inserted: tuple[str, ...]
    settable: tuple[str, ...]
    known: tuple[str, ...]
    example: str
    not_inserted: str
    not_set: str
    free: bool = False

    def inserted_column(self, written: str) -> str:
        """Return the name of a column that INSERT takes. Raises SqlNotSupportedError for another."""
        return self._column(written, self.inserted, f"INSERT INTO {self.table}", self.not_inserted)

    def set_column(self, written: str) -> str:
        """Return the name of a column that UPDATE sets. Raises SqlNotSupportedError for another."""
        return self._column(written, self.settable, f"UPDATE {self.table}", self.not_set)

    def listed(self, columns: tuple[str, ...]) -> str:
        """Return columns as a message names them."""
        return ", ".join(columns) + (" and columns of the list by their internal names" * self.free)

    def _column(self, written: str, taken: tuple[str, ...], what: str, hint: str) -> str:
        name = written.lower()
        if name in taken:
            return name
        if self.free and name not in TABLES[self.table].by_name:
            return written
        raise SqlNotSupportedError(
            f"{what} does not take {name!r}; it takes {self.listed(taken)}.", hint=hint
        )


_ITEM = ("id", "drive_id", "path", "name", "parent_path", "is_folder", "e_tag")


def _items(table: str) -> Target:
    return Target(
        table,
        (
            "path",
            "parent_path",
            "name",
            "is_folder",
            "content",
            "local_path",
            "conflict",
            "owner",
            "drive_id",
        ),
        ("name", "parent_path", "path", "description"),
        _ITEM,
        "(path, content)",
        "description is set by UPDATE afterwards.",
        "INSERT OR REPLACE writes a file's content anew.",
    )


TARGETS: Mapping[str, Target] = {
    **{table: _items(table) for table in ("items", "files", "folders")},
    "list_items": Target(
        "list_items",
        ("owner", "site_id", "list", "title", "fields"),
        ("title", "file_name", "fields"),
        ("id", "owner", "site_id", "list", "e_tag"),
        "(list, title)",
        "What the service keeps by itself cannot be given; a file's entry comes with the file: INSERT INTO items.",
        "What the service keeps by itself cannot be set.",
        free=True,
    ),
    "permissions": Target(
        "permissions",
        (
            "path", "item_id", "owner", "drive_id", "roles", "recipients", "link_type", "link_scope",
            "expiration_date_time", "password", "message", "send_invitation", "require_sign_in",
        ),
        ("roles",),
        ("id", "drive_id", "item_id", "path", "roles", "is_inherited", "inherited_from_path"),
        "(path, recipients, roles)",
        "recipients with roles invite people; link_type and link_scope make a link.",
        "Anything else of a permission is changed by deleting it and inserting another.",
    ),
}  # fmt: skip


def column_names(statement: Insert, found: Sequence[str]) -> list[str]:
    """Return the name of each column of an INSERT's rows.

    Parameters:
        found: the names that its query gives them.

    Raises:
        SqlSyntaxError, SqlNotSupportedError: there are more or fewer, or one that the table does not take.
    """
    target = TARGETS[statement.table]
    names = (
        list(statement.columns)
        if statement.columns is not None
        else [target.inserted_column(name) for name in found]
    )
    if len(names) != len(found):
        raise SqlSyntaxError(
            f"INSERT INTO {statement.table} names {len(names)} columns, and its rows have {len(found)}."
        )
    if len({name.casefold() for name in names}) != len(names):
        raise SqlSyntaxError(f"INSERT INTO {statement.table}: its rows have a column twice.")
    return names
