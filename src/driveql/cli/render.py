"""How results look: tables and colour on a terminal, tab-separated lines in a pipe, one JSON object a line with `--json`.

rich is imported only where it draws. NO_COLOR is respected; every text is escaped before it is shown.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from typing import TYPE_CHECKING, Literal

from driveql.cli.text import escaped, human_size, json_line, local_time, plain

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

Kind = Literal["text", "size", "time", "count", "name"]
Row = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Column:
    """One column: the record's key, its title, and what kind of value it holds (sizes in bytes, aware times)."""

    key: str
    title: str
    kind: Kind = "text"


class Output:
    """Writes results to standard output.

    Parameters:
        as_json: one JSON object a line, whatever standard output is.
    """

    def __init__(self, *, as_json: bool = False) -> None:
        self.as_json = as_json
        self.terminal = not as_json and sys.stdout.isatty()

    def rows(self, columns: Sequence[Column], rows: Iterable[Row], *, heading: bool = True) -> None:
        """Write records: with all their keys as JSON, with the columns' otherwise; streamed but on a terminal.

        Parameters:
            heading: whether the columns' titles are shown on a terminal, and their keys as first line in a pipe.
        """
        if self.as_json:
            _write(map(json_line, rows))
        elif self.terminal:
            console().print(drawn(columns, rows, heading=heading))
        else:
            titles = ["\t".join(column.key for column in columns)] if heading else []
            cells = ("\t".join(escaped(plain(row.get(column.key))) for column in columns) for row in rows)
            _write(chain(titles, cells))

    def record(self, row: Row, kinds: Mapping[str, Kind] | None = None) -> None:
        """Write one record: a line for each of its fields, or one JSON object."""
        if self.as_json:
            _write([json_line(row)])
            return
        if not self.terminal:
            _write(f"{key}\t{escaped(plain(value))}" for key, value in row.items())
            return
        table = _grid()
        for key, value in row.items():
            if value is not None:
                table.add_row(
                    _text(key.replace("_", " "), "dim"), cell(value, (kinds or {}).get(key, "text"))
                )
        console().print(table)

    def fields(self, rows: Iterable[tuple[object, ...]]) -> None:
        """Write rows without titles: aligned at their first field on a terminal, separated by tabs in a pipe."""
        if not self.terminal:
            _write("\t".join(escaped(plain(value)) for value in row) for row in rows)
            return
        _write(
            f"{escaped(plain(first)):>10}  " + "  ".join(escaped(plain(value)) for value in rest)
            for first, *rest in rows
        )

    def lines(self, texts: Iterable[str]) -> None:
        """Write lines of text, escaped."""
        _write(map(escaped, texts))


def _write(lines: Iterable[str]) -> None:
    """Write lines as they come, a buffer at a time: a flush for each would cost more than the rest."""
    for line in lines:
        sys.stdout.write(line + "\n")
    sys.stdout.flush()


def console(*, stderr: bool = False) -> Console:
    """Return rich's console; a pipe is never wrapped."""
    from rich.console import Console

    stream = sys.stderr if stderr else sys.stdout
    return Console(
        file=stream,
        highlight=False,
        markup=False,
        emoji=False,
        soft_wrap=False,
        no_color=bool(os.environ.get("NO_COLOR")) or None,
    )


def drawn(columns: Sequence[Column], rows: Iterable[Row], *, heading: bool = True) -> Table:
    """Return records as a table for a terminal."""
    from rich.table import Table

    table = Table(box=None, pad_edge=False, show_header=heading, header_style="bold")
    for column in columns:
        right = column.kind in {"size", "count"}
        table.add_column(
            _text(column.title),
            justify="right" if right else "left",
            no_wrap=column.kind in {"size", "count", "time"},
            overflow="fold",
        )
    for row in rows:
        table.add_row(*(cell(row.get(column.key), column.kind) for column in columns))
    return table


def cell(value: object, kind: Kind = "text") -> Text:
    """Return a value as a person reads it on a terminal."""
    if value is None:
        return _text("")
    if kind == "size" and isinstance(value, int):
        return _text(human_size(value))
    if kind == "count" and isinstance(value, int):
        return _text(f"{value:,}")
    if isinstance(value, datetime) and value.tzinfo:
        return _text(local_time(value))
    text = plain(value)
    return _text(text, "bold blue" if kind == "name" and text.endswith("/") else "")


def _text(value: str, style: str = "") -> Text:
    from rich.text import Text

    return Text(escaped(value), style=style)


def _grid() -> Table:
    from rich.table import Table

    grid = Table.grid(padding=(0, 2))
    grid.add_column(justify="right", no_wrap=True)
    grid.add_column(overflow="fold")
    return grid
