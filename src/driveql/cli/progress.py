"""Progress of transfers: a bar on a terminal's standard error, and nothing anywhere else."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable, Iterator
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
        self._bars = _bars() if shown and sys.stderr.isatty() else None
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

    @contextlib.contextmanager
    def of(self, name: str, size: int) -> Iterator[Report]:
        """Yield what to call with the bytes done of one file of `size` bytes; at the end all of it counts as done."""
        if self._bars is None or self._all is None:
            yield _silent
            return
        bars, everything, before = self._bars, self._all, 0
        task = bars.add_task(escaped(name), total=size, visible=False)

        def report(done: int, of: int) -> None:
            nonlocal before
            bars.update(task, completed=done, total=of, visible=True)
            bars.advance(everything, done - before)
            before = done

        try:
            yield report
        finally:
            bars.remove_task(task)
            bars.advance(everything, size - before)


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
