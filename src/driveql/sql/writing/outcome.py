"""What became of each row of a write, and the rows that tell it. An outcome says `done` only where the service said so.

done        the service carried it out
skipped     nothing was to be done: what is there was to be left alone
planned     a dry run: it would be tried
failed      the service, or a check before the request, refused it; nothing changed
unknown     the answer was lost or cannot be trusted: it may have been carried out
not_tried   the statement ended before its turn
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

import pyarrow as pa

from driveql.errors import (
    ConnectionLostError,
    DriveqlError,
    IntegrityError,
    ProtocolError,
    RequestTimeoutError,
    UnavailableError,
    WriteError,
)
from driveql.sql import records
from driveql.sql.tables import TABLES, GraphTable, Origin
from driveql.sql.tables.items import parent_path

COLUMNS = ("path", "id", "action", "outcome", "error_code", "error_message", "request_id")
ITEMS = TABLES["items"]
_NOT_CARRIED_OUT = frozenset({501, 503, 507})
_SHOWN = 3


class State(StrEnum):
    """What became of a row."""

    DONE = "done"
    SKIPPED = "skipped"
    PLANNED = "planned"
    FAILED = "failed"
    UNKNOWN = "unknown"
    NOT_TRIED = "not_tried"


@dataclass(slots=True)
class RowOutcome:
    """One row of a write.

    Parameters:
        action: what is done, such as `upload`. path, id, drive_id: the item, as far as it is known.
        before: values of the row's columns, where `raw` is None. raw: the object afterwards, as Graph wrote it.
        error: why it failed; with `done`, why nothing was left to do. more: values of further columns.
    """

    action: str
    path: str | None = None
    id: str | None = None
    drive_id: str | None = None
    before: Mapping[str, Any] = field(default_factory=dict)
    state: State = State.NOT_TRIED
    error: DriveqlError | None = None
    raw: Mapping[str, Any] | None = None
    more: dict[str, Any] = field(default_factory=dict)

    def done(self, raw: Mapping[str, Any] | None = None, error: DriveqlError | None = None) -> None:
        """The service carried it out; `raw` is the item as it is now."""
        self.state, self.error = State.DONE, error
        if raw is None:
            return
        self.raw = raw
        self.id = str(raw.get("id") or self.id)
        folder, name = parent_path(raw, Origin()), raw.get("name")
        if folder is not None and name:
            self.path = f"{folder.rstrip('/')}/{name}"

    def skipped(self, raw: Mapping[str, Any]) -> None:
        """What is there was to be left alone."""
        self.done(raw)
        self.state = State.SKIPPED

    def failed(self, error: DriveqlError) -> None:
        """It was refused, or its answer was lost."""
        self.state, self.error = (State.UNKNOWN if _in_doubt(error) else State.FAILED), error

    @property
    def as_written(self) -> bool:
        """True where the row is as the statement wants it, or would be."""
        return self.state in {State.DONE, State.SKIPPED, State.PLANNED}

    def values(self) -> dict[str, str | None]:
        """Return the columns that every write has."""
        error = self.error
        return {
            "path": self.path,
            "id": self.id,
            "action": self.action,
            "outcome": str(self.state),
            "error_code": None if error is None else error.code or type(error).__name__,
            "error_message": None if error is None else error.message,
            "request_id": None if error is None else error.request_id,
        }


def table_of(
    outcomes: Sequence[RowOutcome],
    wanted: Collection[str] = (),
    more: Sequence[tuple[str, pa.DataType]] = (),
    table: GraphTable = ITEMS,
) -> pa.Table:
    """Return the outcomes as rows.

    Parameters:
        wanted: further columns of `table`, which was written. more: further columns of the procedure, from the outcomes' `more`.
    """
    rows = [outcome.values() for outcome in outcomes]
    columns = {name: pa.array([row[name] for row in rows], pa.string()) for name in COLUMNS}
    for name, type_ in more:
        columns[name] = pa.array([outcome.more.get(name) for outcome in outcomes], type_)
    names = [name for name in table.by_name if name in wanted and name not in columns]
    known = [outcome.raw for outcome in outcomes if outcome.raw is not None]
    found = records.batch_of(table, names, known, Origin())
    for name in names:
        after = iter(found.column(name).to_pylist())
        values = [
            outcome.before.get(name) if outcome.raw is None else _value(name, outcome, next(after))
            for outcome in outcomes
        ]
        columns[name] = pa.array(values, table.by_name[name].type)
    return pa.table(columns)


def _value(name: str, outcome: RowOutcome, after: Any) -> Any:
    """Whose an object is, it does not say itself."""
    return outcome.before.get(name) if name == "owner" else after


def failure_of(what: str, outcomes: Sequence[RowOutcome]) -> DriveqlError | None:
    """Return the error of a write of which something was not done: the row's own where it has one row.

    Parameters:
        what: the statement, for the message.
    """
    wrong = [outcome for outcome in outcomes if not outcome.as_written]
    errors = [outcome.error for outcome in wrong if outcome.error is not None]
    if not wrong or not errors:
        return None
    if len(outcomes) == 1:
        return errors[0]
    shown = [f"{outcome.path or outcome.id}: {outcome.error.message}" for outcome in wrong if outcome.error]
    more = f"\nand {len(shown) - _SHOWN} more" if len(shown) > _SHOWN else ""
    error = WriteError(
        f"{what}: {len(wrong)} of {len(outcomes)} rows failed or are in doubt.\n"
        + "\n".join(shown[:_SHOWN])
        + more,
        code="write_failed",
        hint="The cursor's rows, and this error's `outcomes`, tell what became of each row.",
        request_id=errors[0].request_id,
        retryable=all(one.retryable for one in errors),
    )
    error.outcomes = tuple(outcome.values() for outcome in outcomes)
    error.__cause__ = errors[0]
    return error


def _in_doubt(error: DriveqlError) -> bool:
    if isinstance(error, UnavailableError):
        return error.status not in _NOT_CARRIED_OUT
    return isinstance(error, ConnectionLostError | RequestTimeoutError | ProtocolError | IntegrityError)
