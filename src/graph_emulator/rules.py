"""What SharePoint allows: names, path lengths, what happens when a name is taken, and conditional requests.

Follows the support article on names that OneDrive and SharePoint refuse (data in graph_contract) and the
conflictBehavior and If-Match documentation of driveItem.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum

from graph_contract import load
from graph_emulator.errors import bad_request, resource_modified

_NAMES = load("names")
_PATH = load("limits")["path"]
_BAD_CHARACTERS = frozenset(_NAMES["characters"])
_RESERVED = frozenset(name.casefold() for name in _NAMES["exact"])
_ROOT_ONLY = frozenset(name.casefold() for name in _NAMES["library_root_only"])


class ConflictBehavior(StrEnum):
    """What to do when the name is taken."""

    FAIL = "fail"
    REPLACE = "replace"
    RENAME = "rename"


def conflict_behavior(written: str | None, default: ConflictBehavior) -> ConflictBehavior:
    """Return the behaviour named by `written`, in any letter case, or `default` for None.

    Raises GraphError 400 for any other word.
    """
    if written is None:
        return default
    try:
        return ConflictBehavior(written.casefold())
    except ValueError:
        raise bad_request(
            f"Invalid value for conflictBehavior: '{written}'. Valid: fail, replace, rename."
        ) from None


def check_name(name: object, *, at_library_root: bool = False) -> str:
    """Return `name` if SharePoint takes it, else raise GraphError 400."""
    if not isinstance(name, str) or not name:
        raise bad_request("The name must be a non-empty string.")
    folded = name.casefold()
    if _BAD_CHARACTERS & set(name) or any(ord(character) < 32 for character in name):
        raise bad_request(
            'The provided name cannot contain any of the following characters: " * : < > ? / \\ |'
        )
    if (
        folded in _RESERVED
        or any(folded.startswith(start) for start in _NAMES["starts_with"])
        or any(part in folded for part in _NAMES["contains"])
        or (at_library_root and folded in _ROOT_ONLY)
        or name != name.strip(" ")
        or name.endswith(".")
    ):
        raise bad_request("The specified item name is invalid or reserved.")
    if len(name) > _PATH["max_name_characters"]:
        raise bad_request("The specified item name is too long.", "pathIsTooLong")
    return name


def check_path_length(path: str) -> None:
    """Raise GraphError 400 for a decoded path below the library's root that is too long."""
    if len(path.lstrip("/")) > _PATH["max_characters"]:
        raise bad_request("The specified path is too long.", "pathIsTooLong")


def check_levels(names: tuple[str, ...]) -> None:
    """Raise GraphError 400 for an address by path that goes too deep; such items are addressed by id."""
    if len(names) > _PATH["deep_levels"]:
        raise bad_request("The specified path is too deep.", "pathTooDeep")


def free_name(name: str, taken: Callable[[str], bool], *, is_folder: bool) -> str:
    """Return `name`, or the first of "name 1.ext", "name 2.ext" ... that is not taken."""
    if not taken(name):
        return name
    stem, dot, extension = (name, "", "") if is_folder else name.rpartition(".")
    if not stem:
        stem, dot, extension = name, "", ""
    number = 1
    while taken(f"{stem} {number}{dot}{extension}"):
        number += 1
    return f"{stem} {number}{dot}{extension}"


def check_if_match(header: str | None, *tags: str) -> None:
    """Raise GraphError 412 when an If-Match header is there and names none of the item's tags."""
    if header is not None and not _names_a_tag(header, tags):
        raise resource_modified()


def not_modified(header: str | None, *tags: str) -> bool:
    """Return whether an If-None-Match header names one of the item's tags."""
    return header is not None and _names_a_tag(header, tags)


def _names_a_tag(header: str, tags: tuple[str, ...]) -> bool:
    """Compare as clients write tags: with quotes or without, weak or not, with the braces of the GUID or without."""
    known = {_bare(tag) for tag in tags}
    written = header.strip()
    if written == "*":
        return True
    if _bare(written) in known:
        return True
    return any(_bare(f'"{part}"') in known for part in written.split('"') if part.strip(", "))


def _bare(tag: str) -> str:
    return tag.strip().removeprefix("W/").strip('"').replace("{", "").replace("}", "").casefold()
