"""`driveql connect`: stored connections. A secret is stored as a reference; what is shown never holds one."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from driveql.cli.options import Invocation, global_options
from driveql.connection import connection_string as strings
from driveql.connection.checks import validated
from driveql.connection.parameters import BY_NAME, PARAMETERS, find
from driveql.connection.secrets import SecretReference
from driveql.connection.settings import without_password
from driveql.connection.store import ConnectionStore
from driveql.errors import ConfigurationError, DriveqlError, SecretError

_PATHS = ("CertificatePath", "CertificateKeyPath", "CaBundle")
_json = click.option("--json", "as_json", is_flag=True, help="Write JSON, one object a line.")


@click.group()
def connect() -> None:
    """Store, test and list connections."""


def _parameter_options(function: Callable[..., Any]) -> Callable[..., Any]:
    for parameter in reversed(PARAMETERS):
        if parameter.internal:
            continue
        hint = " A reference: env:NAME, file:/path, keyring:service/name, prompt." if parameter.secret else ""
        default = f"  [default: {parameter.default}]" if parameter.default else ""
        kind = click.Choice(parameter.options, case_sensitive=False) if parameter.options else None
        metavar = f"[{'|'.join(parameter.options)}]" if kind else parameter.type.upper()
        flag = f"--{parameter.keyword.replace('_', '-')}"
        text = f"{parameter.meaning}{hint}{default}"
        function = click.option(flag, parameter.keyword, type=kind, metavar=metavar, help=text)(function)
    return function


@connect.command(
    epilog="\b\nExamples:\n"
    "  driveql connect add work\n"
    "  driveql connect add work --tenant-id contoso.com --client-id 11111111-2222-3333-4444-555555555555 \\\n"
    "    --certificate-path work.pfx --certificate-password env:WORK_PFX --group-or-user-id alice@contoso.com\n"
    '  driveql connect add local --from-string "$CONNECTION_STRING" --test'
)
@click.argument("name")
@click.option(
    "--from-string", metavar="STRING", help="Take the parameters of a connection string; options win over it."
)
@click.option("--replace", is_flag=True, help="Replace a stored connection of that name.")
@click.option("--no-input", is_flag=True, help="Ask nothing, also on a terminal.")
@click.option("--test", "tested", is_flag=True, help="Test it, and store only a connection that works.")
@click.option(
    "--store-secrets-in-clear", is_flag=True, help="Store secrets themselves; they can be read in the file."
)
@_json
@_parameter_options
def add(
    name: str,
    from_string: str | None,
    replace: bool,
    no_input: bool,
    tested: bool,
    store_secrets_in_clear: bool,
    as_json: bool,
    **given: str | None,
) -> None:
    """Store a connection under NAME. On a terminal, what is missing is asked for, and owners and drives are listed."""
    store = ConnectionStore()
    if name in store.names() and not replace:
        raise ConfigurationError(
            f"A connection {name!r} exists already.", hint="Choose another name, or give --replace."
        )
    parameters: dict[str, object] = {
        find(key).name: value for key, value in strings.parse(from_string or "").items()
    }
    parameters |= {find(key).name: value for key, value in given.items() if value is not None}
    if sys.stdin.isatty() and not no_input:
        from driveql.cli.connect_dialogue import complete

        parameters = complete(name, parameters, in_clear=store_secrets_in_clear)
    parameters = {key: _anchored(key, value) for key, value in parameters.items() if value != ""}
    settings = validated(parameters, name=name)
    if tested and (code := _run_steps(settings, as_json=as_json)):
        click.echo("Not stored.", err=True)
        click.get_current_context().exit(code)
    store.put(name, parameters, replace=replace, secrets_in_clear=store_secrets_in_clear)
    _tell_stored(name, store.path, tested=tested, as_json=as_json)


@connect.command(
    "list", epilog="\b\nExamples:\n  driveql connect list\n  driveql connect list --json | jq -r .name"
)
@_json
def list_(as_json: bool) -> None:
    """List the stored connections."""
    from driveql.cli.render import Column, Output

    store = ConnectionStore()
    titles = {
        "name": "Name",
        "tenant": "Tenant",
        "client_id": "Client id",
        "sign_in": "Sign-in",
        "owner": "Owner",
        "fault": "Fault",
    }
    rows = [_summary(store, name) for name in store.names()]
    if not rows and not as_json:
        click.echo(
            f"No connection is stored in {store.path}. Store one with: driveql connect add NAME", err=True
        )
        return
    if not any(row["fault"] for row in rows):
        del titles["fault"]
    Output(as_json=as_json).rows([Column(key, title) for key, title in titles.items()], rows)


@connect.command(
    epilog="\b\nExamples:\n  driveql connect show work\n  driveql connect show work --connection-string"
)
@click.argument("name")
@click.option("--connection-string", "as_string", is_flag=True, help="Write it as one connection string.")
@_json
def show(name: str, as_string: bool, as_json: bool) -> None:
    """Show the parameters of the stored connection NAME. Secrets appear as references only."""
    from driveql.cli.render import Output

    stored = ConnectionStore().get(name)
    if as_string:
        click.echo(strings.write({key: _written(key, value) for key, value in stored.items()}))
        return
    Output(as_json=as_json).record({key: _shown(key, value) for key, value in stored.items()})


@connect.command(
    epilog="\b\nExamples:\n"
    "  driveql connect test\n"
    "  driveql connect test work --json\n\n"
    "Exit code: that of the first step that failed, as in every other command; 0 without one."
)
@click.argument("name", required=False)
@global_options
@click.pass_context
def test(ctx: click.Context, invocation: Invocation, name: str | None) -> None:
    """Test a connection step by step, from its key to the first page of files."""
    from dataclasses import replace

    if name is not None:
        if invocation.connection not in {None, name}:
            raise click.UsageError("NAME and --connection name two connections.")
        invocation = replace(invocation, connection=name)
    ctx.exit(_run_steps(invocation.settings(), as_json=invocation.json))


@connect.command(epilog="\b\nExample:\n  driveql connect remove work --yes")
@click.argument("name")
@click.option("--yes", is_flag=True, help="Do not ask.")
@_json
def remove(name: str, yes: bool, as_json: bool) -> None:
    """Remove the stored connection NAME. Certificates and secrets it refers to stay where they are."""
    from driveql.cli.render import Output

    store = ConnectionStore()
    store.get(name)
    if not yes:
        if not sys.stdin.isatty():
            raise click.UsageError("There is no terminal to ask on; give --yes.")
        click.confirm(f"Remove the connection {name!r}?", abort=True, err=True)
    store.remove(name)
    if as_json:
        Output(as_json=True).record({"removed": name})
    else:
        click.echo(f"Removed {name!r}.", err=True)


def _run_steps(settings: Any, *, as_json: bool) -> int:
    from driveql.cli import steps
    from driveql.drive import checkup
    from driveql.drive.blocking import OneDrive

    with OneDrive(settings) as onedrive:
        return steps.exit_code_of(steps.show(checkup.steps(onedrive.asynchronous), as_json=as_json))


def _tell_stored(name: str, path: Path, *, tested: bool, as_json: bool) -> None:
    from driveql.cli.render import Output

    if as_json:
        Output(as_json=True).record({"name": name, "path": str(path)})
        return
    click.echo(f"Stored {name!r} in {path}.", err=True)
    if not tested:
        click.echo(f"Try it: driveql connect test {name}", err=True)


def _summary(store: ConnectionStore, name: str) -> dict[str, object]:
    row: dict[str, object] = dict.fromkeys(
        ("name", "tenant", "client_id", "sign_in", "owner", "drive_id", "fault")
    )
    row["name"] = name
    try:
        stored = store.get(name)
        row |= {
            "client_id": stored.get("ClientId"),
            "owner": stored.get("GroupOrUserId"),
            "drive_id": stored.get("DriveId"),
        }
        row["sign_in"] = "client secret" if stored.get("ClientSecret") else "certificate"
        row["tenant"] = stored.get("TenantId")
        settings = validated(stored, environ={})
        row |= {"tenant": settings.tenant, "owner": settings.group_or_user_id}
    except SecretError:
        pass  # an environment variable of another machine or service: no fault of the connection
    except DriveqlError as error:
        row["fault"] = error.message
    return row


def _anchored(name: str, value: object) -> object:
    return str(Path(str(value)).expanduser().absolute()) if name in _PATHS else value


def _shown(name: str, value: object) -> object:
    parameter, text = BY_NAME[name], str(value)
    if parameter.secret:
        reference = SecretReference.parse(text)
        return "***" if reference.is_plain else reference.text
    if name == "ExtraHeaders":
        return "||".join(f"{part.partition(':')[0]}:***" for part in text.split("||"))
    return (
        without_password(text)
        if name == "Proxy"
        else (value if isinstance(value, (bool, int, float)) else text)
    )


def _written(name: str, value: object) -> str:
    if BY_NAME[name].secret and SecretReference.parse(str(value)).is_plain:
        raise ConfigurationError(
            f"{name} is stored in clear and is not written out.",
            hint="Replace it with a reference: env:NAME, file:/path.",
        )
    return str(value)
