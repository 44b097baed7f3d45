"""The part of a JSON document that has the rows, found while the document is read: it is never in memory as a whole. Pure.

A root is a JSONPath of names and `[*]`: `$.value[*]`, `$['odata value'].rows[*]`, `$[*]`. Values are written as they stood.
Source: RFC 9535
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterable, Iterator
from typing import Any, BinaryIO

import ijson
import orjson

from driveql.errors import SqlError, SqlNotSupportedError
from driveql.sql.reading.json_document import Checked, unpacked

# A name, or None for every element of an array.
Steps = tuple[str | None, ...]
_STEP = re.compile(
    r"\.([A-Za-z_\u0080-\U0010ffff][\w\u0080-\U0010ffff]*)|\['((?:[^'\\]|\\.)*)'\]|\[\"((?:[^\"\\]|\\.)*)\"\]|(\[\*\])"
)
_PIECE_BYTES = 1 << 16
# Of one value, which may be a whole document.
_PARTS = 1 << 12


def parse(root: str) -> Steps:
    """Return the steps of a root.

    Raises:
        SqlNotSupportedError: it is not of that form.
    """
    text, position = root.strip(), 1
    steps: list[str | None] = []
    while text.startswith("$") and position < len(text):
        match = _STEP.match(text, position)
        if match is None:
            break
        plain, single, double, every = match.groups()
        bracketed = single if single is not None else double
        name = plain if plain is not None else re.sub(r"\\(.)", r"\1", bracketed or "")
        steps.append(None if every else name)
        position = match.end()
    if not text.startswith("$") or position < len(text):
        raise SqlNotSupportedError(
            f"root = {root!r}: a root is $, then .name, ['name'] or [*] for the elements of an array.",
            hint="For example $.value[*], or $[*] where the document is an array.",
        )
    return tuple(steps)


def written(steps: Steps) -> str:
    """Return steps as a root."""
    return "$" + "".join("[*]" if step is None else f"['{step}']" for step in steps)


def lines(file: BinaryIO, steps: Steps, shown: str) -> Iterator[bytes]:
    """Yield what a root selects in a document, one JSON value a line, in pieces.

    Parameters:
        shown: the document, for errors.

    Raises:
        SqlError: the document is not JSON, has nothing at that place, or an array where the root does not say `[*]`.
    """
    collected: list[bytes] = []
    size = 0
    try:
        for piece in _Selection(steps, shown).pieces(ijson.basic_parse(Checked(unpacked(file), shown))):
            collected.append(piece)
            size += len(piece)
            if size >= _PIECE_BYTES:
                yield b"".join(collected)
                collected, size = [], 0
    except ijson.JSONError as error:
        raise SqlError(f"{shown} is not a JSON document: {_reason(error)}.") from error
    except (EOFError, zlib.error, OSError) as error:
        raise SqlError(f"{shown} cannot be unpacked: {error}.") from error
    yield b"".join(collected)


def _reason(error: ijson.JSONError) -> str:
    """Return what a parser says, without the bytes that it shows where they are no text."""
    said = error.args[0] if error.args else ""
    text = said.decode("utf-8", "replace") if isinstance(said, bytes) else str(said)
    return (text.strip().splitlines() or ["it cannot be read"])[0].rstrip(".")


class _Selection:
    """Follows the events of a parser to the places that the steps name."""

    def __init__(self, steps: Steps, shown: str) -> None:
        self._steps = steps
        self._shown = shown
        self._reached = False
        self._names: dict[str, None] = {}

    def pieces(self, events: Iterable[tuple[str, Any]]) -> Iterator[bytes]:
        """Yield each selected value as a line of JSON, in pieces."""
        events = iter(events)
        for event, value in events:
            yield from self._at(0, event, value, events)
        if not self._reached:
            seen = ", ".join(list(self._names)[:10])
            raise SqlError(
                f"{self._shown} has nothing at {written(self._steps)}.",
                hint=f"Names on the way there: {seen}." if seen else None,
            )

    def _at(self, depth: int, event: str, value: Any, events: Iterator[tuple[str, Any]]) -> Iterator[bytes]:
        """Yield what is selected in the value that begins with an event; `depth` steps have led to it."""
        if depth == len(self._steps):
            self._reached = True
            if event == "start_array" and (not self._steps or self._steps[-1] is not None):
                raise SqlError(
                    f"{self._shown} has an array at {written(self._steps)}.",
                    hint=f"Its elements are {written((*self._steps, None))}.",
                )
            yield from _json(event, value, events)
            yield b"\n"
        elif event == "start_map":
            yield from self._in_object(depth, events)
        elif event == "start_array":
            yield from self._in_array(depth, events)

    def _in_object(self, depth: int, events: Iterator[tuple[str, Any]]) -> Iterator[bytes]:
        wanted = self._steps[depth]
        for event, name in events:
            if event == "end_map":
                return
            inner, value = next(events)
            if name == wanted:
                yield from self._at(depth + 1, inner, value, events)
            else:
                self._names.setdefault(name) if len(self._names) < 100 else None
                _skip(inner, events)

    def _in_array(self, depth: int, events: Iterator[tuple[str, Any]]) -> Iterator[bytes]:
        every = self._steps[depth] is None
        self._reached |= every and depth + 1 == len(self._steps)
        for event, value in events:
            if event == "end_array":
                return
            if every:
                yield from self._at(depth + 1, event, value, events)
            else:
                _skip(event, events)


def _skip(event: str, events: Iterator[tuple[str, Any]]) -> None:
    depth = int(event.startswith("start"))
    while depth:
        event, _ = next(events)
        depth += event.startswith("start") - event.startswith("end")


def _json(event: str, value: Any, events: Iterator[tuple[str, Any]]) -> Iterator[bytes]:
    """Yield the value that begins with an event as JSON in pieces, its numbers with all their digits."""
    parts: list[str] = []
    depth = 0
    while True:
        if event == "map_key":
            parts += (orjson.dumps(value).decode(), ":")
        else:
            if event in _OPENING:
                parts.append(_OPENING[event])
                depth += 1
            else:
                if event in _CLOSING:
                    if parts[-1] == ",":
                        parts.pop()
                    parts.append(_CLOSING[event])
                    depth -= 1
                else:
                    parts.append(_scalar(event, value))
                if depth == 0:
                    yield "".join(parts).encode()
                    return
                parts.append(",")
        if len(parts) > _PARTS:
            # But the last, a comma that what follows may take back.
            yield "".join(parts[:-1]).encode()
            del parts[:-1]
        event, value = next(events)


_OPENING = {"start_map": "{", "start_array": "["}
_CLOSING = {"end_map": "}", "end_array": "]"}


def _scalar(event: str, value: Any) -> str:
    if event == "string":
        return orjson.dumps(value).decode()
    if event == "number":
        return str(value)
    return {None: "null", True: "true", False: "false"}[value]
