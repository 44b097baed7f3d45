"""Progress of transfers: a bar on a terminal's standard error, and nothing anywhere else."""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import TracebackType
from typing import TYPE_CHECKING, Self

from driveql.cli.text import escaped

if TYPE_CHECKING:
    from rich.progress import Progress as Bars

# Called with the bytes done and the bytes in all of one file.
Report = Callable[[int, int], None]


class Progress:
    """Bytes and rate of all transfers together, and of each one under way.

    Parameters:
        shown: False keeps it silent; it is silent too where standard error is no terminal.
    """

    def __init__(self, title: str, *, shown: bool = True) -> None:
        self._title = title
        self._bars = _bars() if shown and sys.stderr.isatty() else None
        self._done: dict[str, int] = {}
        self._total = 0
        self._all = self._bars.add_task(title, total=None) if self._bars else None

    def __enter__(self) -> Self:
        if self._bars:
            self._bars.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._bars:
            self._bars.stop()

    def expect(self, size: int) -> None:
        """Add bytes that are going to be transferred."""
        self._total += size
        if self._bars and self._all is not None:
            self._bars.update(self._all, total=self._total)

    def of(self, name: str) -> Report:
        """Return what to call with the bytes done of one file; its own bar goes when it is complete."""
        if self._bars is None:
            return _silent
        bars, task = self._bars, self._bars.add_task(escaped(name), total=None, visible=False)

        def report(done: int, size: int) -> None:
            bars.update(task, completed=done, total=size, visible=done < size)
            self._done[name] = done
            if self._all is not None:
                bars.update(self._all, completed=sum(self._done.values()))

        return report

    def finished(self, name: str, size: int) -> None:
        """Count a file that ended, also one that failed, as done."""
        self._done[name] = size
        if self._bars and self._all is not None:
            self._bars.update(self._all, completed=sum(self._done.values()))


def _silent(_done: int, _size: int) -> None:
    return None


def _bars() -> Bars:
    from rich.progress import BarColumn, DownloadColumn, TextColumn, TimeRemainingColumn, TransferSpeedColumn
    from rich.progress import Progress as RichProgress

    from driveql.cli.render import console

    return RichProgress(
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        DownloadColumn(binary_units=True),
        TransferSpeedColumn(),
        TimeRemainingColumn(),
        console=console(stderr=True),
        transient=True,
    )
