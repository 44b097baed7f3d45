"""INSERT INTO items: each row becomes a folder, or a file with its content. All rows are checked before the first is tried.

Folders are made first, from the top, so that files can go into folders of the same statement.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import groupby
from pathlib import Path
from typing import Any

from driveql.drive.handle import DriveHandle
from driveql.errors import (
    AlreadyExistsError,
    SqlSyntaxError,
)
from driveql.graph import paths, places
from driveql.graph.models import DriveItem
from driveql.graph.quickxor import QuickXor
from driveql.sql.tables.items import KNOWN_FOLDER
from driveql.sql.writing.forms import Insert
from driveql.sql.writing.new_items import NewItem, checked, item_columns
from driveql.sql.writing.outcome import RowOutcome
from driveql.sql.writing.run import Job, WriteRun
from driveql.sql.writing.spool import Spool

_CLOCKS_APART = timedelta(minutes=2)


async def insert(run: WriteRun, statement: Insert, spool: Spool) -> None:
    """Check all rows, then try each.

    Raises:
        SqlSyntaxError, SqlNotSupportedError, InvalidPathError, LocalFileError: a row cannot be written; none was tried.
    """
    names = item_columns(statement, spool.names)
    seen: dict[tuple[str, ...], int] = {}
    folders: list[tuple[RowOutcome, NewItem]] = []
    files: list[RowOutcome] = []
    for number, row in enumerate(spool.read(), 1):
        item = checked(statement, dict(zip(names, row, strict=True)), number, local_files=run.local_files)
        if item.key in seen:
            raise SqlSyntaxError(f"Rows {seen[item.key]} and {number} both name {item.path}.")
        seen[item.key] = number
        action = "create_folder" if item.is_folder else "upload"
        outcome = RowOutcome(action, item.plain, before={"owner": _owner(run, item)})
        run.outcomes.append(outcome)
        if item.is_folder:
            folders.append((outcome, item))
        else:
            files.append(outcome)
    if run.audit is not None:
        run.audit.begin("INSERT", statement.table, len(run.outcomes))
    folders.sort(key=lambda pair: paths.depth(pair[1].plain))
    for _, level in groupby(folders, key=lambda pair: paths.depth(pair[1].plain)):
        await run.each(iter([_folder_job(run, outcome, item) for outcome, item in level]))
    await run.each(_file_jobs(run, statement, spool, names, files))


def _owner(run: WriteRun, item: NewItem) -> str | None:
    """Return whose the item will be, as the table says it: nobody's where a drive is named by its id, or by a place."""
    settings = run.onedrive.settings
    if item.owner is not None or item.drive_id is not None or places.is_place(item.path):
        return item.owner
    return settings.group_or_user_id if settings.drive_id is None else None


def _file_jobs(
    run: WriteRun, statement: Insert, spool: Spool, names: list[str], outcomes: list[RowOutcome]
) -> Iterator[Job]:
    """Read the rows again, so that the contents of those alone that are under way are in memory."""
    left = iter(outcomes)
    for number, row in enumerate(spool.read(), 1):
        item = checked(statement, dict(zip(names, row, strict=True)), number, local_files=run.local_files)
        if not item.is_folder:
            yield _file_job(run, next(left), item)


def _file_job(run: WriteRun, outcome: RowOutcome, item: NewItem) -> Job:
    async def work() -> None:
        drive, path = await _where(run, outcome, item)
        await upload(run, outcome, drive, path, item.local_path or item.content or b"", item.conflict)

    return outcome, work


async def upload(
    run: WriteRun,
    outcome: RowOutcome,
    drive: DriveHandle,
    path: str,
    source: Path | bytes,
    conflict: str,
    *,
    keep_times: bool = True,
) -> None:
    """Upload one file; `conflict` may also be `skip`. A name that our own lost try took is no conflict."""
    begun, retries = datetime.now(UTC), run.onedrive.session.statistics.retries
    asked: Any = "fail" if conflict == "skip" else conflict
    try:
        item = await drive.upload(path, source, conflict=asked, keep_times=keep_times)
    except AlreadyExistsError as error:
        found = await drive.find(path)
        retried = run.onedrive.session.statistics.retries > retries
        if found is not None and retried and _is_ours(found, source, begun):
            item = found
        elif found is not None and conflict == "skip":
            outcome.skipped(_placed(found, path))
            return
        else:
            raise error from None
    outcome.done(_placed(item, path))


def _folder_job(run: WriteRun, outcome: RowOutcome, item: NewItem) -> Job:
    async def work() -> None:
        drive, path = await _where(run, outcome, item)
        found = None if item.conflict == "replace" else await drive.find(path)
        if found is not None:
            if item.conflict == "skip":
                outcome.skipped(_placed(found, path))
                return
            raise AlreadyExistsError(
                f"There is a {'folder' if found.is_folder else 'file'} at {path} already.",
                status=409,
                code="nameAlreadyExists",
                hint="INSERT OR IGNORE leaves what exists alone.",
            )
        outcome.done(_placed(await drive.create_folder(path, parents=False), path))

    return outcome, work


async def _where(run: WriteRun, outcome: RowOutcome, item: NewItem) -> tuple[DriveHandle, str]:
    if places.is_place(item.path):
        drive, path = await run.onedrive.at(item.path)
    else:
        drive, path = await run.onedrive.drive(item.owner, drive_id=item.drive_id), paths.normalise(item.path)
    outcome.drive_id, outcome.path = drive.id, path
    return drive, path


def _placed(item: DriveItem, path: str) -> dict[str, Any]:
    return {**item.raw, KNOWN_FOLDER: paths.split(path)[0]}


def _is_ours(found: DriveItem, source: Path | bytes, begun: datetime) -> bool:
    if found.created is None or found.created < begun - _CLOCKS_APART or found.is_folder:
        return False
    running, size = QuickXor(), 0
    if isinstance(source, bytes):
        running.update(source)
        size = len(source)
    else:
        with source.open("rb") as file:
            while piece := file.read(1 << 20):
                running.update(piece)
                size += len(piece)
    return found.size == size and found.quick_xor_hash in {None, running.base64digest()}
