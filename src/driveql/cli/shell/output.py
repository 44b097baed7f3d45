"""Where the shell's rows go: the terminal in the chosen look, or a file that holds whole results only."""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path
from shutil import copyfileobj

from driveql.cli import formats
from driveql.cli.formats import Rows
from driveql.cli.shell.meta import FORMATS, Look
from driveql.cli.sql_run import give_name, is_special
from driveql.errors import LocalFileError

_SUFFIXES = {"ndjson": "jsonl", "tsv": "table"}


class OutputFile:
    """A file that rows are written to: the first result replaces it, each further one is added; what fails leaves it as it was.

    Parameters:
        look: its format is used where the file's name tells none.
    """

    def __init__(self, path: Path, look: Look) -> None:
        suffix = path.suffix.lower().removeprefix(".")
        known = _SUFFIXES.get(suffix, suffix)
        self.path = path
        self._format = known if known in (*FORMATS, "parquet") else look.format
        self._special = self._begun = is_special(path)
        if not path.parent.is_dir():
            raise LocalFileError(f"{path}: there is no directory {path.parent}.")
        if path.is_dir():
            raise LocalFileError(f"{path} is a directory.")

    def write(self, rows: Rows) -> None:
        """Write one result.

        Raises:
            LocalFileError: the file cannot be written, or is a Parquet file that holds a result already.
        """
        if self._begun and self._format == "parquet":
            raise LocalFileError(
                f"{self.path} holds one result, as every Parquet file.", hint="Give \\o another name."
            )
        try:
            beside = None if self._special else Path(os.path.realpath(self.path)).parent
            descriptor, part = tempfile.mkstemp(prefix=".driveql-", suffix=".part", dir=beside)
        except OSError as error:
            raise LocalFileError(f"{self.path}: {error.strerror}.") from None
        try:
            with os.fdopen(descriptor, "w+b") as stream:
                formats.write(rows, self._format, stream, terminal=False)
                if self._begun:
                    stream.seek(0)
                    with self.path.open("ab") as file:
                        copyfileobj(stream, file)
            if not self._begun:
                give_name(Path(part), self.path)
                self._begun = True
        except OSError as error:
            raise LocalFileError(f"{self.path}: {error.strerror or error}.") from None
        finally:
            Path(part).unlink(missing_ok=True)


def to_terminal(rows: Rows, look: Look) -> int | None:
    """Write all rows to standard output; return how many there were, where a person would count them."""
    sys.stdout.flush()
    if look.format != "table":
        formats.write(rows, look.format, sys.stdout.buffer, terminal=sys.stdout.isatty())
        return None
    from driveql.cli.drawing import draw

    return draw(rows, expanded=look.expanded, paged=True)
