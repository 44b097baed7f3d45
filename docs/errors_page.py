"""docs/errors.md: every error with its meaning, its exit code, and what to do about it."""

from __future__ import annotations

from docs.markdown import cell, code, table

from driveql import errors
from driveql.cli.outcome import EXIT_CODES
from driveql.errors import DriveqlError

# What to do, for each class that can be raised. A test holds it total.
ADVICE: dict[type[DriveqlError], str] = {
    DriveqlError: "Report it; the message says what was being done.",
    errors.ConfigurationError: "Follow the hint; nothing was sent.",
    errors.ParameterError: "Correct the parameter it names; the hint has a good example.",
    errors.ConnectionNotFoundError: "Choose one with --connection; `driveql connect list` shows them.",
    errors.SecretError: "Set the variable, file or keyring entry that the reference names.",
    errors.InvalidCertificateError: "Look at the file with `driveql cert show FILE`.",
    errors.CertificatePasswordError: "Correct CertificatePassword.",
    errors.CertificateKeyMissingError: "Export it again with its private key, or name the key's file in CertificateKeyPath.",
    errors.CertificateKeyMismatchError: "Use the key that the certificate was made with.",
    errors.UnsupportedKeyError: "Make an RSA certificate: `driveql cert create`.",
    errors.CertificateValidityError: "Make a new certificate and upload its .cer file; check the machine's clock.",
    errors.InvalidPathError: "Write the path plainly, from the drive's root; choose a name OneDrive allows.",
    errors.MissingExtraError: "Install the extra that the hint names.",
    errors.AuthenticationError: "Run `driveql doctor`; it explains the AADSTS code.",
    errors.CredentialRejectedError: "Upload the certificate to the app registration, or renew the secret.",
    errors.ConsentMissingError: "Have an administrator grant the permission and consent to it.",
    errors.InteractionRequiredError: "Sign in again.",
    errors.TransportError: "Run `driveql doctor`; it tests DNS, proxy and TLS.",
    errors.ConnectError: "Check network, DNS and Proxy. Nothing was sent.",
    errors.RequestTimeoutError: "Try again; raise Timeout for slow networks. The request may have been carried out.",
    errors.TlsError: "Give the company's certificate authority in CaBundle.",
    errors.ConnectionLostError: "Try again. The request may have been carried out.",
    errors.ApiError: "Follow the hint; quote the request id to Microsoft's support.",
    errors.BadRequestError: "Check what was asked for; report it with the request id if it is driveql's own request.",
    errors.PermissionDeniedError: "Run `driveql doctor`: it names the permission that is missing.",
    errors.NotFoundError: "Check spelling, drive and owner; what was just written can take a while to appear.",
    errors.AlreadyExistsError: "Choose another name, or ask to replace it.",
    errors.ConflictError: "Look at the item's state and try again.",
    errors.ItemChangedError: "Read the item again, then decide.",
    errors.LockedError: "Have it closed or checked in, or try later.",
    errors.QuotaExceededError: "Free space (the recycle bin counts) or raise the quota.",
    errors.ThrottledError: "Try later, or lower MaxConcurrency.",
    errors.ResyncRequiredError: "Begin the change feed anew.",
    errors.InfectedFileError: "Have the file cleaned; the service does not hand it out.",
    errors.NotSupportedByServerError: "Use another way; this server does not have it.",
    errors.UnavailableError: "Try later; Microsoft 365's service health says more.",
    errors.ProtocolError: "Report it with the request id; a proxy that changes answers can be the cause.",
    errors.IntegrityError: "Transfer it again; nothing damaged was kept.",
    errors.LocalFileError: "Check the local path, its permissions and the space left.",
    errors.SqlError: "Follow the message.",
    errors.SqlSyntaxError: "Correct the statement where the message points.",
    errors.SqlNotSupportedError: "Do it the way that the hint names.",
    errors.WriteError: "Read what became of each row in `outcomes`, or in the cursor's rows; write the failed ones again.",
}


def text() -> str:
    """Return the page."""
    rows = [
        [
            "&nbsp;" * 4 * depth + code(kind.__name__),
            cell((kind.__doc__ or "").strip().splitlines()[0]),
            str(int(EXIT_CODES[kind])),
            cell(ADVICE[kind]),
        ]
        for depth, kind in tree()
    ]
    return "\n\n".join(
        part.strip()
        for part in [
            "# Errors\n",
            "Every error that driveql raises on purpose is a `driveql.DriveqlError`. It has `message`, and where there is"
            " one `code` (the server's own), `hint` (what to do next), `request_id` (for Microsoft's support) and"
            " `retryable`. None carries a secret, a token or a pre-authenticated URL.\n",
            "On the command line an error is printed on standard error, with `--json` as one JSON object, and the exit code"
            " says its kind.\n",
            table(["class", "meaning", "exit code", "what to do"], rows),
        ]
    )


def tree(kind: type[DriveqlError] = DriveqlError, depth: int = 0) -> list[tuple[int, type[DriveqlError]]]:
    """Return the classes of `driveql.errors` in the order of their declaration, with their depth."""
    found = [(depth, kind)]
    for below in kind.__subclasses__():
        # PEP 249's classes are derived from these, and are named like them.
        if getattr(errors, below.__name__, None) is below:
            found += tree(below, depth + 1)
    return found
