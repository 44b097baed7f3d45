"""How permissions and invitations are shown: who has access, by what, until when, and from which folder."""

from __future__ import annotations

import click

from driveql.cli import outcome
from driveql.cli.items import Found
from driveql.cli.options import Invocation
from driveql.cli.places import Naming
from driveql.graph import paths
from driveql.graph.sharing_models import InviteOutcome, Permission


def plan(invocation: Invocation, found: Found, what: str) -> None:
    invocation.plan(
        f"would {what} {found.place}", {"place": found.place, "action": what, "outcome": "planned"}
    )


def tell(invocation: Invocation, found: Found, told: InviteOutcome) -> None:
    if invocation.json:
        row: dict[str, object] = {
            "recipient": told.recipient,
            "outcome": "failed" if told.error else "invited",
        }
        if told.permission is not None:
            row["id"] = told.permission.id
        if told.error is not None:
            row["error"] = outcome.described(told.error)
        invocation.output().rows((), [row])
    elif told.error is not None:
        click.echo(
            f"driveql: {told.recipient}: {', '.join(line.strip() for line in outcome.lines(told.error))}",
            err=True,
        )
    else:
        invocation.note(f"{told.recipient} has access to {found.place}")


def record(permission: Permission, names: Naming) -> dict[str, object]:
    who = [grantee.email or grantee.login or grantee.name or grantee.id for grantee in permission.granted_to]
    who += [permission.invitation_email] if permission.invitation_email else []
    kind = permission.kind
    if kind == "link" and not who:
        who = [permission.link_scope or "existing access"]
    folder = paths.from_parent_reference(permission.inherited_from or "")
    return {
        "kind": kind,
        "roles": ",".join(permission.roles) or permission.link_type,
        "who": ", ".join(dict.fromkeys(name for name in who if name)),
        "link_type": permission.link_type,
        "link_scope": permission.link_scope,
        "expires": permission.expires,
        "has_password": permission.has_password,
        "inherited_from": names.of(folder) if folder else permission.inherited_from,
        "id": permission.id,
        "link": permission.link_url,
    }
