"""One statement while it runs: what went wrong in its scans, what it asked of Graph, and whether it was cancelled.

DuckDB turns an error in a scan into text of its own; the original is kept here and raised in its place.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

from driveql.errors import DriveqlError, SqlError, SqlNotSupportedError
from driveql.sql.plans import Plan
from driveql.sql.tally import Tally


@dataclass(slots=True)
class ScanRecord:
    """What one scan did.

    Parameters:
        plan: what it asked. pages: pages that arrived. objects: objects in them. rows: rows that satisfied the filter.
        tally: the requests on its behalf. seconds: from its start to its last row.
    """

    plan: Plan
    pages: int = 0
    objects: int = 0
    rows: int = 0
    tally: Tally = field(default_factory=Tally)
    seconds: float = 0.0


@dataclass(slots=True, eq=False)
class Statement:
    """The state that all scans of one statement share. Every method may be called from any thread.

    `wanted` are the columns that each scan must be given values for, by its name: without them it would ask the connection's own
    drive, and miss others without a word. `opened` are the files that were opened for their contents, `contents` counts the
    requests for them. `warnings` say what its answer lacks. `expired` is set before it is cancelled because it took too long.
    """

    scans: list[ScanRecord] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    expired: bool = False
    opened: set[str] = field(default_factory=set)
    contents: Tally = field(default_factory=Tally)
    wanted: Mapping[str, frozenset[str]] = field(default_factory=dict)
    _failure: BaseException | None = None
    _cancelled: bool = False
    _waiting: set[Callable[[], None]] = field(default_factory=set)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def failure(self) -> BaseException | None:
        """The first error of a scan, as it was raised."""
        return self._failure

    @property
    def cancelled(self) -> bool:
        """Whether the statement was cancelled."""
        return self._cancelled

    def begin(self, plan: Plan) -> ScanRecord:
        """Return the record of a new scan.

        Raises:
            SqlNotSupportedError: it was not given the values that say which drives are wanted.
        """
        self.check_chosen(plan)
        record = ScanRecord(plan)
        with self._lock:
            self.scans.append(record)
        return record

    def check_chosen(self, plan: Plan) -> None:
        """Raise SqlNotSupportedError where a scan was not given the values that say which drives are wanted."""
        missing = sorted(self.wanted.get(plan.scan, frozenset()) - plan.chosen)
        if missing:
            error = _not_given(plan.table.name, missing[0])
            self.failed(error)
            raise error

    def failed(self, error: BaseException) -> None:
        """Keep an error; the first one counts."""
        with self._lock:
            if self._failure is None and not self._cancelled:
                self._failure = error

    def forgive(self) -> BaseException | None:
        """Forget the error that was kept, and return it: what it was about is left out."""
        with self._lock:
            failure, self._failure = self._failure, None
        return failure

    def warn(self, text: str) -> None:
        """Note what an answer lacks; the same text once."""
        with self._lock:
            if text not in self.warnings:
                self.warnings.append(text)

    def cancel(self) -> None:
        """Stop every scan at once; whoever waits for a page is woken."""
        with self._lock:
            self._cancelled = True
            waiting = list(self._waiting)
        for wake in waiting:
            wake()

    def check(self) -> None:
        """Raise SqlError (code `cancelled`) if the statement was cancelled."""
        if self._cancelled:
            raise cancelled()

    @contextmanager
    def waking(self, wake: Callable[[], None]) -> Iterator[None]:
        """Have `wake` called when the statement is cancelled, also if it already was."""
        with self._lock:
            self._waiting.add(wake)
            already = self._cancelled
        try:
            if already:
                wake()
            yield
        finally:
            with self._lock:
                self._waiting.discard(wake)


def _not_given(table: str, column: str) -> SqlNotSupportedError:
    return SqlNotSupportedError(
        f"A condition on {table}.{column} stands where it does not reach the table, as behind LIMIT, a window function or an"
        " outer join, so that only the connection's own drive would be asked and others be missing without a word.",
        hint=f"Write it in the WHERE of the SELECT that names {table}: SELECT ... FROM {table} WHERE {column} IN (...).",
    )


def cancelled() -> DriveqlError:
    """Return the error of a cancelled statement."""
    return SqlError(
        "The statement was cancelled.", code="cancelled", hint="Execute it again to start from the beginning."
    )
