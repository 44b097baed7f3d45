"""Reads a decoded path piece by piece."""

from __future__ import annotations

import re

from graph_emulator.errors import bad_request
from graph_emulator.rules import check_levels

_KEY_IN_PARENTHESES = re.compile(r"(\w+)\('((?:[^']|'')*)'\)")


class Cursor:
    """The place in a path up to which it is read. Keys may be written as segments or in parentheses."""

    def __init__(self, text: str) -> None:
        self._rest = text.lstrip("/")

    def at_end(self) -> bool:
        """Return whether nothing is left."""
        return not self._rest

    def rest(self) -> str:
        """Return what is left."""
        return self._rest

    def segment(self) -> str:
        """Take the next segment: up to a slash, or to a colon that begins a path."""
        match = _KEY_IN_PARENTHESES.match(self._rest)
        if match is not None and match[1] not in ("search", "delta"):
            self._rest = f"{match[2].replace(chr(39) * 2, chr(39))}{self._rest[match.end() :]}"
            return match[1]
        match = re.match(r"[^/:]*", self._rest)
        taken = match[0] if match is not None else ""
        self._rest = self._rest[len(taken) :].lstrip("/")
        return taken

    def colon_path(self) -> tuple[str, ...] | None:
        """Take `:/a/b:` or `:/a/b` or a lone `:`; None where no path follows."""
        if not self._rest.startswith(":"):
            return None
        inside, _, after = self._rest[1:].partition(":")
        if inside and not inside.startswith("/"):
            raise bad_request("The path after a colon must begin with a slash.", "invalidPath")
        self._rest = after.lstrip("/")
        names = tuple(name for name in inside.split("/") if name not in ("", "."))
        if ".." in names:
            raise bad_request("The path must not contain '..'.", "invalidPath")
        check_levels(names)
        return names
