"""What a command's end tells its caller: one exit code for every error, and the error on standard error.

A script can rely on the codes; the table is total over the leaves of `driveql.errors`, and a test walks them.
"""

from __future__ import annotations

import json
import sys
import traceback
from enum import IntEnum

import click

from driveql import errors, redaction
from driveql.cli.text import escaped
from driveql.errors import DriveqlError


class ExitCode(IntEnum):
    """The exit codes of every command; `meaning` says each in words."""

    meaning: str

    def __new__(cls, value: int, meaning: str) -> ExitCode:
        member = int.__new__(cls, value)
        member._value_ = value
        member.meaning = meaning
        return member

    OK = 0, "All went well."
    UNEXPECTED = 1, "A fault in driveql itself; please report it."
    USAGE = 2, "The command line, the connection or the certificate cannot work; nothing was sent."
    AUTHENTICATION = 3, "Microsoft Entra ID or Graph did not accept who you are."
    NOT_FOUND = 4, "There is no such item, drive, user, group or site."
    PERMISSION = 5, "The application may not do this."
    CONFLICT = 6, "Something is in the way: the name is taken, the item changed, is locked or checked out."
    UNAVAILABLE = 7, "The service is throttling or unavailable, and stayed so; try again later."
    TRANSPORT = 8, "No usable answer arrived: network, proxy, TLS or time-out."
    INTEGRITY = 9, "The bytes are not the bytes the service described; nothing of them was kept."
    PARTIAL = 10, "Some items succeeded and some failed; each was reported."
    LOCAL = 11, "A local file or directory could not be read or written."
    STATEMENT = 12, "The SQL statement cannot be planned or run."
    REFUSED = 13, "The service refused for another reason: a full drive, a virus, a request it does not know."
    INTERRUPTED = 130, "Interrupted by Ctrl-C; what was left is said."
    PIPE_CLOSED = 141, "The reader of standard output went away (as with `| head`)."


# Every leaf stands here; inner classes stand here too where they are raised themselves.
EXIT_CODES: dict[type[DriveqlError], ExitCode] = {
    DriveqlError: ExitCode.UNEXPECTED,
    errors.ConfigurationError: ExitCode.USAGE,
    errors.ParameterError: ExitCode.USAGE,
    errors.ConnectionNotFoundError: ExitCode.USAGE,
    errors.SecretError: ExitCode.USAGE,
    errors.InvalidCertificateError: ExitCode.USAGE,
    errors.CertificatePasswordError: ExitCode.USAGE,
    errors.CertificateKeyMissingError: ExitCode.USAGE,
    errors.CertificateKeyMismatchError: ExitCode.USAGE,
    errors.UnsupportedKeyError: ExitCode.USAGE,
    errors.CertificateValidityError: ExitCode.USAGE,
    errors.InvalidPathError: ExitCode.USAGE,
    errors.MissingExtraError: ExitCode.USAGE,
    errors.AuthenticationError: ExitCode.AUTHENTICATION,
    errors.CredentialRejectedError: ExitCode.AUTHENTICATION,
    errors.ConsentMissingError: ExitCode.AUTHENTICATION,
    errors.InteractionRequiredError: ExitCode.AUTHENTICATION,
    errors.TransportError: ExitCode.TRANSPORT,
    errors.ConnectError: ExitCode.TRANSPORT,
    errors.RequestTimeoutError: ExitCode.TRANSPORT,
    errors.TlsError: ExitCode.TRANSPORT,
    errors.ConnectionLostError: ExitCode.TRANSPORT,
    errors.ApiError: ExitCode.REFUSED,
    errors.BadRequestError: ExitCode.REFUSED,
    errors.PermissionDeniedError: ExitCode.PERMISSION,
    errors.NotFoundError: ExitCode.NOT_FOUND,
    errors.AlreadyExistsError: ExitCode.CONFLICT,
    errors.ConflictError: ExitCode.CONFLICT,
    errors.ItemChangedError: ExitCode.CONFLICT,
    errors.LockedError: ExitCode.CONFLICT,
    errors.QuotaExceededError: ExitCode.REFUSED,
    errors.ThrottledError: ExitCode.UNAVAILABLE,
    errors.ResyncRequiredError: ExitCode.REFUSED,
    errors.InfectedFileError: ExitCode.REFUSED,
    errors.NotSupportedByServerError: ExitCode.REFUSED,
    errors.UnavailableError: ExitCode.UNAVAILABLE,
    errors.ProtocolError: ExitCode.REFUSED,
    errors.IntegrityError: ExitCode.INTEGRITY,
    errors.LocalFileError: ExitCode.LOCAL,
    errors.SqlError: ExitCode.STATEMENT,
    errors.SqlSyntaxError: ExitCode.STATEMENT,
    errors.SqlNotSupportedError: ExitCode.STATEMENT,
    errors.WriteError: ExitCode.PARTIAL,
}


class PartialFailureError(click.ClickException):
    """Some of several items failed; each was already reported. `message` counts them."""

    exit_code = ExitCode.PARTIAL


class InterruptedRun(Exception):  # noqa: N818 - not a failure: the person asked for it
    """Ctrl-C was pressed. The message says what is done, what was left, and how to go on."""


def without_room(error: OSError) -> DriveqlError:
    """Return the error of a disk that takes no more of what a command writes."""
    place = f"{error.filename}" if error.filename else "What the command prints"
    return errors.LocalFileError(f"{place} cannot be written: {error.strerror}.")


def exit_code(error: BaseException) -> ExitCode:
    """Return the exit code for an error: that of the nearest class in the table."""
    if isinstance(error, (InterruptedRun, KeyboardInterrupt, click.Abort)):
        return ExitCode.INTERRUPTED
    if isinstance(error, click.ClickException):
        return ExitCode.PARTIAL if isinstance(error, PartialFailureError) else ExitCode.USAGE
    for kind in type(error).__mro__:
        if kind in EXIT_CODES:
            return EXIT_CODES[kind]
    return ExitCode.UNEXPECTED


def described(error: BaseException) -> dict[str, object]:
    """Return an error as a JSON object: type, message, code, request_id, hint, retryable, status, exit_code."""
    kind = next((kind for kind in type(error).__mro__ if kind in EXIT_CODES), type(error))
    fields: dict[str, object] = {"type": kind.__name__, "message": _message(error)}
    for name in ("code", "request_id", "hint", "retryable", "status", "parameter"):
        value = getattr(error, name, None)
        if isinstance(value, (str, int)) and isinstance(error, DriveqlError):
            fields[name] = value
    return fields | {"exit_code": int(exit_code(error))}


def lines(error: BaseException) -> list[str]:
    """Return an error as a person reads it: what happened, code and request id, what to do next."""
    code, request_id = getattr(error, "code", None), getattr(error, "request_id", None)
    hint = getattr(error, "hint", None)
    details = [f"code {code}" if code else "", f"request id {request_id}" if request_id else ""]
    first, *more = _message(error).splitlines() or [""]
    shown = [first, *(f"  {line}" for line in more), "  " + ", ".join(part for part in details if part)]
    shown += [f"  hint: {line}" for line in (hint or "").splitlines() if line.strip()]
    return [escaped(line) for line in shown if line.strip()]


def report(error: BaseException, words: list[str]) -> int:
    """Print an error on standard error and return the exit code.

    Parameters:
        words: the command line; `--json` in it asks for one JSON object, `-v` for an unexpected error's traceback.
    """
    given = words[: words.index("--")] if "--" in words else words
    code = exit_code(error)
    if code is ExitCode.UNEXPECTED and ("-v" in given or "--verbose" in given):
        click.echo(redaction.text("".join(traceback.format_exception(error))), err=True)
    if "--json" in given:
        click.echo(json.dumps({"error": described(error)}), err=True)
    elif isinstance(error, click.UsageError):
        error.show(sys.stderr)
    elif isinstance(error, (InterruptedRun, KeyboardInterrupt, click.Abort)):
        click.echo(f"\ndriveql: interrupted. {str(error).strip()}".rstrip(), err=True)
    else:
        _show(error)
    return int(code)


def tell(error: BaseException, *, as_json: bool) -> None:
    """Print on standard error one item's error, after which the command goes on."""
    if as_json:
        click.echo(json.dumps({"error": described(error)}), err=True)
    else:
        _show(error)


def _show(error: BaseException) -> None:
    first, *rest = lines(error) or [type(error).__name__]
    if not isinstance(error, (DriveqlError, click.ClickException)):
        first = f"{type(error).__name__}: {first}"
        rest = ["  This is a bug in driveql. Run it again with -v and report the traceback."]
    click.echo(click.style("driveql: ", bold=True) + click.style(first, fg="red"), err=True)
    for line in rest:
        click.echo(line, err=True)


def _message(error: BaseException) -> str:
    if isinstance(error, click.ClickException):
        return error.format_message()
    if isinstance(error, DriveqlError):
        return error.message
    return redaction.text(str(error)) or type(error).__name__
