"""Which statements the shell remembers, and where: one JSON text a line, in a file that only its owner can read.

What looks as if it held a secret is not kept; DRIVEQL_HISTORY names another file, or is `off`.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from driveql import redaction

_KEPT = 2000
_OFF = frozenset({"", "off", "none", "0", "false"})
_SECRETS = (
    # A telling name and a value that is written out: no placeholder.
    re.compile(
        r"(?i)(?:password|passwd|passphrase|\bpwd|secret|token|credential|api_?key|access_?key|private_?key|authorization)"
        r"\w*[\"']?\s*+(?:(?>=>|:=|=|:)\s*+(?!\?|\$\w|:\w|NULL\b)\S|,\s*+[\"'])"
    ),
    re.compile(r"(?i)\bcreate\b.{0,60}\bsecret\b", re.DOTALL),
    re.compile(r"(?i)\bplain:|-----BEGIN|\btempauth=|\bsig="),
    # Entra's client secrets, and keys of AWS.
    re.compile(r"[\w.~-]{3}\dQ~[\w.~-]{20,}|\bAKIA[A-Z0-9]{12,}"),
)


def looks_secret(text: str) -> bool:
    """Return True where a text looks as if it held a password, key or token."""
    return redaction.text(text) != text or any(pattern.search(text) for pattern in _SECRETS)


def history_path(environ: Mapping[str, str] | None = None) -> Path | None:
    """Return the file, None where no history is wanted: `DRIVEQL_HISTORY`, or the per-user place of the platform's convention."""
    environ = os.environ if environ is None else environ
    chosen = environ.get("DRIVEQL_HISTORY")
    if chosen is not None:
        return None if chosen.strip().lower() in _OFF else Path(chosen).expanduser()
    if state := environ.get("DRIVEQL_STATE"):
        return Path(state) / "history"
    import platformdirs

    return Path(platformdirs.user_state_dir("driveql", appauthor=False)) / "history"


class HistoryFile:
    """The remembered statements at `path`; None remembers nothing. A file that cannot be used is silently done without."""

    def __init__(self, path: Path | None) -> None:
        self.path = path

    def newest_first(self) -> Iterator[str]:
        """Yield the remembered texts."""
        if self.path is None:
            return
        try:
            lines = self.path.read_text(encoding="utf-8").splitlines()
        except (OSError, UnicodeDecodeError):
            return
        for line in reversed(lines[-_KEPT:]):
            with contextlib.suppress(ValueError):
                text = json.loads(line)
                if isinstance(text, str):
                    yield text

    def add(self, text: str) -> None:
        """Remember a text, unless it looks as if it held a secret."""
        if self.path is None or not text.strip() or looks_secret(text):
            return
        with contextlib.suppress(OSError):
            self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND
            descriptor = os.open(self.path, flags, 0o600)
            with os.fdopen(descriptor, "wb") as file:
                # A file that was there may be open to others.
                self.path.chmod(0o600)
                file.write(json.dumps(text).encode() + b"\n")
            self._shorten()

    def _shorten(self) -> None:
        assert self.path is not None
        lines = self.path.read_bytes().splitlines(keepends=True)
        if len(lines) < 2 * _KEPT:
            return
        fresh = self.path.with_name(f"{self.path.name}.{os.getpid()}.new")
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.writelines(lines[-_KEPT:])
        fresh.replace(self.path)
