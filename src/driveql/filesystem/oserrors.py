"""fsspec speaks OSError: the one table from leaves of our tree to the operating system's terms.

The original error is the `__cause__`; its message, code, request id and hint are the text.
"""

from __future__ import annotations

import errno
import functools
import os
import shutil
from collections.abc import AsyncGenerator, Callable, Coroutine
from typing import Any, ParamSpec, TypeVar

from driveql import errors
from driveql.errors import DriveqlError

P = ParamSpec("P")
T = TypeVar("T")

# A time-out is no TimeoutError here: fsspec replaces those by one of its own without a message.
TABLE: dict[type[DriveqlError], tuple[type[OSError], int]] = {
    errors.DriveqlError: (OSError, errno.EIO),
    errors.ConfigurationError: (OSError, errno.EINVAL),
    errors.ParameterError: (OSError, errno.EINVAL),
    errors.ConnectionNotFoundError: (OSError, errno.EINVAL),
    errors.SecretError: (OSError, errno.EINVAL),
    errors.InvalidCertificateError: (OSError, errno.EINVAL),
    errors.CertificatePasswordError: (OSError, errno.EINVAL),
    errors.CertificateKeyMissingError: (OSError, errno.EINVAL),
    errors.CertificateKeyMismatchError: (OSError, errno.EINVAL),
    errors.UnsupportedKeyError: (OSError, errno.EINVAL),
    errors.CertificateValidityError: (OSError, errno.EINVAL),
    errors.InvalidPathError: (OSError, errno.EINVAL),
    errors.MissingExtraError: (OSError, errno.ENOSYS),
    errors.AuthenticationError: (PermissionError, errno.EACCES),
    errors.CredentialRejectedError: (PermissionError, errno.EACCES),
    errors.ConsentMissingError: (PermissionError, errno.EACCES),
    errors.InteractionRequiredError: (PermissionError, errno.EACCES),
    errors.TransportError: (ConnectionError, errno.ECONNABORTED),
    errors.ConnectError: (ConnectionError, errno.ECONNREFUSED),
    errors.RequestTimeoutError: (ConnectionError, errno.ETIMEDOUT),
    errors.TlsError: (ConnectionError, errno.ECONNABORTED),
    errors.ConnectionLostError: (ConnectionError, errno.ECONNRESET),
    errors.ApiError: (OSError, errno.EIO),
    errors.BadRequestError: (OSError, errno.EINVAL),
    errors.PermissionDeniedError: (PermissionError, errno.EACCES),
    errors.NotFoundError: (FileNotFoundError, errno.ENOENT),
    errors.AlreadyExistsError: (FileExistsError, errno.EEXIST),
    errors.ConflictError: (OSError, errno.EBUSY),
    errors.ItemChangedError: (OSError, errno.ESTALE),
    errors.LockedError: (OSError, errno.EBUSY),
    errors.QuotaExceededError: (OSError, errno.ENOSPC),
    errors.ThrottledError: (OSError, errno.EBUSY),
    errors.ResyncRequiredError: (OSError, errno.ESTALE),
    errors.InfectedFileError: (PermissionError, errno.EACCES),
    errors.NotSupportedByServerError: (OSError, errno.ENOSYS),
    errors.UnavailableError: (OSError, errno.EIO),
    errors.ProtocolError: (OSError, errno.EPROTO),
    errors.IntegrityError: (OSError, errno.EIO),
    errors.LocalFileError: (OSError, errno.EIO),
    errors.SqlError: (OSError, errno.EINVAL),
    errors.SqlSyntaxError: (OSError, errno.EINVAL),
    errors.SqlNotSupportedError: (OSError, errno.ENOSYS),
    errors.WriteError: (OSError, errno.EIO),
}


def os_error(error: DriveqlError, path: str | None = None) -> OSError:
    """Return the OSError for an error of ours; `path` becomes its `filename`.

    A local file's own OSError, kept inside a LocalFileError, lends its errno.
    """
    kind, number = next(TABLE[cls] for cls in type(error).__mro__ if cls in TABLE)
    if isinstance(error, errors.LocalFileError) and isinstance(error.__cause__, OSError):
        kind, number = type(error.__cause__), error.__cause__.errno or number
    raised = kind(number, str(error), path)
    raised.__cause__ = error
    return raised


def plain(number: int, path: str) -> OSError:
    """Return the operating system's own error of that number about a path."""
    return OSError(number, os.strerror(number), path)


def same_file(path: str) -> OSError:
    """Return the error for a copy of a file onto itself."""
    return shutil.SameFileError(errno.EINVAL, "Source and target of the copy are the same", path)


def translated(
    method: Callable[P, Coroutine[Any, Any, T]],
) -> Callable[P, Coroutine[Any, Any, T]]:
    """Let a coroutine method raise OSErrors in place of our own; the first text argument is the path."""

    @functools.wraps(method)
    async def wrapper(*args: P.args, **kwargs: P.kwargs) -> T:
        try:
            return await method(*args, **kwargs)
        except DriveqlError as error:
            raise os_error(error, _path(args)) from error

    return wrapper


def translated_generator(
    method: Callable[P, AsyncGenerator[T, None]],
) -> Callable[P, AsyncGenerator[T, None]]:
    """The same for an asynchronous generator."""

    @functools.wraps(method)
    async def wrapper(*args: P.args, **kwargs: P.kwargs) -> AsyncGenerator[T, None]:
        source = method(*args, **kwargs)
        try:
            async for item in source:
                yield item
        except DriveqlError as error:
            raise os_error(error, _path(args)) from error
        finally:
            await source.aclose()

    return wrapper


def _path(args: tuple[object, ...]) -> str | None:
    return next((each for each in args if isinstance(each, str)), None)
