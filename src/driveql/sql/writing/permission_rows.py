"""UPDATE and DELETE on permissions: other roles, and access taken away, twenty a call.

What comes from a folder above is changed there; a statement that reaches such a permission is refused as a whole.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from driveql.errors import ConfigurationError, SqlNotSupportedError, SqlSyntaxError
from driveql.graph import addresses, item_parts, sharing_requests
from driveql.graph.batch import BatchRequest
from driveql.sql.writing.forms import Delete, Update
from driveql.sql.writing.outcome import RowOutcome
from driveql.sql.writing.run import WriteRun

Row = Mapping[str, Any]


async def update(run: WriteRun, statement: Update, rows: Sequence[tuple[Row, list[Any]]]) -> None:
    """Give each permission other roles.

    Raises:
        SqlNotSupportedError: one is inherited. SqlSyntaxError: no such role, or several for one; none was tried.
    """
    _own("UPDATE", [row for row, _ in rows])
    changes: dict[tuple[str, ...], tuple[Row, list[str]]] = {}
    for row, (value,) in rows:
        wanted = roles_of(value, f"UPDATE permissions, {row['path']}")
        if changes.setdefault(_key(row), (row, wanted))[1] != wanted:
            raise SqlSyntaxError(f"UPDATE permissions finds several roles for {row['id']} of {row['path']}.")
    if run.audit is not None:
        run.audit.begin("UPDATE", statement.table, len(changes))
    requests = [
        (
            _outcome(run, "update_permission", row),
            BatchRequest("PATCH", _address(row), json={"roles": wanted}),
        )
        for row, wanted in changes.values()
    ]
    await run.batch(requests, read=_changed)


async def delete(run: WriteRun, statement: Delete, rows: list[Row]) -> None:
    """Take each permission away; one that is already gone is as it was to be, and its row says so.

    Raises:
        SqlNotSupportedError: one is inherited; none was tried.
    """
    _own("DELETE", rows)
    known = {_key(row): row for row in rows}
    if run.audit is not None:
        run.audit.begin("DELETE", statement.table, len(known))
    requests = [
        (_outcome(run, "revoke_permission", row), BatchRequest("DELETE", _address(row)))
        for row in known.values()
    ]
    await run.batch(requests, gone_is_done=True)


def roles_of(value: Any, which: str) -> list[str]:
    """Return roles, given as a text or a list. Raises SqlSyntaxError where there is no such role."""
    named = [value] if isinstance(value, str) else value
    try:
        return sharing_requests.roles(named if isinstance(named, list) else [])
    except ConfigurationError as error:
        raise SqlSyntaxError(f"{which}: {error.message}", hint="roles = 'write', or ['write'].") from error


def _own(verb: str, rows: Sequence[Row]) -> None:
    above = [row for row in rows if row["is_inherited"]]
    if above:
        first = above[0]
        raise SqlNotSupportedError(
            f"{verb} permissions: {len(above)} of {len(rows)} rows are inherited and can be changed only where they come from"
            f" ({first['path']} has one from {first['inherited_from_path'] or 'a folder above'}); nothing was changed.",
            hint="AND NOT is_inherited leaves them out.",
        )


def _key(row: Row) -> tuple[str, ...]:
    return (str(row["drive_id"]), str(row["item_id"]), str(row["id"]))


def _address(row: Row) -> addresses.Address:
    drive_id, item_id, permission_id = _key(row)
    return item_parts.permission(addresses.item(drive_id, item_id), permission_id)


def _outcome(run: WriteRun, action: str, row: Row) -> RowOutcome:
    outcome = RowOutcome(action, row["path"], row["id"], row["drive_id"], row)
    run.outcomes.append(outcome)
    return outcome


def _changed(outcome: RowOutcome, body: dict[str, Any]) -> None:
    outcome.before = {**outcome.before, "roles": body.get("roles")}
    outcome.id = str(body.get("id") or outcome.id)
