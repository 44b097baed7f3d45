"""One write under way: tries every row, some at once, notes what became of each as it is known, and stops when cancelled."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from driveql.drive import batching
from driveql.drive.onedrive import OneDrive
from driveql.errors import DriveqlError, LocalFileError, NotFoundError
from driveql.graph.batch import BatchRequest
from driveql.sql.statement import Statement, cancelled
from driveql.sql.writing.audit import AuditLog
from driveql.sql.writing.outcome import RowOutcome, State

# Ten batches: enough to be fast, few enough that a cancelled statement leaves little in doubt.
ROWS_A_CALL = 200
Read = Callable[[RowOutcome, dict[str, Any]], None]
Job = tuple[RowOutcome, Callable[[], Awaitable[None]]]


@dataclass(slots=True)
class WriteRun:
    """A write.

    Parameters:
        onedrive: the connection. statement: tells when it is cancelled. dry: nothing is sent that writes.
        audit: where each row is noted.
    """

    onedrive: OneDrive
    statement: Statement
    dry: bool = False
    local_files: bool = True
    audit: AuditLog | None = None
    outcomes: list[RowOutcome] = field(default_factory=list)

    async def each(self, jobs: Iterator[Job], *, at_once: int | None = None) -> None:
        """Carry out jobs; each has its outcome, whatever becomes of the others.

        Parameters:
            jobs: taken one by one, so that what they hold is in memory only while they run.
            at_once: how many run at the same time; MaxConcurrency, and no more than 8, by default.
        """

        async def worker() -> None:
            for outcome, work in jobs:
                await self.one(outcome, work)

        count = at_once or min(8, self.onedrive.settings.max_concurrency)
        workers = [asyncio.ensure_future(worker()) for _ in range(count)]
        try:
            await asyncio.gather(*workers)
        finally:
            for task in workers:
                task.cancel()
            await asyncio.gather(*workers, return_exceptions=True)

    async def one(self, outcome: RowOutcome, work: Callable[[], Awaitable[None]]) -> None:
        """Carry out one row; its error becomes its outcome."""
        self.statement.check()
        if self.dry:
            outcome.state = State.PLANNED
            return
        try:
            await work()
        except DriveqlError as error:
            outcome.failed(error)
        except OSError as error:
            named = f"{error.filename}: " if error.filename else ""
            outcome.failed(LocalFileError(f"{named}{error.strerror or error}"))
        except asyncio.CancelledError:
            if outcome.state is State.NOT_TRIED:
                outcome.state, outcome.error = State.UNKNOWN, cancelled()
            raise
        finally:
            self.note(outcome)

    async def batch(
        self,
        rows: Sequence[tuple[RowOutcome, BatchRequest]],
        *,
        gone_is_done: bool = False,
        read: Read | None = None,
    ) -> None:
        """Send one request a row, twenty a call.

        Parameters:
            gone_is_done: what is not found any more is as the row wants it; the row says so.
            read: takes the answer's object over into a row that is done; by default it is the item.
        """
        for start in range(0, len(rows), ROWS_A_CALL):
            part = rows[start : start + ROWS_A_CALL]
            self.statement.check()
            if self.dry:
                for outcome, _ in part:
                    outcome.state = State.PLANNED
                continue
            try:
                answers = await batching.run(self.onedrive.session, [request for _, request in part])
            except asyncio.CancelledError:
                for outcome, _ in part:
                    outcome.state, outcome.error = State.UNKNOWN, cancelled()
                    self.note(outcome)
                raise
            for (outcome, _), answer in zip(part, answers, strict=True):
                self._judge(outcome, answer, gone_is_done, read)
                self.note(outcome)

    def note(self, outcome: RowOutcome) -> None:
        """Write the outcome into the audit log."""
        if self.audit is not None and outcome.state is not State.NOT_TRIED:
            self.audit.row(outcome)

    @staticmethod
    def _judge(outcome: RowOutcome, answer: batching.Outcome, gone_is_done: bool, read: Read | None) -> None:
        if answer.error is not None:
            if gone_is_done and isinstance(answer.error, NotFoundError):
                outcome.done(error=answer.error)
            else:
                outcome.failed(answer.error)
            return
        try:
            body = answer.answer.json() if answer.answer is not None and answer.answer.body.strip() else None
        except DriveqlError as error:
            outcome.failed(error)
            return
        if read is None:
            outcome.done(body if isinstance(body, dict) and "id" in body else None)
            return
        outcome.done()
        if isinstance(body, dict):
            read(outcome, body)
