"""Where errors of driveql's tree leave through PEP 249's interface."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from driveql.errors import DriveqlError
from driveql.sql.dbapi.errors import raised_from


@contextlib.contextmanager
def as_pep249() -> Iterator[None]:
    """Raise errors of driveql's tree as PEP 249 wants them."""
    try:
        yield
    except DriveqlError as error:
        raised = raised_from(error)
        if raised is error:
            raise
        raise raised from raised.__cause__
