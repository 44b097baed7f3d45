"""The questions of `driveql connect add` on a terminal: only for what is missing, each answer checked at once.

Users, groups, sites and drives are listed where the application may list them; where not, the dialogue says why and
takes a typed value. Questions go to standard error.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from itertools import islice
from urllib.parse import unquote, urlsplit

import click

from driveql.cli.text import escaped
from driveql.connection.checks import validated
from driveql.connection.parameters import BY_NAME
from driveql.connection.secrets import SecretReference, SecretSource, store_in_keyring
from driveql.drive.blocking import OneDrive
from driveql.errors import (
    ApiError,
    AuthenticationError,
    DriveqlError,
    MissingExtraError,
    ParameterError,
    PermissionDeniedError,
    SecretError,
)

_SHOWN = 20
_NEEDS = {"users": "User.ReadBasic.All", "groups": "Group.ReadBasic.All", "sites": "Sites.Read.All"}
# Any owner will do to sign in with, before one is chosen.
_ANY_OWNER = "/sites/root"
Parameters = dict[str, object]


def complete(name: str, given: Parameters, *, in_clear: bool) -> Parameters:
    """Return the parameters with what was missing asked for.

    Parameters:
        in_clear: a typed secret may be stored as it is.
    """
    answers = dict(given)
    if "TokenUrl" not in answers and "TenantId" not in answers:
        answers["TenantId"] = _ask("TenantId", "Tenant (id or domain)")
    if "ClientId" not in answers:
        answers["ClientId"] = _ask("ClientId", "Application (client) id")
    if not {"ClientSecret", "CertificatePath", "CertificateBytes"} & set(answers):
        _ask_credential(answers)
    if "GroupOrUserId" not in answers:
        _ask_owner_and_drive(answers)
    _settle_secrets(name, answers, in_clear=in_clear)
    return answers


def _ask_credential(answers: Parameters) -> None:
    path = click.prompt(
        "Certificate file (PFX or PEM; blank for a client secret)", default="", show_default=False, err=True
    )
    if not path:
        answers["ClientSecret"] = click.prompt(
            "Client secret, or where it is (env:NAME, file:/path, prompt)", hide_input=True, err=True
        )
        return
    answers["CertificatePath"] = path
    _check_certificate(answers)


def _check_certificate(answers: Parameters) -> None:
    from driveql.auth.local_key import signer_from
    from driveql.errors import CertificatePasswordError

    while True:
        try:
            signer = signer_from(validated(answers | {"GroupOrUserId": _ANY_OWNER}))
        except (CertificatePasswordError, SecretError) as error:
            if "CertificatePassword" in answers:
                _complain(error)
            answers["CertificatePassword"] = click.prompt(
                "Its password, or where it is (env:NAME, file:/path, prompt)", hide_input=True, err=True
            )
        except DriveqlError as error:
            _complain(error)
            answers["CertificatePath"] = click.prompt("Certificate file (PFX or PEM)", err=True)
        else:
            _say(
                f"  thumbprint {signer.thumbprint_sha1.hex().upper()}, valid until {signer.not_valid_after:%Y-%m-%d}"
            )
            return


def _settle_secrets(name: str, answers: Parameters, *, in_clear: bool) -> None:
    """Give typed secrets a place that is not the connections file."""
    for parameter in ("ClientSecret", "CertificatePassword"):
        value = answers.get(parameter)
        if in_clear or not isinstance(value, str) or not SecretReference.parse(value).is_plain:
            continue
        reference = SecretReference(SecretSource.KEYRING, f"driveql/{name}-{parameter}")
        answers[parameter] = "prompt"
        if click.confirm(f"Keep the {parameter} in this computer's keyring?", default=True, err=True):
            try:
                store_in_keyring(reference, SecretReference.parse(value).reveal())
                answers[parameter] = reference.text
            except (SecretError, MissingExtraError) as error:
                _complain(error)
        if answers[parameter] == "prompt":
            _say(f"  The {parameter} is not stored; it will be asked for at each use.")


def _ask_owner_and_drive(answers: Parameters) -> None:
    with OneDrive(validated(answers | {"GroupOrUserId": _ANY_OWNER})) as onedrive:
        signed_in = _signs_in(onedrive)
        owner = _ask_owner(onedrive if signed_in else None)
        answers["GroupOrUserId"] = owner
        if "DriveId" not in answers and signed_in:
            answers["DriveId"] = _ask_drive(onedrive, str(BY_NAME["GroupOrUserId"].read(owner)))


def _signs_in(onedrive: OneDrive) -> bool:
    from driveql.transport.portal import portal

    try:
        token = portal().call(onedrive.asynchronous.session.access_token())
    except DriveqlError as error:
        _complain(error)
        click.confirm("Signing in failed. Go on and type the rest?", default=False, abort=True, err=True)
        return False
    _say(f"  Signed in. Permissions: {', '.join(token.roles) or 'none'}")
    return True


def _ask_owner(onedrive: OneDrive | None) -> str:
    listing = "; or u, g, s to list users, groups, sites" if onedrive else ""
    while True:
        answer = click.prompt(
            f"Whose drive (e-mail, /groups/.., /sites/.., web address{listing})", err=True
        ).strip()
        kind = {"u": "users", "g": "groups", "s": "sites"}.get(answer.lower())
        if kind and onedrive:
            chosen = _choose(kind, partial(_owners, onedrive, kind), _NEEDS[kind])
            if chosen:
                return chosen
            continue
        try:
            if not BY_NAME["GroupOrUserId"].read(answer):
                raise BY_NAME["GroupOrUserId"].fault(
                    "an application that signs in by itself has no 'my self'"
                )
        except ParameterError as error:
            _complain(error)
        else:
            return answer


def _owners(onedrive: OneDrive, kind: str) -> Iterable[tuple[str, str]]:
    if kind == "users":
        for user in onedrive.users(select=("displayName", "userPrincipalName")):
            yield f"/users/{user['userPrincipalName']}", str(user.get("displayName"))
    elif kind == "groups":
        for group in onedrive.groups(select=("id", "displayName", "mail")):
            yield (
                f"/groups/{group['id']}",
                f"{group.get('displayName')} ({group.get('mail') or 'no address'})",
            )
    else:
        for site in onedrive.sites():
            parts = urlsplit(str(site.get("webUrl")))
            path = unquote(parts.path).strip("/")
            yield (
                f"/sites/{parts.netloc}" + (f":/{path}" if path else ""),
                str(site.get("displayName") or site.get("name")),
            )


def _ask_drive(onedrive: OneDrive, owner: str) -> str:
    def drives() -> Iterable[tuple[str, str]]:
        for drive in onedrive.drives(owner):
            yield drive.id, f"{drive.name} ({drive.drive_type})"

    while True:
        answer = _choose("drives", drives, "Files.Read.All", blank="the owner's default drive") or ""
        try:
            return str(BY_NAME["DriveId"].read(answer)) if answer else ""
        except ParameterError as error:
            _complain(error)


def _choose(
    kind: str, entries: Callable[[], Iterable[tuple[str, str]]], needs: str, blank: str = "go back"
) -> str | None:
    """List what Graph gives and return the chosen value, a typed one, or None for a blank answer."""
    try:
        found = list(islice(entries(), _SHOWN + 1))
    except (PermissionDeniedError, AuthenticationError):
        _say(
            f"  The application may not list {kind}: that needs the permission {needs}. Type the value instead."
        )
        found = []
    except ApiError as error:
        _complain(error)
        found = []
    for number, (value, label) in enumerate(found[:_SHOWN], 1):
        _say(f"  {number:>3}  {label}  {value}")
    if len(found) > _SHOWN:
        _say("       ... and more: type the value of one that is not shown.")
    answer = click.prompt(
        f"Number or value (blank: {blank})", default="", show_default=False, err=True
    ).strip()
    if answer.isdigit() and 1 <= int(answer) <= min(len(found), _SHOWN):
        return found[int(answer) - 1][0]
    return answer or None


def _ask(parameter: str, question: str) -> str:
    while True:
        answer = str(click.prompt(question, err=True)).strip()
        try:
            BY_NAME[parameter].read(answer)
        except ParameterError as error:
            _complain(error)
        else:
            return answer


def _complain(error: DriveqlError) -> None:
    for line in str(error).splitlines():
        _say(f"  {line}")


def _say(text: str) -> None:
    click.echo(escaped(text), err=True)
