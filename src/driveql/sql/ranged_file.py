"""Files of a statement as seekable binary files for DuckDB: those in OneDrive are the file system's own reading.

DuckDB opens a file several times for one query: to guess its format, to bind, to scan. What was fetched for one opening serves
the others, and all of them read one version of the file. Cancelling the statement ends every read.
"""

from __future__ import annotations

import abc
import io
from concurrent.futures import Future

from driveql.errors import ConnectionLostError, DriveqlError
from driveql.filesystem.blocks import Blocks
from driveql.filesystem.position import Position
from driveql.filesystem.readahead import Readahead
from driveql.sql.pump import interruptible
from driveql.sql.reading.spooled import Spool
from driveql.sql.source import FileItem, OpenedSource
from driveql.sql.statement import Statement
from driveql.sql.tally import counted
from driveql.sql.tenant import Tenant


class StatementFile(io.RawIOBase):
    """One opening. Threads may seek and read at once.

    Parameters:
        size: the file's length in bytes. shown: its name, for errors.
    """

    def __init__(self, statement: Statement, size: int, shown: str) -> None:
        super().__init__()
        self._statement = statement
        self._shown = shown
        self._position = Position()
        self.size = size

    def readable(self) -> bool:
        """True."""
        return True

    def seekable(self) -> bool:
        """True."""
        return True

    def tell(self) -> int:
        """Return the position in bytes."""
        return self._position.tell()

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Move to a position in bytes and return it."""
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._position.tell(), io.SEEK_END: self.size}[whence]
        return self._position.seek(max(0, base + offset))

    def readinto(self, buffer: object) -> int:
        """Fill a writable buffer from the position on; fewer bytes only at the file's end."""
        view = memoryview(buffer)  # type: ignore[arg-type]  # any writable buffer is one
        content = self.read(len(view))
        view[: len(content)] = content
        return len(content)

    def readall(self) -> bytes:
        """Return everything from the position on."""
        return self.read(-1)

    def read(self, size: int = -1) -> bytes:
        """Return `size` bytes from the position on; fewer only at the file's end."""
        try:
            self._statement.check()
            return self._range(*self._position.advance(size, self.size))
        except EOFError as error:
            lost = ConnectionLostError(f"{self._shown}: {error}")
            self._statement.failed(lost)
            raise lost from error
        except DriveqlError as error:
            self._statement.failed(error)
            raise

    @abc.abstractmethod
    def _range(self, start: int, stop: int) -> bytes:
        """Return bytes `start` to `stop` (exclusive)."""


class RangedFile(StatementFile):
    """A file in OneDrive.

    Parameters:
        item: what is read. opened: its version, shared by all openings. blocks: where pieces are kept for them.
    """

    def __init__(self, tenant: Tenant, item: FileItem, opened: OpenedSource, blocks: Blocks) -> None:
        super().__init__(tenant.statement, item.size, item.path or item.name)
        self._tenant = tenant
        self._opened = opened
        self._reads = Readahead(item.size, self._begin, blocks, opened)

    def close(self) -> None:
        """Give up what is on its way."""
        if not self.closed:
            self._reads.close()
        super().close()

    def _range(self, start: int, stop: int) -> bytes:
        return self._reads.read(start, stop)

    def _begin(self, start: int, end: int) -> Future[bytes]:
        with counted(self._statement.contents):
            return self._tenant.portal.begin(interruptible(self._opened.read(start, end), self._statement))


class SpooledFile(StatementFile):
    """What a statement makes of a file; closing an opening leaves it for the next."""

    def __init__(self, statement: Statement, spool: Spool, shown: str) -> None:
        super().__init__(statement, spool.size(), shown)
        self._spool = spool

    def _range(self, start: int, stop: int) -> bytes:
        return self._spool.read(start, stop)
