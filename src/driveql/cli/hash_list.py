"""Lists of hashes as `sha256sum` writes them: a hash, two spaces, a name. Any name survives, and none drives a terminal."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

import click

from driveql.cli.text import escaped
from driveql.errors import LocalFileError

_LINE = re.compile(r"(\\?)([A-Za-z0-9+/=]+) [ *](.+)")


def line(value: str, name: str) -> str:
    """Return a line of a list of hashes. One that begins with a backslash has characters of its name written out."""
    written = "".join(
        character if character != "\\" and escaped(character) == character else f"\\u{ord(character):04x}"
        for character in name
    )
    return f"{'' if written == name else chr(92)}{value}  {written}"


def listed(files: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    """Yield the hashes and names of lists."""
    for file in files:
        try:
            with click.open_file(file, encoding="utf-8") as lines:
                yield from entries(file, lines)
        except (OSError, UnicodeDecodeError) as error:
            raise LocalFileError(
                f"{file}: {getattr(error, 'strerror', None) or 'is no list of hashes'}."
            ) from None


def entries(file: str, lines: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Yield hash and name of each line. Raises click.UsageError where one is something else."""
    for number, text in enumerate(lines, 1):
        if not text.strip():
            continue
        match = _LINE.fullmatch(text.rstrip("\r\n"))
        if match is None:
            raise click.UsageError(f"{file}: line {number} is not a hash and a name.")
        name = match.group(3)
        if match.group(1):
            name = re.sub(r"\\u([0-9a-f]{4})", lambda found: chr(int(found.group(1), 16)), name)
        value = match.group(2)
        yield (value.casefold() if re.fullmatch(r"[0-9a-fA-F]{40}|[0-9a-fA-F]{64}", value) else value), name
