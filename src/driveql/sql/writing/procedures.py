"""CALL: the procedures there are, and how one is carried out. Its arguments may be any expressions; the engine computes them."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from driveql.sql.result import Result
from driveql.sql.statement import Statement
from driveql.sql.writing import (
    item_procedures,
    library_procedures,
    mirror_procedures,
    rendition_procedures,
    sharing_procedures,
    subscription_procedures,
    transfer_procedures,
    version_procedures,
)
from driveql.sql.writing.forms import Call
from driveql.sql.writing.opened import Opened
from driveql.sql.writing.outcome import RowOutcome, State
from driveql.sql.writing.procedure import Called, Procedure
from driveql.sql.writing.whose import shown

if TYPE_CHECKING:
    from driveql.sql.parameters import Parameters
    from driveql.sql.session import Session

PROCEDURES: Mapping[str, Procedure] = {
    procedure.name: procedure
    for procedure in (
        *transfer_procedures.PROCEDURES,
        *item_procedures.PROCEDURES,
        *library_procedures.PROCEDURES,
        *version_procedures.PROCEDURES,
        *sharing_procedures.PROCEDURES,
        *rendition_procedures.PROCEDURES,
        *mirror_procedures.PROCEDURES,
        *subscription_procedures.PROCEDURES,
    )
}

# Words that tell nothing about what is meant.
_COMMON = frozenset({"item", "by", "bin"})


# The commands of driveql and of shells, by whose names people call first.
_MEANT = {
    "share": ("create_link", "invite"),
    "mkdir": ("create_folder",),
    "get": ("download_file",),
    "put": ("upload_file",),
    "cp": ("copy_item",),
    "mv": ("move_item", "rename_item"),
    "rm": ("delete_item",),
    "remove": ("delete_item",),
    "trash": ("delete_item",),
    "mirror": ("sync",),
    "lock": ("check_out",),
    "unlock": ("check_in", "discard_check_out"),
}


def suggestion(name: str) -> str | None:
    """Return what to call instead of a name that no procedure has; None where it is like none of them."""
    alike = list(_MEANT.get(name, ())) or difflib.get_close_matches(name, PROCEDURES, n=3, cutoff=0.6)
    words = set(name.split("_")) - _COMMON
    alike += [known for known in PROCEDURES if words & set(known.split("_")) and known not in alike]
    return f"Perhaps {', '.join(alike[:5])}. docs/procedures.md lists all procedures." if alike else None


def is_known(name: str) -> bool:
    """Return True for the name of a procedure, in lower case."""
    return name in PROCEDURES


def call(session: Session, writing: Call, parameters: Parameters, statement: Statement) -> Result:
    """Carry out a call and return its outcome rows.

    Raises:
        ConfigurationError: the connection is ReadOnly and the call writes.
        SqlSyntaxError: an argument is missing, unknown or of another type; nothing was sent.
    """
    procedure = PROCEDURES[writing.procedure]
    names = procedure.names(writing.arguments)
    given: dict[str, Any] = {}
    if names:
        listed = ", ".join(
            f'({text}) AS "{name}"' for name, (_, text) in zip(names, writing.arguments, strict=True)
        )
        with session.queries.reader(f"SELECT {listed}", parameters) as reader:
            given = reader.read_all().to_pylist()[0]
    values = procedure.checked(given)
    opened = Opened(session, statement, f"CALL {procedure.name}", writes=procedure.writes(values))
    run = opened.run
    told = shown(values.get("path")) or str(values.get("url") or "").partition("?")[0] or None
    count = len(values[procedure.each]) if procedure.each else 1
    rows = [RowOutcome(procedure.name, told, values.get("id")) for _ in range(count)]
    if procedure.each:
        for row, value in zip(rows, values[procedure.each], strict=True):
            row.more["recipient"] = value
    run.outcomes += rows
    called = Called(run, values, rows)

    async def work() -> None:
        if run.audit is not None:
            run.audit.begin("CALL", procedure.name, len(rows))
        first = rows[0]
        if run.dry and procedure.plan is not None:
            await procedure.plan(called)
            return
        await run.one(first, lambda: procedure.work(called))
        for row in rows:
            if row is first:
                continue
            if row.state is State.NOT_TRIED:
                row.state, row.error = first.state, first.error
            run.note(row)

    with opened.audited():
        ended = opened.perform(work())
    return opened.result(None, ended, [(name, type_) for name, type_, _ in procedure.columns])
