"""The procedures of sharing: create_link, invite, revoke_permission."""

from __future__ import annotations

import pyarrow as pa

from driveql.graph.sharing_requests import LINK_SCOPES, LINK_TYPES
from driveql.sql.writing.arguments import BY_ID, PATH, Argument, Kind
from driveql.sql.writing.procedure import Called, Procedure


async def _create_link(call: Called) -> None:
    drive, item = await call.item()
    link = await drive.sharing.create_link(
        item,
        call["type"],
        call["scope"],
        expires=call["expires"],
        password=call["password"],
        recipients=call["recipients"] or (),
        message=call["message"],
    )
    call.rows[0].more = {
        "permission_id": link.id,
        "link_url": link.link_url,
        "link_type": link.link_type,
        "link_scope": link.link_scope,
        "expires": link.expires,
    }
    call.rows[0].done()


async def _invite(call: Called) -> None:
    drive, item = await call.item()
    result = await drive.sharing.invite(
        item,
        call["recipients"],
        call["roles"],
        message=call["message"],
        send_invitation=call["send_invitation"],
        require_sign_in=call["require_sign_in"],
        expires=call["expires"],
    )
    for row, outcome in zip(call.rows, result.outcomes, strict=True):
        row.more["recipient"] = outcome.recipient
        if outcome.permission is not None:
            row.more |= {"permission_id": outcome.permission.id, "roles": ", ".join(outcome.permission.roles)}
        if outcome.error is None:
            row.done()
        else:
            row.failed(outcome.error)


async def _update(call: Called) -> None:
    drive, item = await call.item()
    permission = await drive.sharing.update_roles(item, call["permission_id"], call["roles"])
    call.rows[0].more = {"permission_id": permission.id, "roles": ", ".join(permission.roles)}
    call.rows[0].done()


async def _revoke_people(call: Called) -> None:
    drive, item = await call.item()
    await drive.sharing.revoke_grants(item, call["permission_id"], call["recipients"])
    for row in call.rows:
        row.done()


async def _grant(call: Called) -> None:
    drive = await call.run.onedrive.drive()
    await drive.sharing.grant(call["link"], call["recipients"], call["roles"])
    for row in call.rows:
        row.done()


async def _resolve(call: Called) -> None:
    item = await call.run.onedrive.resolve(call["address"], redeem=call["redeem"])
    row = call.rows[0]
    row.drive_id = item.drive_id
    row.more = {"drive_id": item.drive_id, "name": item.name, "is_folder": item.is_folder}
    call.done(item)
    row.path = item.path


async def _revoke(call: Called) -> None:
    drive, item = await call.item()
    await drive.sharing.revoke(item, call["permission_id"])
    call.rows[0].done()


_RECIPIENTS = Argument("recipients", Kind.LIST, "E-mail addresses or ids", required=True)
_ROLES = Argument("roles", Kind.LIST, "read, write or owner", ("read",))
_RECIPIENT = ("recipient", pa.string(), "Who is meant")
_ROLES_NOW = ("roles", pa.string(), "What they may do now")
_EXPIRES = Argument("expires", Kind.TIME, "When the access ends")
_PERMISSION_ID = Argument(
    "permission_id", Kind.TEXT, "Its id, as the table permissions shows it", required=True
)
_PERMISSION = ("permission_id", pa.string(), "Id of the permission, by which it is revoked")

PROCEDURES = (
    Procedure(
        "create_link",
        "Make a sharing link; one of the same kind that exists is returned again",
        (
            PATH,
            Argument("type", Kind.TEXT, "view, edit or embed", "view", choices=LINK_TYPES),
            Argument(
                "scope", Kind.TEXT, "organization, anonymous or users", "organization", choices=LINK_SCOPES
            ),
            _EXPIRES,
            Argument("password", Kind.TEXT, "A reference such as env:NAME, or the password itself"),
            Argument("recipients", Kind.LIST, "E-mail addresses or ids, for scope users"),
            Argument("message", Kind.TEXT, "Told to the recipients"),
            *BY_ID,
        ),
        _create_link,
        (
            _PERMISSION,
            ("link_url", pa.string(), "The link; whoever it is meant for gets in by it"),
            ("link_type", pa.string(), "view, edit or embed"),
            ("link_scope", pa.string(), "Whom it lets in"),
            ("expires", pa.timestamp("us", tz="UTC"), "When it ends"),
        ),
    ),
    Procedure(
        "invite",
        "Give people access; each of them has a row",
        (
            PATH,
            _RECIPIENTS,
            _ROLES,
            Argument("message", Kind.TEXT, "Part of the mail"),
            Argument("send_invitation", Kind.FLAG, "Mail them", True),
            Argument("require_sign_in", Kind.FLAG, "They have to sign in", True),
            _EXPIRES,
            *BY_ID,
        ),
        _invite,
        (
            _RECIPIENT,
            _PERMISSION,
            _ROLES_NOW,
        ),
        each="recipients",
    ),
    Procedure(
        "update_permission",
        "Change what a permission allows; an inherited one is changed on its folder",
        (PATH, _PERMISSION_ID, _ROLES, *BY_ID),
        _update,
        (_PERMISSION, _ROLES_NOW),
    ),
    Procedure(
        "revoke_permission",
        "Take a permission or link away",
        (PATH, _PERMISSION_ID, *BY_ID),
        _revoke,
    ),
    Procedure(
        "revoke_grants",
        "Take people off a link that was made for named users",
        (PATH, _PERMISSION_ID, _RECIPIENTS, *BY_ID),
        _revoke_people,
        (_RECIPIENT,),
        each="recipients",
    ),
    Procedure(
        "grant_by_link",
        "Let more people in by a sharing link",
        (Argument("link", Kind.TEXT, "The sharing link", required=True), _RECIPIENTS, _ROLES),
        _grant,
        (_RECIPIENT,),
        each="recipients",
    ),
    Procedure(
        "resolve_link",
        "Find the item behind a sharing link, a web address or any place",
        (
            Argument("address", Kind.TEXT, "The link, address or place", required=True),
            Argument("redeem", Kind.FLAG, "Take up a link made for the caller, so that the access lasts", False),
        ),
        _resolve,
        (
            ("drive_id", pa.string(), "Id of the drive that the item is in"),
            ("name", pa.string(), "Its name"),
            ("is_folder", pa.bool_(), "Whether it is a folder"),
        ),
        writes=lambda _: False,
    ),
)  # fmt: skip
