"""COPY (query) TO 'onedrive:/...': written to a temporary directory by DuckDB, then uploaded and verified.

So a file in OneDrive appears whole or not at all, and a query that fails leaves nothing there.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import aclosing, nullcontext
from dataclasses import replace
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from driveql.drive.handle import DriveHandle
from driveql.errors import AlreadyExistsError, InvalidPathError, SqlNotSupportedError
from driveql.graph import addresses, paths, places
from driveql.graph.batch import BatchRequest
from driveql.graph.models import DriveItem
from driveql.sql.planning import Prepared
from driveql.sql.reading.place_forms import long_form
from driveql.sql.result import Result
from driveql.sql.statement import Statement
from driveql.sql.syntax import quoted
from driveql.sql.temporary import KeptRows, TemporaryBytes
from driveql.sql.writing import append, xlsx
from driveql.sql.writing.arguments import check_conflict
from driveql.sql.writing.forms import CopyTo
from driveql.sql.writing.inserts import upload
from driveql.sql.writing.opened import Opened
from driveql.sql.writing.outcome import RowOutcome
from driveql.sql.writing.run import Job, WriteRun
from driveql.sql.writing.whose import shown
from driveql.sql.writing.written import flag, plain

if TYPE_CHECKING:
    from driveql.sql.parameters import Parameters
    from driveql.sql.session import Session

# What DuckDB wants before it writes into a directory that holds something.
_INTO_EXISTING = ("OVERWRITE", "OVERWRITE_OR_IGNORE", "APPEND")
# What makes DuckDB write a directory.
_SEVERAL = ("PARTITION_BY", "PER_THREAD_OUTPUT", "FILE_SIZE_BYTES", "ROW_GROUPS_PER_FILE")
_REFUSED = {
    "RETURN_FILES": "The rows of the statement name the files.",
    "RETURN_STATS": "The rows of the statement name the files.",
}


def copy_to(session: Session, writing: CopyTo, parameters: Parameters, statement: Statement) -> Result:
    """Write the rows to a local file or directory, upload it, and return a row for each file; `rowcount` counts the rows written.

    Raises:
        InvalidPathError: the target cannot be a file's path. SqlError: the rows cannot be computed; nothing was uploaded.
    """
    for name, hint in _REFUSED.items():
        if name in writing.options:
            raise SqlNotSupportedError(f"COPY to OneDrive has no option {name}.", hint=hint)
    opened = Opened(session, statement, "COPY")
    place = long_form(writing.target) if not writing.target.lower().startswith("https:") else writing.target
    where = places.parse(place)
    if where.sharing_url is not None:
        raise InvalidPathError(f"{shown(writing.target)} is a web address, where no new file can be named.")
    path = paths.check_new_path(where.path)
    if "PARTITION_BY" not in writing.options and "APPEND" in writing.options:
        if flag("APPEND", writing.options["APPEND"]):
            return append.append_to(opened, writing, parameters, place, path)
        writing = replace(writing, options={k: v for k, v in writing.options.items() if k != "APPEND"})
    conflict = check_conflict(plain(writing.options.get("CONFLICT", "replace")).lower())
    existing = next((name for name in _INTO_EXISTING if flag(name, writing.options.get(name, "false"))), None)
    _check_name(writing, path)
    with tempfile.TemporaryDirectory(prefix="driveql-copy-") as directory:
        local = Path(directory, paths.split(path)[1])
        count = _write(session, writing, parameters, statement, local)
        upload_all = _Upload(opened.run, place, local, conflict, existing)
        with opened.audited():
            ended = opened.perform(upload_all.run())
    result = opened.result(None, ended)
    result.rowcount = count
    return result


def _check_name(writing: CopyTo, path: str) -> None:
    """Refuse a name that promises what COPY would not write: a folder, or a workbook of another kind.

    Raises:
        InvalidPathError: it ends with a slash, and one file is written. SqlNotSupportedError: no such workbook can be written.
    """
    several = any(name in writing.options for name in _SEVERAL)
    if writing.target.endswith("/") and not several:
        raise InvalidPathError(
            f"{writing.target} ends with a slash, as a folder does, and one file is to be written.",
            hint="Write the file's whole path; PARTITION_BY writes a folder of files.",
        )
    suffix = PurePosixPath(path).suffix.lower()
    if suffix in append.OTHER_WORKBOOKS and "FORMAT" not in writing.options and not several:
        raise SqlNotSupportedError(
            f"{path} would not be a workbook of that kind: of workbooks COPY writes .xlsx.",
            hint="Name it .xlsx; or say FORMAT, such as FORMAT csv, where its name is what is wanted.",
        )


def _write(
    session: Session, writing: CopyTo, parameters: Parameters, statement: Statement, local: Path
) -> int:
    """Have the rows written to `local`, and return how many they are."""
    format_ = plain(writing.options.get("FORMAT", "")).lower()
    if format_ == "xlsx" or (not format_ and local.suffix.lower() == ".xlsx"):
        if not writing.is_query and "(" in writing.source:
            raise SqlNotSupportedError("For a workbook, write COPY (SELECT columns FROM table) TO ...")
        source = writing.source if writing.is_query else f"SELECT * FROM {writing.source}"
        options = xlsx.Options.of(writing.options, plain)
        room = TemporaryBytes(session.tenant.temporary, "What COPY writes")
        with room as taken, session.queries.reader(source, parameters) as reader:
            return xlsx.write(KeptRows(reader, taken), local, options)
    prepared = (
        session.queries.ready(writing.source, parameters) if writing.is_query else Prepared("", parameters)
    )
    source = f"({prepared.sql})" if writing.is_query else writing.source
    kept = [f"{name} {text}".strip() for name, text in writing.options.items() if name != "CONFLICT"]
    clause = f" ({', '.join(kept)})" if kept else ""
    with (
        session.engine.staging.opened(local) if session.engine.staging else nullcontext(str(local)) as target
    ):
        sql = f"COPY {source} TO {quoted(target)}{clause}"
        return session.run(Prepared(sql, prepared.parameters), statement).rowcount


def _check_apart(targets: list[str]) -> None:
    """Raise SqlNotSupportedError where two files would have one name in OneDrive, which does not regard case."""
    seen: dict[str, str] = {}
    for target in targets:
        other = seen.setdefault(target.casefold(), target)
        if other != target:
            raise SqlNotSupportedError(
                f"{other} and {target} are one file in OneDrive, where case makes no difference; nothing was uploaded.",
                hint="Partition by lower(column) or upper(column).",
            )


class _Upload:
    """The upload of what was written: one file, or a directory with all in it."""

    def __init__(self, run: WriteRun, place: str, local: Path, conflict: str, existing: str | None) -> None:
        self._run = run
        self._place = place
        self._local = local
        self._conflict = conflict
        self._existing = existing

    async def run(self) -> None:
        run = self._run
        drive, path = await run.onedrive.at(self._place)
        several = self._local.is_dir()
        files = (
            sorted(file for file in self._local.rglob("*") if file.is_file()) if several else [self._local]
        )
        targets = [path]
        old: list[DriveItem] = []
        if several:
            await self._check_folder(drive, path)
            targets = [f"{path}/{file.relative_to(self._local).as_posix()}" for file in files]
            _check_apart(targets)
            old = await self._others(drive, path, targets) if self._existing == "OVERWRITE" else []
        run.outcomes += [
            RowOutcome("upload", paths.check_new_path(target), drive_id=drive.id) for target in targets
        ]
        if run.audit is not None:
            run.audit.begin("COPY", path, len(run.outcomes))
        if several and not run.dry:
            for folder in sorted({paths.split(target)[0] for target in targets}):
                run.statement.check()
                await drive.create_folder(folder)
        await run.each(self._jobs(drive, files))
        await self._remove(drive, old)

    async def _others(self, drive: DriveHandle, path: str, targets: list[str]) -> list[DriveItem]:
        """Return what is in the folder and will not be written: files, and folders in which nothing will be."""
        if await drive.find(path) is None:
            return []
        kept = {target.casefold() for target in targets}
        kept |= {"/".join(one.split("/")[:depth]) for one in kept for depth in range(1, one.count("/") + 1)}
        found: list[DriveItem] = []
        async with aclosing(drive.walk(path)) as pages:
            async for page in pages:
                found += [item for item in page if (item.path or "").casefold() not in kept]
        folders = {item.id for item in found if item.is_folder}
        return [item for item in found if item.parent_id not in folders]

    async def _remove(self, drive: DriveHandle, old: list[DriveItem]) -> None:
        """Put what was there before into the recycle bin; only once all that replaces it is there."""
        run = self._run
        complete = all(outcome.as_written for outcome in run.outcomes)
        rows = [RowOutcome("delete", item.path, item.id, drive.id) for item in old]
        run.outcomes += rows
        if complete:
            requests = [BatchRequest("DELETE", addresses.item(drive.id, item.id)) for item in old]
            await run.batch(list(zip(rows, requests, strict=True)), gone_is_done=True)

    def _jobs(self, drive: DriveHandle, files: list[Path]) -> Iterator[Job]:
        for outcome, file in zip(self._run.outcomes, files, strict=True):
            yield self._job(drive, outcome, file)

    def _job(self, drive: DriveHandle, outcome: RowOutcome, file: Path) -> Job:
        async def work() -> None:
            assert outcome.path is not None
            await upload(self._run, outcome, drive, outcome.path, file, self._conflict, keep_times=False)

        return outcome, work

    async def _check_folder(self, drive: DriveHandle, path: str) -> None:
        found = await drive.find(path)
        if found is not None and (not found.is_folder or found.child_count != 0) and self._existing is None:
            raise AlreadyExistsError(
                f"{path} is there already and not empty; nothing was uploaded.",
                status=409,
                code="nameAlreadyExists",
                hint="OVERWRITE_OR_IGNORE adds to what is there, and makes new versions of files of the same name;"
                " OVERWRITE also puts what else is there into the recycle bin.",
            )
