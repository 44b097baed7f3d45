"""Who may do what with an item, as frozen values; one outcome per person invited, so that part is never taken for all.

Source: https://learn.microsoft.com/graph/api/resources/permission and driveitem-invite
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

import orjson

from driveql.errors import DriveqlError, ProtocolError
from driveql.graph import faults, shapes
from driveql.graph.models import Json

_KINDS = ("user", "group", "siteUser", "siteGroup", "application", "device")
# What the service answers about a person whom it will not let in.
_REFUSALS = frozenset({"accessdenied", "notallowed", "sharingdenied"})


@dataclass(frozen=True, slots=True)
class Grantee:
    """Somebody who has access. `kind` is `user`, `group`, `siteUser`, `siteGroup`, `application` or `device`."""

    kind: str
    id: str | None
    name: str | None
    email: str | None
    login: str | None = None

    def is_named(self, text: str) -> bool:
        """True where `text` is this grantee's e-mail address, sign-in name or id."""
        wanted = text.casefold()
        known = [value.casefold() for value in (self.id, self.email, self.login) if value]
        return any(value == wanted or value.endswith(f"|{wanted}") for value in known)


@dataclass(frozen=True, slots=True)
class Permission:
    """One permission of an item: a sharing link, a grant to somebody, or an invitation not yet taken up.

    `roles` are `read`, `write`, `owner`; `inherited_from` is the path (or id) of the folder it comes from. `link_url` lets
    in whoever the link's scope says, so that it stays out of `repr`.
    """

    id: str
    roles: tuple[str, ...]
    granted_to: tuple[Grantee, ...]
    link_type: str | None
    link_scope: str | None
    link_url: str | None = field(repr=False)
    prevents_download: bool
    invitation_email: str | None
    sign_in_required: bool | None
    inherited_from: str | None
    expires: datetime | None
    has_password: bool
    raw: Json = field(repr=False, compare=False)

    @property
    def kind(self) -> Literal["link", "invitation", "grant"]:
        """What sort of permission this is."""
        if self.link_url or self.link_type:
            return "link"
        return "invitation" if self.invitation_email and not self.granted_to else "grant"

    @property
    def is_inherited(self) -> bool:
        """True where the permission belongs to a folder above and can only be changed there."""
        return self.inherited_from is not None

    @classmethod
    def from_json(cls, raw: Json) -> Permission:
        """Read Graph's permission; the id is blank where the service gave none (an invitation that failed)."""
        link, invitation = shapes.facet(raw, "link"), shapes.facet(raw, "invitation")
        inherited = shapes.facet(raw, "inheritedFrom")
        return cls(
            id=shapes.text(raw, "id") or "",
            roles=tuple(map(str, shapes.elements(raw, "roles"))),
            granted_to=_grantees(raw),
            link_type=shapes.text(link, "type"),
            link_scope=shapes.text(link, "scope"),
            link_url=shapes.text(link, "webUrl"),
            prevents_download=bool(link.get("preventsDownload")),
            invitation_email=shapes.text(invitation, "email"),
            sign_in_required=_flag(invitation.get("signInRequired")),
            inherited_from=shapes.text(inherited, "path") or shapes.text(inherited, "id"),
            expires=_expiration(raw),
            has_password=bool(raw.get("hasPassword")),
            raw=raw,
        )

    def concerns(self, recipient: str) -> bool:
        """True where the permission names a recipient, by e-mail address or id."""
        if self.invitation_email and self.invitation_email.casefold() == recipient.casefold():
            return True
        return any(grantee.is_named(recipient) for grantee in self.granted_to)


def read_permission(raw: Any) -> Permission:
    """Read an answer that has to be one permission. Raises ProtocolError where it is none."""
    return Permission.from_json(shapes.json_object(raw, "a permission"))


@dataclass(frozen=True, slots=True)
class InviteOutcome:
    """What became of one recipient: the permission they have now, or the error that kept them out."""

    recipient: str
    permission: Permission | None
    error: DriveqlError | None

    @property
    def succeeded(self) -> bool:
        """True where the recipient has the permission."""
        return self.error is None


@dataclass(frozen=True, slots=True)
class InviteResult(Sequence[InviteOutcome]):
    """The outcomes of one invitation, in the order of the recipients."""

    outcomes: tuple[InviteOutcome, ...]

    @property
    def complete(self) -> bool:
        """True only where every recipient has the permission."""
        return all(outcome.succeeded for outcome in self.outcomes)

    @property
    def failed(self) -> tuple[InviteOutcome, ...]:
        """The recipients who were left out, each with the reason."""
        return tuple(outcome for outcome in self.outcomes if not outcome.succeeded)

    def require_all(self) -> None:
        """Raise the first recipient's error unless every recipient has the permission."""
        for outcome in self.outcomes:
            if outcome.error is not None:
                raise outcome.error

    def __getitem__(self, index: Any) -> Any:
        return self.outcomes[index]

    def __iter__(self) -> Iterator[InviteOutcome]:
        return iter(self.outcomes)

    def __len__(self) -> int:
        return len(self.outcomes)


def outcomes(named: Sequence[str], answered: Sequence[Any], doing: str) -> InviteResult:
    """Give each recipient their part of the answer to an invitation.

    An entry belongs to the recipient whom it names. The service names some people by display name only, or by another
    address than the one invited: those entries go, in order, to the recipients that are left, if there are as many; if not,
    only the ones without an address do. Who gets none is reported as failed.

    Raises:
        ProtocolError: an entry is not an object.
    """
    entries = [shapes.json_object(raw, "a permission") for raw in answered]
    found: dict[str, Json] = {}
    for name in named:
        match = next((raw for raw in entries if Permission.from_json(raw).concerns(name)), None)
        if match is not None:
            entries.remove(match)
            found[name] = match
    nameless = [raw for raw in entries if not _is_existing_access(raw)]
    if len(nameless) != len(named) - len(found):
        nameless = [raw for raw in nameless if not _names_anybody(raw)]
    left = iter(nameless)
    for name in named:
        if name not in found and (raw := next(left, None)) is not None:
            found[name] = raw
    return InviteResult(tuple(_outcome(name, found.get(name), doing) for name in named))


def _outcome(name: str, raw: Json | None, doing: str) -> InviteOutcome:
    if raw is None:
        silent = ProtocolError(
            f"{doing}: the service's answer does not mention {name}.",
            hint="List the item's permissions to see whether the invitation arrived.",
        )
        return InviteOutcome(name, None, silent)
    failure = raw.get("error")
    if not failure:
        return InviteOutcome(name, Permission.from_json(raw), None)
    code = str(failure.get("code", "")) if isinstance(failure, Mapping) else ""
    status = 403 if code.casefold() in _REFUSALS else 400
    body = orjson.dumps({"error": failure})
    return InviteOutcome(name, None, faults.error_from(status, {}, body, f"{doing} for {name}"))


def _is_existing_access(raw: Json) -> bool:
    return shapes.facet(raw, "link").get("scope") == "existingAccess"


def _names_anybody(raw: Json) -> bool:
    permission = Permission.from_json(raw)
    return bool(permission.invitation_email) or any(grantee.email for grantee in permission.granted_to)


def _grantees(raw: Json) -> tuple[Grantee, ...]:
    """The newer properties say more than the deprecated ones; either may be there alone."""
    many = shapes.elements(raw, "grantedToIdentitiesV2") or shapes.elements(raw, "grantedToIdentities")
    one = shapes.facet(raw, "grantedToV2") or shapes.facet(raw, "grantedTo")
    found = [_grantee(shapes.json_object(identities, "an identity")) for identities in [one, *many]]
    return tuple(grantee for grantee in found if grantee is not None)


def _grantee(identities: Mapping[str, Any]) -> Grantee | None:
    present = [(kind, shapes.facet(identities, kind)) for kind in _KINDS if identities.get(kind)]
    if not present:
        return None
    kind, main = present[0]
    login = next(filter(None, (shapes.text(value, "loginName") for _, value in present)), None)
    email = next(filter(None, (shapes.text(value, "email") for _, value in present)), None)
    login = login or shapes.text(main, "userPrincipalName")
    return Grantee(kind, shapes.text(main, "id"), shapes.text(main, "displayName"), email, login)


def _flag(value: Any) -> bool | None:
    return None if value is None else bool(value)


def _expiration(raw: Json) -> datetime | None:
    """The year 1 is how the service writes "never"."""
    when = shapes.time(raw, "expirationDateTime")
    return None if when is None or when.year <= 1 else when
