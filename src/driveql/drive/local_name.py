r"""Names from the server made safe for the local file system: always one name, never a way out of the target directory.

Only what the local system could misread is changed: separators, control characters, `.` and `..`, names too long, and
on Windows also its reserved characters, devices, streams, and dots and spaces at the end.
Source: https://learn.microsoft.com/windows/win32/fileio/naming-a-file
"""

from __future__ import annotations

import os
import re
from pathlib import Path

from driveql.errors import LocalFileError

_LONGEST_BYTES = 255
_EVERYWHERE = re.compile("[/\\\\\x00-\x1f\x7f\ud800-\udfff]")
_WINDOWS = re.compile('[<>:"|?*]')
_DEVICES = re.compile(r"(?i)^(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³]|conin\$|conout\$)\s*(\.|$)")


def local_name(name: str, *, windows: bool = os.name == "nt") -> str:
    """Return a name that is one entry in a directory of the local system, equal to `name` where that is safe.

    Parameters:
        windows: whether the local system has Windows' rules.
    """
    safe = _EVERYWHERE.sub("_", name)
    if windows:
        safe = _WINDOWS.sub("_", safe)
        safe = re.sub(r"[. ]+$", lambda match: "_" * len(match.group()), safe)
        if _DEVICES.match(safe):
            safe = f"_{safe}"
    if safe in {"", ".", ".."}:
        safe = "_" * max(1, len(safe))
    return _shortened(safe)


def local_path(directory: Path, relative: str, *, windows: bool = os.name == "nt") -> Path:
    """Return the place below `directory` for a path from the server, with `/` between its names.

    Raises:
        LocalFileError: the path leads out of the directory, in spite of all; nothing may be written there.
    """
    names = [local_name(name, windows=windows) for name in relative.split("/") if name]
    target = directory.joinpath(*names)
    if ".." in names or directory not in (target, *target.parents):
        raise LocalFileError(f"{relative!r} would be written outside {directory}.")
    return target


def _shortened(name: str) -> str:
    if len(os.fsencode(name)) <= _LONGEST_BYTES:
        return name
    stem, dot, suffix = name.rpartition(".")
    keep = f"{dot}{suffix}" if stem and len(os.fsencode(suffix)) <= 20 else ""
    rest = name.removesuffix(keep) if keep else name
    room = _LONGEST_BYTES - len(os.fsencode(keep))
    return rest.encode("utf-8")[:room].decode("utf-8", "ignore") + keep
