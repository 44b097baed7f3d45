"""`driveql cert`: create, show and check certificates. Nothing here talks to the network."""

from __future__ import annotations

import dataclasses
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from driveql.errors import ConfigurationError

if TYPE_CHECKING:
    from driveql.auth.certificate import CertificateFile
    from driveql.auth.inspection import Inspection
    from driveql.connection import SecretReference

EXPIRES_SOON, NOT_VALID = 20, 21
_CHECKED = (
    ("file", "File"),
    ("valid_until", "Valid until"),
    ("days_left", "Days left"),
    ("verdict", "Verdict"),
)
_PASSWORD_HELP = "Where the password is: env:NAME, file:/path, keyring:service/name or prompt."  # noqa: S105  # help
_json = click.option("--json", "as_json", is_flag=True, help="Write JSON, one object a line.")
_password = click.option("--password", metavar="REFERENCE", help=_PASSWORD_HELP + "  [default: asked for]")


@click.group()
def cert() -> None:
    """Create, show and check the certificates that applications sign in with."""


@cert.command(
    short_help="Create a certificate: PFX, PEM, and the CER to upload.",
    epilog="\b\nExamples:\n"
    "  driveql cert create finance\n"
    "  driveql cert create finance --directory /etc/driveql --days 730 --key-size 4096\n"
    "  PFX_PASSWORD=... driveql cert create finance --password env:PFX_PASSWORD --json",
)
@click.argument("name", default="driveql")
@click.option(
    "--directory",
    type=click.Path(path_type=Path),
    default=Path(),
    help="Where the files go.  [default: here]",
)
@click.option("--subject", help="The subject: a distinguished name, or a common name.  [default: CN=NAME]")
@click.option(
    "--key-size",
    type=click.Choice(["2048", "3072", "4096"]),
    default="2048",
    show_default=True,
    help="Bits of the RSA key.",
)
@click.option(
    "--days", type=click.IntRange(1, 3650), default=365, show_default=True, help="Days of validity."
)
@_password
@_json
def create(
    name: str,
    directory: Path,
    subject: str | None,
    key_size: str,
    days: int,
    password: str | None,
    as_json: bool,
) -> None:
    """Create NAME.pfx and NAME.pem (with the private key, protected by a password) and NAME.cer (to upload).

    Nothing is overwritten. The private files can be read by you alone.
    """
    from driveql.auth.issue import issue
    from driveql.cli.new_certificate import tell, write_all

    if not name or Path(name).name != name or name.startswith("."):
        raise click.BadParameter("it is to be a plain file name without a suffix.", param_hint="NAME")
    files = {suffix: directory / f"{name}{suffix}" for suffix in (".pfx", ".pem", ".cer")}
    for path in files.values():
        if path.exists():
            raise ConfigurationError(
                f"{path} exists; nothing was written.", hint="Choose another name or directory."
            )
    secret = _new_password(password)
    issued = issue(subject or f"CN={name}", key_size=int(key_size), days=days)
    contents = {".pfx": issued.pfx(secret), ".pem": issued.pem(secret), ".cer": issued.cer()}
    write_all({files[suffix]: content for suffix, content in contents.items()})
    tell(issued, files, as_json=as_json)


@cert.command(
    short_help="Show what a certificate file holds.",
    epilog="\b\nExamples:\n"
    "  driveql cert show finance.cer\n"
    "  driveql cert show finance.pfx --password env:PFX_PASSWORD --json\n"
    "  driveql cert show server.crt --key server.key",
)
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--key", type=click.Path(path_type=Path), help="The private key's own file.")
@_password
@_json
def show(file: Path, key: Path | None, password: str | None, as_json: bool) -> None:
    """Show what FILE (PFX, PEM, CER or CRT) holds: subject, validity, thumbprints, key, whether the key matches."""
    from driveql.cli.render import Output

    found = _inspect(file, key, password)
    fields = {"file": str(file), **dataclasses.asdict(found)}
    Output(as_json=as_json).record(fields)


@cert.command(
    epilog="\b\nExamples:\n"
    "  driveql cert check --days 45                       the certificate of the connection\n"
    "  driveql cert check /etc/driveql/*.cer || mail -s 'certificates' admin@contoso.com\n\n"
    f"\b\nExit codes: 0 all are valid for longer; {EXPIRES_SOON} one expires within the margin;\n"
    f"{NOT_VALID} one has expired or cannot be used; 2 one cannot be read."
)
@click.argument("files", nargs=-1, type=click.Path(path_type=Path))
@click.option(
    "--days", type=click.IntRange(0), default=30, show_default=True, help="Warn this many days before expiry."
)
@click.option(
    "--connection", metavar="NAME", help="Check a stored connection's certificate, where no FILE is given."
)
@_password
@_json
@click.pass_context
def check(
    ctx: click.Context,
    files: tuple[Path, ...],
    days: int,
    connection: str | None,
    password: str | None,
    as_json: bool,
) -> None:
    """Warn before certificates expire. Without FILE, the connection's certificate is checked."""
    from driveql.cli.render import Column, Output

    inspected = [(str(file), _inspect(file, None, password, public_only=True)) for file in files] or [
        _of_connection(connection)
    ]
    rows = [_verdict(name, found, days) for name, found in inspected]
    Output(as_json=as_json).rows([Column(*column) for column in _CHECKED], rows)
    ctx.exit(max(int(str(row["exit_code"])) for row in rows))


def _verdict(name: str, found: Inspection, margin: int) -> dict[str, object]:
    if found.problem:
        verdict, code = found.problem, NOT_VALID
    elif found.days_left < margin:
        verdict, code = f"expires within {margin} days", EXPIRES_SOON
    else:
        verdict, code = "valid", 0
    return {
        "file": name,
        "valid_until": found.valid_until,
        "days_left": found.days_left,
        "thumbprint_sha1": found.thumbprint_sha1,
        "verdict": verdict,
        "exit_code": code,
    }


def _of_connection(name: str | None) -> tuple[str, Inspection]:
    from driveql.auth import certificate
    from driveql.auth.inspection import inspect
    from driveql.connection import settings_from

    settings = settings_from(name=name)
    if not settings.uses_certificate:
        raise ConfigurationError(
            "The connection does not sign in with a certificate.", hint="Name a FILE to check."
        )
    path, key_path = settings.certificate_path, settings.certificate_key_path
    data = certificate.read_bytes(path) if path else settings.certificate_bytes or b""
    reference = settings.certificate_password
    file = certificate.parse(
        data,
        password=reference.reveal(purpose="certificate password") if reference else None,
        key_data=certificate.read_bytes(key_path) if key_path else None,
        origin=str(path or "CertificateBytes"),
    )
    return str(path or "CertificateBytes"), inspect(file, datetime.now(UTC))


def _inspect(file: Path, key: Path | None, password: str | None, *, public_only: bool = False) -> Inspection:
    from driveql.auth import certificate
    from driveql.auth.inspection import inspect
    from driveql.errors import CertificatePasswordError

    data, key_data = certificate.read_bytes(file), certificate.read_bytes(key) if key else None

    def parse(secret: str | None) -> CertificateFile:
        return certificate.parse(
            data, password=secret, key_data=key_data, origin=str(file), public_only=public_only
        )

    secret = _referenced(password).reveal(purpose="password") if password else None
    try:
        found = parse(secret)
    except CertificatePasswordError:
        if secret is not None or not sys.stdin.isatty():
            raise
        found = parse(click.prompt(f"Password of {file}", hide_input=True, err=True))
    return inspect(found, datetime.now(UTC))


def _new_password(reference: str | None) -> str:
    if reference is not None and reference != "prompt":
        return _referenced(reference).reveal(purpose="password")
    if not sys.stdin.isatty():
        raise ConfigurationError(
            "The new certificate needs a password, and there is no terminal to ask for it.",
            hint="Give --password env:NAME or --password file:/path.",
        )
    return str(
        click.prompt("Password for the private key", hide_input=True, confirmation_prompt=True, err=True)
    )


def _referenced(text: str) -> SecretReference:
    from driveql.connection import SecretReference

    reference = SecretReference.parse(text)
    if reference.is_plain and not text.startswith("plain:"):
        raise click.UsageError(
            "A password on the command line can be read by others; give env:NAME or file:/path."
        )
    return reference
