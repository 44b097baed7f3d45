"""The rows of an INSERT INTO items, checked: what each is to become, or why it cannot. Nothing is asked of the service."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from driveql.errors import InvalidPathError, LocalFileError, SqlNotSupportedError, SqlSyntaxError
from driveql.graph import paths, places
from driveql.sql.writing.forms import Insert
from driveql.sql.writing.targets import column_names
from driveql.sql.writing.whose import check_place, checked_drive, checked_owner, shown

_CONFLICTS = ("fail", "replace", "rename", "skip")


@dataclass(frozen=True, slots=True)
class NewItem:
    """One row. `path` is plain, or a written place; `content` and `local_path` are None for a folder."""

    path: str
    is_folder: bool
    content: bytes | None
    local_path: Path | None
    conflict: str
    owner: str | None
    drive_id: str | None

    @property
    def plain(self) -> str:
        """The path within its drive."""
        return places.parse(self.path).path

    @property
    def key(self) -> tuple[str, ...]:
        """What no two rows may share: names are taken without regard to case."""
        where = places.parse(self.path)
        owner, drive_id = self.owner or where.owner, self.drive_id or where.drive_id
        path = paths.normalise(where.path).casefold()
        return ((owner or "").casefold(), drive_id or "", (where.library or "").casefold(), path)


def item_columns(statement: Insert, found: Sequence[str]) -> list[str]:
    """Return the name of each column of the rows of an INSERT INTO items. Raises as `column_names` does."""
    names = column_names(statement, found)
    if "path" not in names and "name" not in names:
        raise SqlSyntaxError(f"INSERT INTO {statement.table} needs path, or parent_path and name.")
    return names


def checked(statement: Insert, row: Mapping[str, Any], number: int, *, local_files: bool) -> NewItem:
    """Return what a row is to become.

    Parameters:
        number: the row's, from 1, for messages. local_files: whether it may name a file of this machine.

    Raises:
        SqlSyntaxError, InvalidPathError, LocalFileError, SqlNotSupportedError: it cannot be written.
    """

    def wrong(message: str, hint: str | None = None) -> SqlSyntaxError:
        return SqlSyntaxError(f"INSERT INTO {statement.table}, row {number}: {message}", hint=hint)

    path = _path(row, wrong)
    content, local = row.get("content"), row.get("local_path")
    if not isinstance(content, str | bytes | None):
        raise wrong("its content is neither text nor a blob.", "Cast it: content::VARCHAR.")
    said = row.get("is_folder")
    if not isinstance(said, bool | None):
        raise wrong(f"its is_folder is {said!r}; it is true or false.")
    is_folder = _folder_or_file(statement.table, said, content is not None or local is not None)
    if is_folder is None:
        raise wrong("it is a folder with content, or has neither content, local_path nor is_folder = true.",
                    "The content of an empty file is ''.")  # fmt: skip
    if content is not None and local is not None:
        raise wrong("it has content and local_path.")
    conflict = str(row.get("conflict") or statement.conflict).lower()
    if conflict not in _CONFLICTS or (is_folder and conflict == "rename"):
        raise wrong(
            f"its conflict is {conflict!r}; it is one of {', '.join(_CONFLICTS)}, rename for files only."
        )
    what = f"INSERT INTO {statement.table}, row {number}"
    owner, drive_id = checked_owner(row.get("owner"), what), checked_drive(row.get("drive_id"), what)
    check_place(path, owner, drive_id, what)
    where = places.parse(path)
    if where.sharing_url is not None:
        raise InvalidPathError(f"{shown(path)} is a web address, where no new item can be named.")
    paths.check_new_path(where.path)
    if path.endswith("/") and not is_folder:
        raise wrong(
            f"its path {path!r} ends with a slash, as a folder's does.", "Write the file's whole path."
        )
    return NewItem(
        path,
        is_folder,
        content.encode() if isinstance(content, str) else content,
        _local(local, local_files),
        conflict,
        owner,
        drive_id,
    )


def _path(row: Mapping[str, Any], wrong: Callable[..., SqlSyntaxError]) -> str:
    """Return the path that a row names. Raises SqlSyntaxError, InvalidPathError."""
    path, folder, name = row.get("path"), row.get("parent_path"), row.get("name")
    for column, value in (("path", path), ("parent_path", folder), ("name", name)):
        if not isinstance(value, str | None):
            raise wrong(f"its {column} is text, not {type(value).__name__}.", f"Cast it: {column}::VARCHAR.")
    if path is None and name is not None:
        if folder is None:
            raise wrong("it has a name and no parent_path.", "The drive's root is '/'.")
        return paths.join(folder or paths.ROOT, paths.check_new_name(name))
    if name is not None or folder is not None:
        raise wrong("it has a path, and a name or parent_path too." if path else "it has no name.")
    if path is None:
        raise wrong("it has no path.")
    return str(path)


def _folder_or_file(table: str, said: bool | None, filled: bool) -> bool | None:
    """Return whether a row is a folder; None where it says both or nothing."""
    if said is None:
        said = True if table == "folders" else False if table == "files" else None
    if said is None:
        return False if filled else None
    if said is filled or (said is (table == "files") and table != "items"):
        return None
    return said


def _local(name: object, allowed: bool) -> Path | None:
    if name is None:
        return None
    if not allowed:
        raise SqlNotSupportedError("This connection's statements may not name local files.")
    path = Path(str(name)).expanduser()
    if not path.is_file():
        raise LocalFileError(f"{path} is not a file on this machine.", hint="Nothing was written.")
    return path
