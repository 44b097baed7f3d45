"""Where the workbooks of a call come from: OneDrive, an endpoint's file, or this machine."""

from __future__ import annotations

import functools
import glob
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa

from driveql.errors import DriveqlError, LocalFileError, SqlNotSupportedError
from driveql.graph import places
from driveql.sql import strangers
from driveql.sql.contents import Contents, no_file
from driveql.sql.incumbent.file_place import FilePlace, parse
from driveql.sql.plans import Scope
from driveql.sql.pump import interruptible
from driveql.sql.reading.place_forms import long_form
from driveql.sql.reading.resolving import item_columns, skippable, skipped
from driveql.sql.reading.workbook_file import check_size
from driveql.sql.tenant import Tenant
from driveql.sql.workbook_call import WorkbookCall
from driveql.sql.workbooks import Load, table_of


class WorkbookSource:
    """Workbooks for one session.

    Parameters:
        local_files: whether files of this machine may be read.
    """

    def __init__(self, contents: Contents, tenant: Tenant, *, local_files: bool) -> None:
        self._contents = contents
        self._tenant = tenant
        self._local_files = local_files

    def table(self, call: WorkbookCall) -> pa.Table:
        """Return the rows that a call asks for.

        Raises:
            NotFoundError: no file matches. SqlError: a file cannot be read as a workbook, or is too large.
        """
        workbooks: list[tuple[str, Load]] = []
        for place in call.places:
            if call.file_columns and not places.is_place(place):
                raise SqlNotSupportedError(f"file_columns are for files in OneDrive, not for {place}.")
            found = list(self._found(place))
            if not found:
                raise no_file(place)
            workbooks += found
        columns_of = functools.partial(item_columns, self._contents) if call.file_columns else None
        statement = self._tenant.statement
        left_out = self._left_out if call.skips else None
        return table_of(call, workbooks, left_out, columns_of, statement.warn, statement.check)

    def _left_out(self, place: str, error: DriveqlError) -> None:
        statement = self._tenant.statement
        statement.warn(skipped(place, skippable(error, statement)))

    def _found(self, place: str) -> Iterator[tuple[str, Load]]:
        file = parse(place)
        if file is not None:
            name, content = self._tenant.portal.call(interruptible(self._file(file), self._tenant.statement))
            yield name, lambda: content
        elif places.is_place(place):
            for name in self._contents.glob(place if place.startswith("http") else long_form(place)):
                yield name, functools.partial(self._whole, name)
        elif not self._local_files:
            raise strangers.refused(f"{place}, a file of this machine,")
        else:
            for name in _local_names(place):
                yield name, functools.partial(_local, name)

    async def _file(self, file: FilePlace) -> tuple[str, bytes]:
        own = file.drive_id is None and file.owner is None
        drive = await self._tenant.drives.get(Scope(file.owner, file.drive_id), default=own)
        item = await drive.item(file.reference)
        check_size(item.path or item.name, item.size)
        return item.path or item.name, await drive.opened(item).read()

    def _whole(self, name: str) -> bytes:
        with self._contents.open(name) as file:
            check_size(name, file.size)
            return file.read()


def _local_names(place: str) -> list[str]:
    if not any(mark in place for mark in "*?["):
        return [place]
    return sorted(glob.glob(place, recursive=True))  # noqa: PTH207 - a pattern as SQL writes it, not a Path's


def _local(name: str) -> bytes:
    try:
        check_size(name, Path(name).stat().st_size)
        return Path(name).read_bytes()
    except OSError as error:
        raise LocalFileError(f"{name}: {error.strerror or error}.") from error
