"""The local side of a mirror: what is in a directory, and what is made and removed there."""

from __future__ import annotations

import os
from pathlib import Path

from driveql.errors import LocalFileError
from driveql.graph.mirror_plan import Entry


def entries(directory: Path, prefix: str = "") -> list[Entry]:
    """Return what is below a directory, in order; what is not mirrored with the reason.

    Parameters:
        prefix: what stands before each path.

    Raises:
        LocalFileError: a part of it cannot be read.
    """
    found: list[Entry] = []
    try:
        with os.scandir(directory) as listing:
            for entry in sorted(listing, key=lambda entry: entry.name):
                if _is_ours(entry.name):
                    continue
                path = f"{prefix}{entry.name}"
                if entry.is_symlink():
                    found.append(Entry(path, False, skipped="it is a symbolic link, which is not followed"))
                elif entry.is_dir():
                    found.append(Entry(path, True))
                    found += entries(Path(entry.path), f"{path}/")
                elif entry.is_file():
                    status = entry.stat()
                    found.append(Entry(path, False, status.st_size, status.st_mtime, written=status.st_ctime))
                else:
                    found.append(Entry(path, False, skipped="it is neither a file nor a directory"))
    except OSError as error:
        # A directory that cannot be read must not look empty: its counterpart would be deleted.
        raise LocalFileError(f"{error.filename or directory}: {error.strerror}.") from error
    return found


def remove(path: Path) -> None:
    """Remove a file, a link or an empty directory. Raises LocalFileError."""
    try:
        path.rmdir() if path.is_dir() and not path.is_symlink() else path.unlink(missing_ok=True)
    except OSError as error:
        raise LocalFileError(f"{path}: {error.strerror}.") from error


def make_directory(directory: Path) -> None:
    """Make a directory with those above it. Raises LocalFileError."""
    try:
        directory.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise LocalFileError(f"{directory}: {error.strerror}.") from error


def _is_ours(name: str) -> bool:
    return name.startswith(".") and (name.endswith((".part", ".driveql.json", ".driveql.new")))
