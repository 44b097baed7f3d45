"""INSERT INTO permissions: people who get access, and sharing links. All rows are checked before the first is tried.

A row with recipients and roles invites; one with a link's type or scope makes a link. Each recipient of an invitation has an
outcome of their own. Nobody is mailed unless the row says so.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from driveql.drive.handle import DriveHandle
from driveql.errors import ConfigurationError, SqlSyntaxError
from driveql.graph import paths, places, sharing_requests
from driveql.graph.models import DriveItem
from driveql.sql.tables.item_part import DRIVE, ITEM
from driveql.sql.writing.forms import Insert
from driveql.sql.writing.outcome import RowOutcome, State
from driveql.sql.writing.permission_rows import roles_of
from driveql.sql.writing.run import Job, WriteRun
from driveql.sql.writing.spool import Spool
from driveql.sql.writing.targets import column_names
from driveql.sql.writing.whose import check_place, checked_drive, checked_owner, shown


@dataclass(frozen=True, slots=True)
class NewPermission:
    """One row. `link_type` is None for an invitation, `roles` is empty for a link; `expires` has its zone."""

    path: str | None
    item_id: str | None
    owner: str | None
    drive_id: str | None
    link_type: str | None
    link_scope: str | None
    roles: tuple[str, ...]
    recipients: tuple[str, ...]
    expires: datetime | None
    password: str | None = field(repr=False)
    message: str | None
    send_invitation: bool
    require_sign_in: bool


async def insert(run: WriteRun, statement: Insert, spool: Spool) -> None:
    """Check all rows, then try each.

    Raises:
        SqlSyntaxError, InvalidPathError: a row cannot be sent; none was tried.
    """
    names = column_names(statement, spool.names)
    wanted = [
        _checked(dict(zip(names, row, strict=True)), f"INSERT INTO permissions, row {number}")
        for number, row in enumerate(spool.read(), 1)
    ]
    jobs: list[tuple[list[RowOutcome], NewPermission]] = []
    for one in wanted:
        action = "invite" if one.link_type is None else "create_link"
        count = len(one.recipients) if one.link_type is None else 1
        rows = [RowOutcome(action, shown(one.path), before={"owner": one.owner}) for _ in range(count)]
        run.outcomes += rows
        jobs.append((rows, one))
    if run.audit is not None:
        run.audit.begin("INSERT", statement.table, len(run.outcomes))
    await run.each(_job(run, rows, one) for rows, one in jobs)
    for rows, _ in jobs:
        for row in rows[1:]:
            if row.state is State.NOT_TRIED:
                row.state, row.error = rows[0].state, rows[0].error
                run.note(row)


def _job(run: WriteRun, rows: list[RowOutcome], one: NewPermission) -> Job:
    async def work() -> None:
        drive, item = await _item(run, one)
        for row in rows:
            row.drive_id, row.path = drive.id, item.path or shown(one.path)
        known = {ITEM: item.raw, DRIVE: drive.id}
        await (_invite if one.link_type is None else _link)(drive, item, one, rows, known)
        for row in rows[1:]:
            run.note(row)

    return rows[0], work


async def _link(
    drive: DriveHandle, item: DriveItem, one: NewPermission, rows: list[RowOutcome], known: dict[str, Any]
) -> None:
    kind: Any = one.link_type
    scope: Any = one.link_scope
    link = await drive.sharing.create_link(
        item,
        kind,
        scope,
        expires=one.expires,
        password=one.password,
        recipients=one.recipients,
        message=one.message,
        send_notification=one.send_invitation,
    )
    _done(rows[0], {**link.raw, **known}, link.id)


async def _invite(
    drive: DriveHandle, item: DriveItem, one: NewPermission, rows: list[RowOutcome], known: dict[str, Any]
) -> None:
    result = await drive.sharing.invite(
        item,
        one.recipients,
        one.roles,
        message=one.message,
        send_invitation=one.send_invitation,
        require_sign_in=one.require_sign_in,
        expires=one.expires,
        password=one.password,
    )
    for row, outcome in zip(rows, result.outcomes, strict=True):
        if outcome.error is not None:
            row.failed(outcome.error)
        elif outcome.permission is not None:
            _done(row, {**outcome.permission.raw, **known}, outcome.permission.id)


def _done(row: RowOutcome, raw: dict[str, Any], permission_id: str) -> None:
    row.done()
    row.raw, row.id = raw, permission_id


async def _item(run: WriteRun, one: NewPermission) -> tuple[DriveHandle, DriveItem]:
    if one.path is not None and places.is_place(one.path):
        drive, reference = await run.onedrive.at(one.path)
    else:
        drive = await run.onedrive.drive(one.owner, drive_id=one.drive_id)
        reference = f"id:{one.item_id}" if one.path is None else paths.normalise(one.path)
    return drive, await drive.item(reference)


def _checked(row: Mapping[str, Any], which: str) -> NewPermission:
    """Return what a row asks for. Raises SqlSyntaxError."""

    def wrong(message: str, hint: str | None = None) -> SqlSyntaxError:
        return SqlSyntaxError(f"{which}: {message}", hint=hint)

    def text(name: str) -> str | None:
        value = row.get(name)
        if not isinstance(value, str | None):
            raise wrong(f"{name} is text, not {type(value).__name__}.")
        return value

    if (row.get("path") is None) is (row.get("item_id") is None):
        raise wrong("it needs path or item_id, one of them.")
    named = row.get("recipients")
    recipients = [] if named is None else [named] if isinstance(named, str) else named
    if not isinstance(recipients, list) or not all(isinstance(one, str) for one in recipients):
        raise wrong(
            "recipients is a text, or a list of texts.", "recipients = 'alice@contoso.com', or a list."
        )
    is_link = row.get("link_type") is not None or row.get("link_scope") is not None
    if is_link and row.get("roles") is not None:
        raise wrong("a link has link_type, and no roles.", "link_type = 'view' or 'edit'")
    send, sign_in = row.get("send_invitation"), row.get("require_sign_in")
    if not isinstance(send, bool | None) or not isinstance(sign_in, bool | None):
        raise wrong("send_invitation and require_sign_in are true or false.")
    path, roles = text("path"), row.get("roles")
    owner, drive_id = checked_owner(row.get("owner"), which), checked_drive(row.get("drive_id"), which)
    check_place(path or "", owner, drive_id, which)
    one = NewPermission(
        path=path,
        item_id=text("item_id"),
        owner=owner,
        drive_id=drive_id,
        link_type=(text("link_type") or "view") if is_link else None,
        link_scope=(text("link_scope") or "organization") if is_link else None,
        roles=() if is_link else tuple(roles_of(["read"] if roles is None else roles, which)),
        recipients=tuple(recipients),
        expires=_expires(row.get("expiration_date_time"), wrong),
        password=text("password"),
        message=text("message"),
        send_invitation=bool(send),
        require_sign_in=sign_in is not False,
    )
    try:
        _try(one)
    except ConfigurationError as error:
        raise wrong(error.message, error.hint) from None
    return one


def _expires(value: Any, wrong: Callable[[str, str | None], SqlSyntaxError]) -> datetime | None:
    try:
        when = datetime.fromisoformat(value) if isinstance(value, str) else value
    except ValueError:
        when = value
    if when is not None and (not isinstance(when, datetime) or when.tzinfo is None):
        raise wrong("expiration_date_time is a time with its zone.", "TIMESTAMPTZ '2030-01-31 00:00:00Z'")
    return when


def _try(one: NewPermission) -> None:
    """Raise ConfigurationError for what would be refused when the row's turn comes."""
    if one.link_type is not None:
        sharing_requests.link(one.link_type, one.link_scope, one.recipients, one.message, one.send_invitation)
    else:
        sharing_requests.invitation(
            one.recipients, one.roles, one.message, one.send_invitation, one.require_sign_in
        )
    sharing_requests.limits(one.expires, one.password, None, datetime.now(UTC))
