"""`driveql doctor`: the connection's check-up with the way there before it, and what is missing after it."""

from __future__ import annotations

import contextlib

import click

from driveql.cli.options import Invocation, global_options


@click.command(
    epilog="\b\nExamples:\n"
    "  driveql doctor\n"
    "  driveql doctor --connection finance --json\n\n"
    "Exit code: that of the first step that failed, as in every other command; 0 without one."
)
@global_options
@click.pass_context
def doctor(ctx: click.Context, invocation: Invocation) -> None:
    """Find out why a connection does not work.

    Looks at proxy, DNS, TLS trust, clock, certificate, sign-in, permissions, owner and drive, and says of each what to do.
    Lists which application permission is missing for which feature.
    """
    from driveql.cli import steps
    from driveql.drive import checkup, diagnosis

    with invocation.open() as onedrive:
        found = steps.show(diagnosis.steps(onedrive.asynchronous), as_json=invocation.json)
        found += steps.show(checkup.steps(onedrive.asynchronous), as_json=invocation.json)
        if any(step.name == "Token received" and step.result is checkup.Result.OK for step in found):
            _tell_missing(invocation, onedrive)
    ctx.exit(steps.exit_code_of(found))


def _tell_missing(invocation: Invocation, onedrive: object) -> None:
    from driveql.cli.render import Column
    from driveql.drive.blocking import OneDrive
    from driveql.drive.checkup import missing_permissions
    from driveql.errors import DriveqlError
    from driveql.transport.portal import portal

    assert isinstance(onedrive, OneDrive)
    with contextlib.suppress(DriveqlError):
        token = portal().call(onedrive.asynchronous.session.access_token())
        missing = missing_permissions(token)
        if not missing:
            return
        invocation.note("\nNot granted; needed only for these features:")
        columns = (Column("permission", "Application permission"), Column("features", "Features"))
        rows = ({"permission": name, "features": ", ".join(words)} for name, words in missing.items())
        invocation.output().rows(columns, rows, heading=False)
