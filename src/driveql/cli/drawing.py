r"""The rows of a query on a terminal: a table that fits it, or a line for each value where it would not; through a pager if long.

NULL is told from the text 'NULL' by its look. Every text is escaped.
"""

from __future__ import annotations

import contextlib
import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import count
from typing import IO, TYPE_CHECKING, Any

from driveql.cli.formats import Row, Rows, fetched, is_number, unique
from driveql.cli.text import escaped
from driveql.cli.value_text import shown_text

if TYPE_CHECKING:
    from rich.console import Console, RenderableType
    from rich.text import Text

ROWS = 1000
# A column narrower than this, though its values are wider, cannot be read.
_READABLE = 12
_GAP = 2


def draw(cursor: Rows, *, expanded: str = "auto", paged: bool = False) -> int:
    """Draw all rows of a cursor on standard output and return how many there were.

    Parameters:
        expanded: `on` writes a line for each value, `off` a table, `auto` a table where it fits.
        paged: lead more than a screenful to the pager.
    """
    from driveql.cli.render import console

    described = [(str(column[0]), str(column[1])) for column in cursor.description or ()]
    names = unique([name for name, _ in described])
    rows = fetched(cursor, ROWS)
    own = console()
    wide = expanded == "on" or (expanded == "auto" and not fits(names, rows, own.width))
    drawing = _Drawing(names, [is_number(type_) for _, type_ in described], wide, own.width)
    with contextlib.ExitStack() as stack:
        first = _rendered(own, drawing.of(rows))
        target: IO[str] = sys.stdout
        pager = pager_command() if paged else None
        if pager and (len(rows) >= ROWS or first.count("\n") >= own.height):
            target = stack.enter_context(_pager(pager))
        written = 0
        with contextlib.suppress(_PagerClosedError):
            _write(target, first)
            while rows:
                written += len(rows)
                rows = fetched(cursor, ROWS)
                if rows:
                    _write(target, _rendered(own, drawing.of(rows)))
    return written


def fits(names: Sequence[str], rows: Sequence[Row], width: int) -> bool:
    """Return True where a table of the rows can be read on a terminal of `width` characters."""
    needed = 0
    for index, name in enumerate(names):
        longest = max((len(shown_text(row[index])) for row in rows), default=0)
        needed += min(max(len(name), longest), _READABLE) + _GAP
    return needed - _GAP <= width


def pager_command() -> list[str] | None:
    """Return the person's pager, None where paging makes no sense: no terminal, `PAGER` empty, or no pager there."""
    if not (sys.stdout.isatty() and sys.stdin.isatty()) or os.environ.get("TERM") == "dumb":
        return None
    words = shlex.split(os.environ.get("PAGER", "less"))
    found = shutil.which(words[0]) if words else None
    return [found, *words[1:]] if found else None


@dataclass(slots=True)
class _Drawing:
    names: list[str]
    numbers: list[bool]
    expanded: bool
    width: int
    numbered: count[int] = field(default_factory=lambda: count(1))
    headed: bool = False

    def of(self, rows: Sequence[Row]) -> list[RenderableType]:
        if self.expanded:
            return [part for row in rows for part in self._record(row)]
        heading, self.headed = not self.headed, True
        return [self._table(rows, heading)] if rows or heading else []

    def _record(self, row: Row) -> list[RenderableType]:
        from rich.table import Table
        from rich.text import Text

        grid = Table.grid(padding=(0, _GAP))
        grid.add_column(no_wrap=True)
        grid.add_column(overflow="fold")
        for name, value in zip(self.names, row, strict=True):
            grid.add_row(Text(escaped(name), style="bold"), _cell(value))
        return [Text(f"-- row {next(self.numbered)} --", style="dim"), grid]

    def _table(self, rows: Sequence[Row], heading: bool) -> RenderableType:
        from rich.table import Table
        from rich.text import Text

        table = Table(box=None, pad_edge=False, show_header=heading, header_style="bold")
        for name, number in zip(self.names, self.numbers, strict=True):
            table.add_column(
                Text(escaped(name)), justify="right" if number else "left", no_wrap=number, overflow="fold"
            )
        for row in rows:
            table.add_row(*map(_cell, row))
        return table


def _cell(value: object) -> Text:
    from rich.text import Text

    return Text("NULL", style="dim italic") if value is None else Text(escaped(shown_text(value)))


def _rendered(own: Console, parts: Sequence[RenderableType]) -> str:
    with own.capture() as captured:
        for part in parts:
            own.print(part)
    return captured.get()


class _PagerClosedError(Exception):
    """The person left the pager; it never leaves this module."""


def _write(target: IO[str], text: str) -> None:
    try:
        target.write(text)
        target.flush()
    except BrokenPipeError:
        if target is sys.stdout:
            raise
        raise _PagerClosedError from None


@contextlib.contextmanager
def _pager(command: list[str]) -> Any:
    """Yield the pager's standard input, and wait until the person leaves it."""
    environment = {"LESS": "FRX"} | os.environ
    process = subprocess.Popen(  # noqa: S603 - the person's own choice
        command, stdin=subprocess.PIPE, text=True, env=environment, errors="backslashreplace"
    )
    assert process.stdin is not None
    try:
        yield process.stdin
    finally:
        with contextlib.suppress(BrokenPipeError):
            process.stdin.close()
        while True:
            with contextlib.suppress(KeyboardInterrupt):
                process.wait()
                break
