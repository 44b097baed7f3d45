"""`driveql share`: who has access to an item, sharing links, invitations, and the way from a link to its item."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

import click

from driveql.cli.options import Invocation, dry_run_option, global_options
from driveql.cli.quantities import future

if TYPE_CHECKING:
    from driveql.cli.items import Found
    from driveql.drive.blocking import OneDrive
    from driveql.graph.sharing_requests import LinkScope, LinkType

_expires = click.option(
    "--expires", type=future, metavar="TIME", help="When it ends: 2026-12-31, or 30d from now."
)
_password = click.option(
    "--password",
    metavar="SECRET",
    help="Of the link: env:NAME, file:/path, keyring:service/name or prompt. Others can read a command line.",
)


@click.group(
    epilog="\b\nExamples:\n"
    "  driveql share list onedrive:/Reports/a.csv\n"
    "  driveql share link onedrive:/Reports/a.csv --expires 30d\n"
    "  driveql share invite onedrive:/Reports bob@contoso.com --role write\n"
    "  driveql share resolve 'https://contoso.sharepoint.com/:x:/s/Finance/Eabc'"
)
def share() -> None:
    """See and change who has access to files and folders."""


@share.command(
    "list",
    epilog="\b\nExamples:\n"
    "  driveql share list onedrive:/Reports\n"
    "  driveql share list onedrive:/Reports --json | jq -r 'select(.kind == \"link\") | .id'\n\n"
    "The column `inherited from` names the folder where such a permission can be changed. A link lets in whoever its"
    " scope says: treat it as what it is.",
)
@click.argument("place")
@global_options
def list_(invocation: Invocation, place: str) -> None:
    """List permissions: links, grants and invitations, inherited ones among them."""
    from driveql.cli import access
    from driveql.cli.places import about
    from driveql.cli.render import Column
    from driveql.transport.portal import portal

    with invocation.open() as onedrive:
        found = _found(onedrive, place)
        with about(found.place):
            pages = portal().iterate(found.drive.sharing.permissions(found.item))
            rows = [access.record(permission, found.naming) for page in pages for permission in page]
    columns = [
        Column("kind", "Kind"),
        Column("roles", "Roles"),
        Column("who", "Who"),
        Column("expires", "Expires", "time"),
        Column("inherited_from", "Inherited from"),
        Column("id", "Id"),
        Column("link", "Link"),
    ]
    invocation.output().rows(columns, rows)


@share.command(
    epilog="\b\nExamples:\n"
    "  driveql share link onedrive:/Reports/a.csv                          # for the organization, to view\n"
    "  driveql share link onedrive:/Reports --type edit --scope users --to bob@contoso.com\n"
    "  driveql share link onedrive:/a.csv --scope anonymous --password env:LINK_PASSWORD --expires 7d\n\n"
    "Asked again, the service returns the link that is there. One that lacks the password or end asked for is"
    " not handed out (exit code 6).",
)
@click.argument("place")
@click.option(
    "--type", "link_type", type=click.Choice(["view", "edit", "embed"]), default="view", show_default=True,
    help="What the link allows.",
)  # fmt: skip
@click.option(
    "--scope", type=click.Choice(["organization", "anonymous", "users"]), default="organization", show_default=True,
    help="Who may use it: who signs in there, whoever has it, or the people named with --to.",
)  # fmt: skip
@click.option(
    "--to", "recipients", multiple=True, metavar="EMAIL", help="A person, with --scope users; repeatable."
)
@click.option("--notify", is_flag=True, help="Mail the people named with --to.")
@click.option("--message", metavar="TEXT", help="What the mail says.")
@_expires
@_password
@dry_run_option
@global_options
def link(
    invocation: Invocation,
    place: str,
    link_type: LinkType,
    scope: LinkScope,
    recipients: tuple[str, ...],
    notify: bool,
    message: str | None,
    expires: datetime | None,
    password: str | None,
    dry_run: bool,
) -> None:
    """Make a sharing link to an item and print it."""
    from driveql.cli import access
    from driveql.cli.places import about
    from driveql.graph import sharing_requests
    from driveql.transport.portal import portal

    sharing_requests.link(link_type, scope, recipients, message, notify)
    with invocation.open(dry_run=dry_run) as onedrive:
        found = _found(onedrive, place)
        if dry_run:
            access.plan(invocation, found, f"make a link ({link_type}, {scope}) to")
            return
        with about(found.place):
            made = portal().call(
                found.drive.sharing.create_link(
                    found.item, link_type, scope, expires=expires, password=password, recipients=recipients,
                    message=message, send_notification=notify,
                )
            )  # fmt: skip
    output = invocation.output()
    if invocation.json:
        output.rows((), [access.record(made, found.naming)])
    else:
        output.lines([made.link_url or ""])


@share.command(
    epilog="\b\nExamples:\n"
    "  driveql share invite onedrive:/Reports bob@contoso.com carol@fabrikam.com --message 'Numbers for Q1'\n"
    "  driveql share invite onedrive:/Reports bob@contoso.com --role write --no-mail\n\n"
    "Each person has an outcome of their own; exit code 10 says that somebody was left out.",
)
@click.argument("place")
@click.argument("recipients", nargs=-1, required=True, metavar="EMAIL...")
@click.option(
    "--role", "roles", multiple=True, type=click.Choice(["read", "write", "owner"]), default=("read",),
    help="What they may do; read by default.",
)  # fmt: skip
@click.option("--message", metavar="TEXT", help="What the mail says.")
@click.option("--no-mail", is_flag=True, help="Give access without telling them.")
@click.option("--no-sign-in", is_flag=True, help="Let in who has the mail, without signing in.")
@_expires
@_password
@dry_run_option
@global_options
def invite(
    invocation: Invocation,
    place: str,
    recipients: tuple[str, ...],
    roles: tuple[str, ...],
    message: str | None,
    no_mail: bool,
    no_sign_in: bool,
    expires: datetime | None,
    password: str | None,
    dry_run: bool,
) -> None:
    """Give people access to an item, with a mail to each."""
    from driveql.cli import access, outcome
    from driveql.cli.places import about
    from driveql.graph import sharing_requests
    from driveql.transport.portal import portal

    sharing_requests.invitation(recipients, roles, message, not no_mail, not no_sign_in)
    with invocation.open(dry_run=dry_run) as onedrive:
        found = _found(onedrive, place)
        if dry_run:
            access.plan(invocation, found, f"give {', '.join(recipients)} {', '.join(roles)} access to")
            return
        with about(found.place):
            result = portal().call(
                found.drive.sharing.invite(
                    found.item, recipients, roles, message=message, send_invitation=not no_mail,
                    require_sign_in=not no_sign_in, expires=expires, password=password,
                )
            )  # fmt: skip
    for told in result:
        access.tell(invocation, found, told)
    if len(result) == 1:
        result.require_all()
    if not result.complete:
        raise outcome.PartialFailureError(f"{len(result.failed)} of {len(result)} people were left out.")


@share.command(
    epilog="\b\nExamples:\n"
    "  driveql share revoke onedrive:/Reports/a.csv aTowIy5mfG1lbWJl\n"
    "  driveql share revoke onedrive:/Reports --links --dry-run\n\n"
    "Inherited permissions are revoked on the folder that `driveql share list` names.",
)
@click.argument("place")
@click.argument("ids", nargs=-1, metavar="[ID]...")
@click.option("--links", is_flag=True, help="All sharing links of the item itself.")
@dry_run_option
@global_options
def revoke(invocation: Invocation, place: str, ids: tuple[str, ...], links: bool, dry_run: bool) -> None:
    """Take permissions or links of an item away, by the ids that `driveql share list` shows."""
    from driveql.cli import access
    from driveql.cli.places import about
    from driveql.transport.portal import portal

    if bool(ids) == links:
        raise click.UsageError("Give the ids of permissions, or --links for all links.")
    with invocation.open(dry_run=dry_run) as onedrive:
        found = _found(onedrive, place)
        if links:
            with about(found.place):
                pages = portal().iterate(found.drive.sharing.permissions(found.item))
                known = [permission for page in pages for permission in page]
            ids = tuple(one.id for one in known if one.kind == "link" and not one.is_inherited)
        for identifier in ids:
            if dry_run:
                access.plan(invocation, found, f"revoke {identifier} of")
                continue
            with about(f"permission {identifier} of {found.place}"):
                portal().call(found.drive.sharing.revoke(found.item, identifier))
            if invocation.json:
                invocation.output().rows((), [{"id": identifier, "outcome": "revoked"}])
            else:
                invocation.note(f"revoked {identifier} of {found.place}")


@share.command(
    epilog="\b\nExamples:\n"
    "  driveql share resolve 'https://contoso.sharepoint.com/:x:/s/Finance/Eabc'\n"
    "  driveql share resolve https://contoso.sharepoint.com/sites/Finance/Shared%20Documents/a.csv --json"
)
@click.argument("url")
@click.option("--redeem", is_flag=True, help="Take up a link made for the caller, so that the access lasts.")
@global_options
def resolve(invocation: Invocation, url: str, redeem: bool) -> None:
    """Show the item behind a sharing link or any OneDrive or SharePoint web address."""
    from driveql.cli.items import record
    from driveql.cli.places import about

    with invocation.open() as onedrive, about("the address"):
        item = onedrive.resolve(url, redeem=redeem)
    invocation.output().record(record(item), {"size": "size", "child_count": "count"})


def _found(onedrive: OneDrive, place: str) -> Found:
    from driveql.cli.items import one
    from driveql.transport.portal import portal

    return portal().call(one(onedrive.asynchronous, place))
