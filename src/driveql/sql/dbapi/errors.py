"""PEP 249's exceptions, and the one total table from driveql's tree to them.

What a cursor raises is both: `except driveql.NotFoundError` and `except dbapi.OperationalError` catch the same error, with its
code, hint and request id. For every class of the tree there is one class here that inherits from it and from its PEP 249 class.
Source: https://peps.python.org/pep-0249/#exceptions
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import duckdb

from driveql import errors as tree
from driveql.errors import DriveqlError, SqlError


class Warning(Exception):  # noqa: A001, N818 - PEP 249's own name
    """PEP 249: important warnings. driveql raises none; `Cursor.messages` holds them."""


class Error(Exception):
    """PEP 249: the root of all errors of this module."""


class InterfaceError(Error):
    """PEP 249: an error of the interface, such as a closed cursor."""


class DatabaseError(Error):
    """PEP 249: an error of the database."""


class DataError(DatabaseError):
    """PEP 249: a value that cannot be processed."""


class OperationalError(DatabaseError):
    """PEP 249: an error of the database's operation, not necessarily under the programmer's control."""


class IntegrityError(DatabaseError):
    """PEP 249: the integrity of the data is affected."""


class InternalError(DatabaseError):
    """PEP 249: the database met an internal error."""


class ProgrammingError(DatabaseError):
    """PEP 249: a mistake in the statement or its parameters."""


class NotSupportedError(DatabaseError):
    """PEP 249: the database does not do this."""


# The nearest entry upward in the tree holds for a class.
_KINDS: Mapping[type[DriveqlError], type[Error]] = {
    tree.DriveqlError: InternalError,
    tree.ConfigurationError: InterfaceError,
    tree.InvalidPathError: ProgrammingError,
    tree.AuthenticationError: OperationalError,
    tree.TransportError: OperationalError,
    tree.ApiError: OperationalError,
    tree.BadRequestError: ProgrammingError,
    tree.AlreadyExistsError: IntegrityError,
    tree.ConflictError: IntegrityError,
    tree.ItemChangedError: IntegrityError,
    tree.NotSupportedByServerError: NotSupportedError,
    tree.ProtocolError: InternalError,
    tree.IntegrityError: DataError,
    tree.LocalFileError: OperationalError,
    tree.SqlError: OperationalError,
    tree.SqlSyntaxError: ProgrammingError,
    tree.SqlNotSupportedError: NotSupportedError,
}
_ENGINE_KINDS: tuple[tuple[type[Exception], type[Error]], ...] = (
    (duckdb.DataError, DataError),
    (duckdb.IntegrityError, IntegrityError),
    (duckdb.InternalError, InternalError),
    (duckdb.NotSupportedError, NotSupportedError),
    (duckdb.ProgrammingError, ProgrammingError),
)


def kind_of(error: DriveqlError) -> type[Error]:
    """Return the PEP 249 class of an error; the engine's own word counts for errors of the engine."""
    if type(error) is SqlError:
        for engine, kind in _ENGINE_KINDS:
            if isinstance(error.__cause__, engine):
                return kind
    return next(_KINDS[ancestor] for ancestor in type(error).__mro__ if ancestor in _KINDS)


def raised_from(error: DriveqlError) -> DriveqlError:
    """Return the error to raise from the interface: of the same class of the tree, and of PEP 249's.

    The original is its cause, where it had none of its own.
    """
    if isinstance(error, Error):
        return error
    joined = _joined(type(error), kind_of(error))
    raised = joined.__new__(joined, *error.args)
    raised.args = error.args
    raised.__dict__.update(error.__dict__)
    raised.__cause__ = error.__cause__ or error
    return raised.with_traceback(error.__traceback__)


_known: dict[tuple[type[DriveqlError], type[Error]], type[DriveqlError]] = {}


def _joined(leaf: type[DriveqlError], kind: type[Error]) -> type[DriveqlError]:
    if (leaf, kind) not in _known:
        documented = {"__doc__": leaf.__doc__, "__module__": leaf.__module__, "__reduce__": _reduce}
        _known[leaf, kind] = type(leaf.__name__, (leaf, kind), documented)
    return _known[leaf, kind]


def _reduce(self: DriveqlError) -> tuple[object, ...]:
    leaf, kind = type(self).__mro__[1], next(base for base in type(self).__bases__ if issubclass(base, Error))
    return (_rebuilt, (leaf, kind, self.args, dict(self.__dict__)))


def _rebuilt(
    leaf: type[DriveqlError], kind: type[Error], args: tuple[object, ...], state: dict[str, object]
) -> DriveqlError:
    joined = _joined(leaf, kind)
    error = joined.__new__(joined, *args)
    error.args = args
    error.__dict__.update(state)
    return error


def interface_error(message: str, hint: str | None = None, *, code: str | None = None) -> DriveqlError:
    """Return the error of a call that the interface cannot take, such as one on a closed cursor."""
    return _joined(SqlError, InterfaceError)(message, hint=hint, code=code)


def programming_error(message: str, hint: str | None = None) -> DriveqlError:
    """Return the error of a wrong call, such as a fetch without a statement."""
    return _joined(SqlError, ProgrammingError)(message, hint=hint)


def leaves(root: type[DriveqlError] = DriveqlError) -> Iterator[type[DriveqlError]]:
    """Yield every class of driveql's tree that has no subclass in it."""
    below = [kind for kind in root.__subclasses__() if not issubclass(kind, Error)]
    if not below:
        yield root
    for kind in below:
        yield from leaves(kind)
