"""The audit log: a JSON line for each write that begins and for each of its rows, in a file that its owner alone reads.

A statement that cannot be logged is not run. The statement's text is not logged: it may hold contents and passwords.
"""

from __future__ import annotations

import errno
import itertools
import json
import os
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from driveql.errors import LocalFileError
from driveql.sql.writing.outcome import RowOutcome

_numbers = itertools.count(1)


class AuditLog:
    """An open audit log.

    Parameters:
        path: the file, which is added to. connection: who writes.

    Raises:
        LocalFileError: it cannot be opened, or others could read it and that cannot be changed.
    """

    def __init__(self, path: Path, connection: str) -> None:
        self._path = path
        self._connection = connection
        self._number = f"{os.getpid()}-{next(_numbers)}"
        flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0)
        try:
            self._file = os.open(path, flags, 0o600)
            if hasattr(os, "fchmod"):
                os.fchmod(self._file, 0o600)
        except OSError as error:
            raise LocalFileError(
                f"The audit log {path} cannot be written: {error.strerror}. Nothing was done.",
                hint="SET driveql.audit_log = 'a file in a directory that exists'; RESET driveql.audit_log ends it.",
            ) from error

    def begin(self, verb: str, target: str, rows: int) -> None:
        """Say that a statement begins, before its first request that writes."""
        self._line({"event": "begin", "verb": verb, "target": target, "rows": rows})
        self._sync()

    def row(self, outcome: RowOutcome) -> None:
        """Say what became of a row."""
        self._line({"event": "row", "drive_id": outcome.drive_id, **outcome.values()})

    def end(self, done: int, rows: int) -> None:
        """Say that the statement ended."""
        self._line({"event": "end", "done": done, "rows": rows})
        self._sync()

    def _line(self, content: dict[str, Any]) -> None:
        told = {
            "time": datetime.now(UTC).isoformat(timespec="milliseconds"),
            "connection": self._connection,
            "statement": self._number,
            **content,
        }
        line = json.dumps(told, ensure_ascii=True).encode() + b"\n"
        try:
            # One write call a line: lines of several processes do not mix.
            os.write(self._file, line)
        except OSError as error:
            raise self._unwritten(error) from error

    def _sync(self) -> None:
        try:
            os.fsync(self._file)
        except OSError as error:
            # A pipe or a terminal keeps nothing back.
            if error.errno not in {errno.EINVAL, errno.ENOTSUP, errno.EROFS}:
                raise self._unwritten(error) from error

    def _unwritten(self, error: OSError) -> LocalFileError:
        return LocalFileError(
            f"The audit log {self._path} cannot be written: {error.strerror}. The statement was ended.",
            hint="Its rows tell what was done until then, not the log.",
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        os.close(self._file)
