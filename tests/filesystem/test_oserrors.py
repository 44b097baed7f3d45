"""Every leaf of our tree has its OSError, and what is raised says what happened and to which path."""

from __future__ import annotations

import errno
from collections.abc import Iterator

import pytest

from driveql import errors
from driveql.errors import ApiError, DriveqlError, ParameterError
from driveql.filesystem import OneDriveFileSystem
from driveql.filesystem.oserrors import TABLE, os_error


def tree(kind: type[DriveqlError] = DriveqlError) -> Iterator[type[DriveqlError]]:
    yield kind
    for below in kind.__subclasses__():
        # PEP 249's classes are derived from these, and are named like them.
        if getattr(errors, below.__name__, None) is below:
            yield from tree(below)


def made(kind: type[DriveqlError]) -> DriveqlError:
    if issubclass(kind, ApiError):
        return kind("it broke", status=400, code="someCode", request_id="r-1", hint="do this")
    if issubclass(kind, ParameterError):
        return kind("it broke", parameter="ClientId", hint="do this")
    return kind("it broke", code="someCode", request_id="r-1", hint="do this")


@pytest.mark.parametrize("kind", list(tree()), ids=lambda kind: kind.__name__)
def test_every_error_has_its_own_line_in_the_table(kind: type[DriveqlError]) -> None:
    assert kind in TABLE
    error = made(kind)
    raised = os_error(error, "/a.csv")
    assert type(raised) is TABLE[kind][0]
    assert raised.errno == TABLE[kind][1]
    assert raised.filename == "/a.csv"
    assert raised.__cause__ is error
    assert "it broke" in str(raised)
    assert "do this" in str(raised)
    # fsspec would put an empty error of its own in a TimeoutError's place.
    assert not isinstance(raised, TimeoutError)


def test_the_table_has_no_line_for_what_is_not_in_the_tree() -> None:
    assert set(TABLE) == set(tree())


def test_a_local_error_keeps_its_number() -> None:
    error = errors.LocalFileError("full")
    error.__cause__ = OSError(errno.ENOSPC, "No space left on device")
    assert os_error(error).errno == errno.ENOSPC
    error.__cause__ = PermissionError(errno.EACCES, "Permission denied")
    assert isinstance(os_error(error), PermissionError)


def test_what_a_caller_sees(fs: OneDriveFileSystem) -> None:
    with pytest.raises(FileNotFoundError) as caught:
        fs.cat_file("/nowhere/a b.txt")
    assert caught.value.errno == errno.ENOENT
    assert caught.value.filename == "/nowhere/a b.txt"
    cause = caught.value.__cause__
    assert isinstance(cause, errors.NotFoundError)
    assert cause.request_id
    assert cause.request_id in str(caught.value)
