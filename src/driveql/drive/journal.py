"""Upload sessions that are not finished, remembered per user so that a later process goes on with them.

An entry holds the session's URL, which lets anyone who has it write to the drive: the folder is 0700, each file 0600.
Where two processes upload the same source to the same place, the second does without.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_FORMAT = 1
_DAY = 86_400.0


@dataclass(slots=True)
class JournalEntry:
    """What is remembered of one upload: its session, as long as source and target are what they were.

    Parameters:
        described: what must be the same for the session to be continued (target, size, time of change, conflict).
    """

    path: Path
    described: dict[str, Any]

    def remembered(self) -> str | None:
        """Return the URL of an unfinished session of exactly this upload, or None."""
        try:
            content = json.loads(self.path.read_text(encoding="utf-8"))
            url = content.pop("upload_url")
            same = content.pop("format") == _FORMAT and content == self.described
        except (OSError, ValueError, KeyError, AttributeError, TypeError):
            return None
        return url if same and isinstance(url, str) else None

    def remember(self, upload_url: str) -> None:
        """Keep the session's URL, readable by this user only."""
        content = json.dumps({"format": _FORMAT, "upload_url": upload_url, **self.described})
        fresh = self.path.with_suffix(".new")
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(self.path)

    def forget(self) -> None:
        """Remove the entry."""
        self.path.unlink(missing_ok=True)


def directory() -> Path:
    """Return where entries lie: `DRIVEQL_STATE`, or the platform's per-user place for state."""
    chosen = os.environ.get("DRIVEQL_STATE")
    if chosen:
        return Path(chosen) / "uploads"
    import platformdirs

    return Path(platformdirs.user_state_dir("driveql")) / "uploads"


@contextlib.contextmanager
def entry(source: Path, target: str, conflict: str) -> Iterator[JournalEntry | None]:
    """Give the entry of an upload while it runs, or None where it cannot be kept or another process has it."""
    try:
        folder = directory()
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        status = source.stat()
        _forget_old(folder)
        key = hashlib.sha256(f"{source.resolve()}\0{target}".encode("utf-8", "surrogateescape")).hexdigest()[
            :32
        ]
        lock = os.open(folder / f"{key}.lock", os.O_RDWR | os.O_CREAT, 0o600)
    except OSError:
        # Without a place to remember it the upload works all the same; it cannot be continued later.
        yield None
        return
    try:
        described = {
            "target": target,
            "size": status.st_size,
            "changed": status.st_mtime_ns,
            "conflict": conflict,
        }
        yield JournalEntry(folder / f"{key}.json", described) if _locked(lock) else None
    finally:
        os.close(lock)


def _locked(descriptor: int) -> bool:
    if os.name != "posix":
        return True
    import fcntl

    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def _forget_old(folder: Path) -> None:
    """Sessions live for hours; what is older than a week leads nowhere."""
    for path in folder.iterdir():
        with contextlib.suppress(OSError):
            if path.stat().st_mtime < time.time() - 7 * _DAY:
                path.unlink()
