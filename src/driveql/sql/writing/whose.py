"""Whose drive a row or a call means: its `owner`, `drive_id` and `path` as written, checked before anything is sent. Pure."""

from __future__ import annotations

from urllib.parse import urlsplit

from driveql.connection import owner as owners
from driveql.connection.validation import ValueFaultError
from driveql.errors import SqlSyntaxError
from driveql.graph import places

_HINT = "owner is '/users/alice@contoso.com', '/groups/{id}' or '/sites/{host}:/{path}'; NULL means the connection's own drive."


def shown(place: str | None) -> str | None:
    """Return a written place as a row and the audit log may tell it: of a link, which may let its bearer in, the host alone."""
    if place is None or not place.lower().startswith(("https://", "http://")):
        return place
    return f"https://{urlsplit(place).hostname}/[link]"


def checked_owner(owner: object, what: str) -> str | None:
    """Return an owner in the form that it is asked by; None where none is named.

    Parameters:
        what: the statement and its row, for messages.

    Raises:
        SqlSyntaxError: it is no owner. A blank one is none either: it would mean the connection's own drive by mistake.
    """
    if owner is None:
        return None
    try:
        if not isinstance(owner, str):
            raise ValueFaultError(f"it is {type(owner).__name__}, not text")
        if not owners.normalise(owner):
            raise ValueFaultError("it is blank, or nobody's name")
    except ValueFaultError as fault:
        raise SqlSyntaxError(f"{what}: the owner {owner!r}: {fault}.", hint=_HINT) from None
    return owners.normalise(owner)


def checked_drive(drive_id: object, what: str) -> str | None:
    """Return a drive's id; None where none is named. Raises SqlSyntaxError where it is no text, or blank."""
    if drive_id is None:
        return None
    if not isinstance(drive_id, str) or not drive_id.strip():
        raise SqlSyntaxError(
            f"{what}: the drive_id {drive_id!r} is no drive's id.",
            hint="SELECT id FROM drives WHERE owner = '..' tells it; NULL means the connection's own drive.",
        )
    return drive_id


def check_place(path: str, owner: object, drive_id: object, what: str) -> None:
    """Raise SqlSyntaxError for a path that is a place, which says the drive itself, beside an owner or a drive_id."""
    if places.is_place(path) and (owner is not None or drive_id is not None):
        named = "owner" if drive_id is None else "drive_id"
        raise SqlSyntaxError(
            f"{what}: its path {path!r} is a place, which says the drive itself.",
            hint=f"Leave {named} out, or write a plain path.",
        )
