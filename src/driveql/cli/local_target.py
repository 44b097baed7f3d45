"""The local file that a command writes: an existing directory receives it under its own name, nothing is overwritten unasked."""

from __future__ import annotations

import os
from pathlib import Path

from driveql.drive.local_name import local_name
from driveql.errors import LocalFileError


def local_target(written: str | None, name: str, *, overwrite: bool) -> Path:
    """Return where a file goes.

    Parameters:
        written: what the person wrote; None for the current directory. name: the file's own name.

    Raises:
        LocalFileError: it exists and `overwrite` is False, or its directory cannot be made.
    """
    target = Path(written or ".")
    if written is None or written.endswith(("/", os.sep)) or target.is_dir():
        target = target / local_name(name)
    if target.is_dir():
        raise LocalFileError(f"{target} is a directory.")
    if not overwrite and (target.exists() or target.is_symlink()):
        raise LocalFileError(f"{target} exists already.", hint="--overwrite replaces it.")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise LocalFileError(f"{target.parent} cannot be made: {error.strerror}.") from None
    return target
