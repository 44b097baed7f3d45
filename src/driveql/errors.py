"""The one tree of exceptions. Every error driveql raises on purpose is a leaf of it.

    DriveqlError
    ├── ConfigurationError            what the person configured cannot work; no request was sent
    │   ├── ParameterError            one connection parameter is missing or malformed
    │   ├── ConnectionNotFoundError   no stored connection has that name
    │   ├── SecretError               a secret reference could not be resolved
    │   ├── InvalidCertificateError   the certificate or its key cannot be used
    │   │   ├── CertificatePasswordError
    │   │   ├── CertificateKeyMissingError
    │   │   ├── CertificateKeyMismatchError
    │   │   ├── UnsupportedKeyError
    │   │   └── CertificateValidityError   expired, or not yet valid
    │   ├── InvalidPathError          a path or address that OneDrive could never hold
    │   └── MissingExtraError         an optional part of driveql is not installed
    ├── AuthenticationError           Entra ID or the token was refused
    │   ├── CredentialRejectedError
    │   ├── ConsentMissingError
    │   └── InteractionRequiredError
    ├── TransportError                no usable answer arrived
    │   ├── ConnectError              the request was never sent
    │   ├── RequestTimeoutError
    │   ├── TlsError
    │   └── ConnectionLostError       the request may have been carried out
    ├── ApiError                      Graph answered with an error
    │   ├── BadRequestError
    │   ├── PermissionDeniedError
    │   ├── NotFoundError
    │   ├── AlreadyExistsError
    │   ├── ConflictError
    │   ├── ItemChangedError
    │   ├── LockedError
    │   ├── QuotaExceededError
    │   ├── ThrottledError
    │   ├── ResyncRequiredError
    │   ├── InfectedFileError
    │   ├── NotSupportedByServerError
    │   └── UnavailableError
    ├── ProtocolError                 the server broke its contract
    ├── IntegrityError                the bytes are not the bytes the server described
    ├── LocalFileError                a local file could not be read or written
    └── SqlError                      a statement cannot be planned or run
        ├── SqlSyntaxError
        ├── SqlNotSupportedError
        └── WriteError            some rows of a write were not done; it tells which

A message states what happened and to which item or parameter; `hint` says what to do next.
Neither ever carries a secret, a token, a private key or a pre-authenticated URL.
"""

from __future__ import annotations


class DriveqlError(Exception):
    """Root of the tree.

    Parameters:
        message: what happened, and to which item or parameter.
        code: the server's own code (`itemNotFound`, `AADSTS700027`), where there is one.
        hint: what the person can do next.
        request_id: the server's request id, to quote to its support.
        retryable: True where the same call may succeed later without any change.
    """

    def __init__(
        self,
        message: str,
        *,
        code: str | None = None,
        hint: str | None = None,
        request_id: str | None = None,
        retryable: bool = False,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.code = code
        self.hint = hint
        self.request_id = request_id
        self.retryable = retryable

    def __str__(self) -> str:
        details = [
            f"code {self.code}" if self.code else "",
            f"request id {self.request_id}" if self.request_id else "",
        ]
        inside = ", ".join(part for part in details if part)
        text = f"{self.message} ({inside})" if inside else self.message
        return f"{text}\n{self.hint}" if self.hint else text

    def __reduce__(self) -> tuple[object, ...]:
        return (_rebuild, (type(self), self.args, self.__dict__))


def _rebuild(kind: type[DriveqlError], args: tuple[object, ...], state: dict[str, object]) -> DriveqlError:
    error = kind.__new__(kind, *args)
    error.args = args
    error.__dict__.update(state)
    return error


class ConfigurationError(DriveqlError):
    """What the person configured cannot work; no request was sent."""


class ParameterError(ConfigurationError):
    """A connection parameter is missing or malformed.

    Parameters:
        parameter: the parameter's name as `product.md` spells it (`GroupOrUserId`).
    """

    def __init__(self, message: str, *, parameter: str, hint: str | None = None) -> None:
        super().__init__(message, hint=hint)
        self.parameter = parameter


class ConnectionNotFoundError(ConfigurationError):
    """No stored connection has that name, or none was chosen."""


class SecretError(ConfigurationError):
    """A secret reference could not be resolved."""


class InvalidCertificateError(ConfigurationError):
    """The certificate or its key cannot be used."""


class CertificatePasswordError(InvalidCertificateError):
    """The certificate's password is wrong or missing."""


class CertificateKeyMissingError(InvalidCertificateError):
    """The file holds a certificate without its private key."""


class CertificateKeyMismatchError(InvalidCertificateError):
    """The private key does not belong to the certificate."""


class UnsupportedKeyError(InvalidCertificateError):
    """The key is not an RSA key; Entra ID accepts no other kind."""


class CertificateValidityError(InvalidCertificateError):
    """The certificate has expired or is not valid yet."""


class InvalidPathError(ConfigurationError):
    """A path or address that OneDrive could never hold."""


class MissingExtraError(ConfigurationError):
    """An optional part of driveql is not installed."""


class AuthenticationError(DriveqlError):
    """Entra ID refused the credential, or Graph refused the token."""


class CredentialRejectedError(AuthenticationError):
    """The certificate, secret or application was not accepted."""


class ConsentMissingError(AuthenticationError):
    """The application lacks a permission or its administrator's consent."""


class InteractionRequiredError(AuthenticationError):
    """A person has to sign in again."""


class TransportError(DriveqlError):
    """No usable answer arrived."""


class ConnectError(TransportError):
    """No connection could be made; the request was never sent."""


class RequestTimeoutError(TransportError):
    """No answer in time; the request may have been carried out."""


class TlsError(TransportError):
    """The server's certificate is not trusted, or TLS could not be agreed."""


class ConnectionLostError(TransportError):
    """The connection broke; the request may have been carried out."""


class ApiError(DriveqlError):
    """Graph answered with an error.

    Parameters:
        status: the HTTP status.
        attempts: how many times the request was sent.
        elapsed: seconds from the first attempt to the last answer.
    """

    def __init__(
        self,
        message: str,
        *,
        status: int,
        code: str | None = None,
        hint: str | None = None,
        request_id: str | None = None,
        retryable: bool = False,
        attempts: int = 1,
        elapsed: float = 0.0,
    ) -> None:
        super().__init__(message, code=code, hint=hint, request_id=request_id, retryable=retryable)
        self.status = status
        self.attempts = attempts
        self.elapsed = elapsed


class BadRequestError(ApiError):
    """Graph did not understand the request (400, 405, 406, 411, 413)."""


class PermissionDeniedError(ApiError):
    """The application may not do this (403)."""


class NotFoundError(ApiError):
    """No such item, drive, user, group or site (404)."""


class AlreadyExistsError(ApiError):
    """An item of that name is already there (409 nameAlreadyExists)."""


class ConflictError(ApiError):
    """The request conflicts with the state of the item (409)."""


class ItemChangedError(ApiError):
    """The item changed since its eTag was read (412)."""


class LockedError(ApiError):
    """The file is locked or checked out by somebody (423)."""


class QuotaExceededError(ApiError):
    """The drive is full (507)."""


class ThrottledError(ApiError):
    """Graph asked for fewer requests, and kept asking (429)."""


class ResyncRequiredError(ApiError):
    """A delta token is too old (410). `location` is where the service has the listing begin anew, if it says so."""

    location: str | None = None


class InfectedFileError(ApiError):
    """The service found a virus in the file and refuses to hand it out (403)."""


class NotSupportedByServerError(ApiError):
    """The server does not implement the request (501)."""


class UnavailableError(ApiError):
    """The service is unavailable (5xx) and stayed so."""


class ProtocolError(DriveqlError):
    """The server broke its contract: a repeated next link, a link to another host, a body that is not JSON."""


class IntegrityError(DriveqlError):
    """The bytes are not the bytes the server described."""


class LocalFileError(DriveqlError):
    """A local file could not be read or written."""


class SqlError(DriveqlError):
    """A statement cannot be planned or run."""


class SqlSyntaxError(SqlError):
    """The statement is not SQL that driveql understands."""


class SqlNotSupportedError(SqlError):
    """The statement is SQL, but driveql does not do this."""


class WriteError(SqlError):
    """Some rows of a write were not done.

    `outcomes` has one mapping for each row: path, id, action, outcome, error_code, error_message, request_id.
    """

    outcomes: tuple[dict[str, str | None], ...] = ()
