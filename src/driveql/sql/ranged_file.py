"""A file in OneDrive as a seekable binary file for DuckDB: the file system's own reading, ended by the statement's cancellation.

DuckDB opens a file several times for one query: to guess its format, to bind, to scan. What was fetched for one opening serves
the others, and all of them read one version of the file.
"""

from __future__ import annotations

import io
from concurrent.futures import Future

from driveql.errors import ConnectionLostError, DriveqlError
from driveql.filesystem.blocks import Blocks
from driveql.filesystem.position import Position
from driveql.filesystem.readahead import Readahead
from driveql.sql.dataset import Tenant
from driveql.sql.pump import interruptible
from driveql.sql.source import FileItem, OpenedSource


class RangedFile(io.RawIOBase):
    """One opening. Threads may seek and read at once.

    Parameters:
        item: what is read. opened: its version, shared by all openings. blocks: where pieces are kept for them.
    """

    def __init__(self, tenant: Tenant, item: FileItem, opened: OpenedSource, blocks: Blocks) -> None:
        super().__init__()
        self._tenant = tenant
        self._statement = tenant.statement
        self._item = item
        self._opened = opened
        self._position = Position()
        self._reads = Readahead(item.size, self._begin, blocks, opened)

    @property
    def size(self) -> int:
        """The file's length in bytes."""
        return self._item.size

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
        view = memoryview(buffer)  # type: ignore[arg-type]
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
            return self._reads.read(*self._position.advance(size, self.size))
        except EOFError as error:
            lost = ConnectionLostError(f"{self._item.path or self._item.name}: {error}")
            self._statement.failed(lost)
            raise lost from error
        except DriveqlError as error:
            self._statement.failed(error)
            raise

    def close(self) -> None:
        """Give up what is on its way."""
        if not self.closed:
            self._reads.close()
        super().close()

    def _begin(self, start: int, end: int) -> Future[bytes]:
        return self._tenant.portal.begin(interruptible(self._opened.read(start, end), self._statement))
