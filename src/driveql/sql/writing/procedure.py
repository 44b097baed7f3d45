"""What a procedure is: a name, typed arguments, further columns of its outcome rows, and the work. Values are checked first."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa

from driveql.drive.handle import DriveHandle
from driveql.errors import LocalFileError, SqlNotSupportedError, SqlSyntaxError
from driveql.graph import paths, places
from driveql.graph.models import DriveItem
from driveql.sql.tables.items import KNOWN_FOLDER
from driveql.sql.writing.arguments import Argument
from driveql.sql.writing.outcome import RowOutcome
from driveql.sql.writing.run import WriteRun
from driveql.sql.writing.whose import check_place, checked_drive, checked_owner


@dataclass(slots=True)
class Called:
    """A call under way: the values by argument, and the rows that tell what became of it."""

    run: WriteRun
    values: Mapping[str, Any]
    rows: list[RowOutcome]

    def __getitem__(self, name: str) -> Any:
        return self.values[name]

    async def drive(self) -> DriveHandle:
        """Return the drive that `drive_id` or `owner` names; the connection's own where neither is given."""
        owner = self.values.get("owner")
        return await self.run.onedrive.drive(owner, drive_id=self.values.get("drive_id"))

    async def place(self, name: str = "path") -> tuple[DriveHandle, str]:
        """Return the drive and path that an argument names; a plain path is in the drive that `drive` returns."""
        written = str(self.values[name])
        if places.is_place(written):
            drive, path = await self.run.onedrive.at(written)
        else:
            drive, path = await self.drive(), paths.normalise(written)
        if name == "path":
            self.rows[0].drive_id = drive.id
        return drive, path

    async def item(self) -> tuple[DriveHandle, DriveItem]:
        """Return the item that `path` or `id` names, with its drive."""
        if self.values.get("id"):
            drive = await self.drive()
            reference = f"id:{self.values['id']}"
        else:
            drive, reference = await self.place()
        item = await drive.item(reference)
        for row in self.rows:
            row.path, row.id, row.drive_id = item.path or row.path, item.id, drive.id
        return drive, item

    def have_rows(self, rows: Sequence[RowOutcome]) -> None:
        """Have these rows instead of the one that a call has by itself."""
        outcomes = self.run.outcomes
        outcomes[:] = [one for one in outcomes if all(one is not mine for mine in self.rows)]
        outcomes += rows
        self.rows[:] = rows

    def local(self, name: str) -> Path:
        """Return the local file that an argument names. Raises SqlNotSupportedError where statements may name none."""
        if not self.run.local_files:
            raise SqlNotSupportedError("This connection's statements may not name local files.")
        return Path(str(self.values[name])).expanduser()

    def new_file(self, name: str) -> Path:
        """Return the local file that an argument names and that is to be written.

        Raises:
            LocalFileError: it is there already, and `overwrite` is false.
        """
        target = self.local(name)
        if target.exists() and not self.values["overwrite"]:
            raise LocalFileError(f"{target} is there already.", hint="overwrite => true replaces it.")
        return target

    def done(self, item: DriveItem, folder: str | None = None) -> None:
        """The procedure's one row is done, and this is the item now."""
        self.rows[0].done(item.raw if folder is None else {KNOWN_FOLDER: folder, **item.raw})


@dataclass(frozen=True, slots=True)
class Procedure:
    """A procedure.

    Parameters:
        work: what it does. columns: name, type and description of its rows' further columns.
        plan: what a dry run shows; None where it is the call itself.
        writes: whether a call with these values writes to OneDrive.
        each: the list argument of which each value has a row of its own.
    """

    name: str
    description: str
    arguments: tuple[Argument, ...]
    work: Callable[[Called], Awaitable[None]]
    columns: tuple[tuple[str, pa.DataType, str], ...] = ()
    writes: Callable[[Mapping[str, Any]], bool] = field(default=lambda _: True)
    each: str | None = None
    plan: Callable[[Called], Awaitable[None]] | None = None

    def names(self, written: Sequence[tuple[str, str]]) -> list[str]:
        """Return the name of each written argument; those without one come in order.

        Raises:
            SqlSyntaxError: there is no such argument, it is given twice, or too many are.
        """
        known = [argument.name for argument in self.arguments]
        names = [name or (known[at] if at < len(known) else "") for at, (name, _) in enumerate(written)]
        wrong = next((name for name in names if name not in known or names.count(name) > 1), None)
        if wrong is not None:
            problem = (
                f"has no argument {wrong!r}" if wrong and wrong not in known else "has too many arguments"
            )
            if wrong in known:
                problem = f"is given {wrong} twice"
            raise SqlSyntaxError(f"CALL {self.name} {problem}.", hint=f"It takes {', '.join(known)}.")
        return names

    def checked(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """Return the value of every argument.

        Raises:
            SqlSyntaxError: one is missing, or of another type.
        """
        values: dict[str, Any] = {}
        for argument in self.arguments:
            value = given.get(argument.name)
            if value is None:
                if argument.required:
                    raise SqlSyntaxError(
                        f"CALL {self.name} needs {argument.name}: {argument.description.lower()}.",
                        hint=f"It takes {', '.join(one.name for one in self.arguments)}.",
                    )
                values[argument.name] = argument.default
                continue
            values[argument.name] = argument.read(value, self.name)
        if "id" in values and "path" in values and (values["id"] is None) is (values["path"] is None):
            raise SqlSyntaxError(f"CALL {self.name} needs path or id, one of them.")
        named = [name for name in ("drive_id", "owner") if values.get(name) is not None]
        if len(named) > 1:
            raise SqlSyntaxError(f"CALL {self.name} takes drive_id or owner, one of them.")
        what = f"CALL {self.name}"
        for name, check in (
            ("owner", checked_owner),
            ("drive_id", checked_drive),
            ("to_drive_id", checked_drive),
        ):
            if name in values:
                values[name] = check(values[name], what)
        if isinstance(values.get("path"), str):
            check_place(values["path"], values.get("owner"), values.get("drive_id"), what)
        return values
