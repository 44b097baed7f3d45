"""The procedures of sharing: create_link, invite, revoke_permission."""

from __future__ import annotations

import pyarrow as pa

from driveql.sql.writing.procedure import ID, PATH, Argument, Called, Kind, Procedure


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


async def _revoke(call: Called) -> None:
    drive, item = await call.item()
    await drive.sharing.revoke(item, call["permission_id"])
    call.rows[0].done()


_EXPIRES = Argument("expires", Kind.TIME, "When the access ends")
_PERMISSION = ("permission_id", pa.string(), "Id of the permission, by which it is revoked")

PROCEDURES = (
    Procedure(
        "create_link",
        "Make a sharing link; one of the same kind that exists is returned again",
        (
            PATH,
            Argument("type", Kind.TEXT, "view, edit or embed", "view"),
            Argument("scope", Kind.TEXT, "organization, anonymous or users", "organization"),
            _EXPIRES,
            Argument("password", Kind.TEXT, "A reference such as env:NAME, or the password itself"),
            Argument("recipients", Kind.LIST, "E-mail addresses or ids, for scope users"),
            Argument("message", Kind.TEXT, "Told to the recipients"),
            ID,
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
            Argument("recipients", Kind.LIST, "E-mail addresses or ids", required=True),
            Argument("roles", Kind.LIST, "read, write or owner", ("read",)),
            Argument("message", Kind.TEXT, "Part of the mail"),
            Argument("send_invitation", Kind.FLAG, "Mail them", True),
            Argument("require_sign_in", Kind.FLAG, "They have to sign in", True),
            _EXPIRES,
            ID,
        ),
        _invite,
        (
            ("recipient", pa.string(), "Who is meant"),
            _PERMISSION,
            ("roles", pa.string(), "What they may do now"),
        ),
        each="recipients",
    ),
    Procedure(
        "revoke_permission",
        "Take a permission or link away",
        (
            PATH,
            Argument("permission_id", Kind.TEXT, "Its id, as the table permissions shows it", required=True),
            ID,
        ),
        _revoke,
    ),
)
