"""The procedure that makes a folder of OneDrive the same as a local directory, or the other way round; each step has a row."""

from __future__ import annotations

import pyarrow as pa

from driveql.drive.mirror import Mirror, StepOutcome
from driveql.errors import InvalidPathError, SqlSyntaxError
from driveql.graph import paths
from driveql.graph.mirror_plan import MirrorRules, Step
from driveql.sql.writing.arguments import DRIVE_ID, OWNER, Argument, Kind
from driveql.sql.writing.outcome import RowOutcome, State
from driveql.sql.writing.procedure import Called, Procedure

_DIRECTIONS = ("up", "down")
_COMPARISONS = ("auto", "hash", "size")


async def _sync(call: Called) -> None:
    mirror = await _mirror(call)
    steps = await mirror.plan()
    rows = _rows(call, mirror, steps)
    mirror.told = lambda outcome: _tell(call, rows[id(outcome.step)], outcome)
    await mirror.run(steps)


async def _plan(call: Called) -> None:
    mirror = await _mirror(call)
    for row in _rows(call, mirror, await mirror.plan()).values():
        row.state = State.SKIPPED if row.action == "skip" else State.PLANNED


async def _mirror(call: Called) -> Mirror:
    if call["direction"] not in _DIRECTIONS:
        raise SqlSyntaxError(f"direction is {' or '.join(_DIRECTIONS)}, not {call['direction']!r}.")
    if call["compare"] not in _COMPARISONS:
        raise SqlSyntaxError(f"compare is {', '.join(_COMPARISONS)}, not {call['compare']!r}.")
    if call["max_delete"] is not None and not call["delete"]:
        raise SqlSyntaxError("max_delete limits what delete => true does; it says nothing without it.")
    directory = call.local("local_directory")
    rules = MirrorRules(
        include=tuple(call["include"] or ()),
        exclude=tuple(call["exclude"] or ()),
        delete=call["delete"],
        compare=call["compare"],
        max_delete=None if call["max_delete"] is None else int(call["max_delete"]),
    )
    drive, path = await call.place()
    if path.startswith("id:"):
        raise InvalidPathError(f"{call['path']}: the service does not say where that is.")
    return drive.mirror(path, directory, upward=call["direction"] == "up", rules=rules)


def _rows(call: Called, mirror: Mirror, steps: list[Step]) -> dict[int, RowOutcome]:
    """Give each step a row; by the step's identity, since equal ones may differ in nothing but that."""
    rows = {}
    for step in steps:
        row = RowOutcome(step.kind, paths.join(mirror.folder, step.path), drive_id=mirror.drive.id)
        row.more = {"reason": step.reason, "size": step.size}
        rows[id(step)] = row
    call.have_rows(list(rows.values()))
    return rows


def _tell(call: Called, row: RowOutcome, outcome: StepOutcome) -> None:
    if outcome.error is not None:
        row.failed(outcome.error)
    else:
        row.state = State.DONE if outcome.done else State.SKIPPED
    call.run.note(row)


PROCEDURES = (
    Procedure(
        "sync",
        "Make a folder of OneDrive the same as a local directory, or the other way round; each step has a row, in a dry run too",
        (
            Argument("local_directory", Kind.TEXT, "The directory on this machine", required=True),
            Argument("path", Kind.TEXT, "Path or place of the folder in OneDrive", required=True),
            Argument("direction", Kind.TEXT, "up (OneDrive becomes the same) or down", "up"),
            Argument("delete", Kind.FLAG, "Delete what is in the target alone", False),
            Argument("max_delete", Kind.NUMBER, "More deletions than this refuse it all"),
            Argument("include", Kind.LIST, "Only these patterns"),
            Argument("exclude", Kind.LIST, "Not these"),
            Argument("compare", Kind.TEXT, "auto (size and time, then hash), hash, or size", "auto"),
            DRIVE_ID,
            OWNER,
        ),
        _sync,
        (("reason", pa.string(), "Why the step is there"), ("size", pa.int64(), "Bytes of the file")),
        writes=lambda values: values.get("direction") != "down",
        plan=_plan,
    ),
)  # fmt: skip
