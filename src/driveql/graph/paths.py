"""Paths in a drive: plain names outside, percent-encoded exactly once on the wire, never anything OneDrive cannot hold.

Names are compared without regard to case by the service, and kept as they were written.
Source: https://learn.microsoft.com/graph/onedrive-addressing-driveitems
"""

from __future__ import annotations

import unicodedata
from functools import cache
from urllib.parse import quote, unquote

from driveql.errors import InvalidPathError
from graph_contract import load

ROOT = "/"


@cache
def _impossible() -> frozenset[str]:
    return frozenset(load("names")["characters"])


@cache
def _reserved() -> frozenset[str]:
    return frozenset(name.casefold() for name in load("names")["exact"])


def normalise(path: str) -> str:
    """Return `path` as `/a/b`, without empty segments or a trailing slash; the root is `/`.

    Raises:
        InvalidPathError: a segment is `.` or `..`, or holds a character no name can have.
    """
    segments = [segment for segment in path.split("/") if segment]
    for segment in segments:
        _check_segment(segment, path)
    return ROOT + "/".join(segments)


def _check_segment(segment: str, path: str) -> None:
    if segment in {".", ".."}:
        raise InvalidPathError(
            f"The path {path!r} contains {segment!r}.",
            hint="Write the path from the drive's root, for example /Reports/2026/a.csv.",
        )
    wrong = sorted({character for character in segment if character in _impossible() or ord(character) < 32})
    if wrong:
        raise InvalidPathError(
            f"The path {path!r} contains {' '.join(map(repr, wrong))}, which no name in OneDrive can hold.",
            hint='Names cannot contain " * : < > ? \\ | or control characters. Patterns are accepted by glob only.',
        )
    if any(unicodedata.category(character) == "Cs" for character in segment):
        raise InvalidPathError(f"The path {path!r} contains half of a surrogate pair, which is not text.")


def check_new_name(name: str) -> str:
    """Return `name` if a file or folder may be given it.

    Raises:
        InvalidPathError: the name is empty, too long, reserved, or has a character that is refused.
    """
    if not name or "/" in name:
        raise InvalidPathError(f"{name!r} is not a name.", hint="A name is not empty and has no slash.")
    _check_segment(name, name)
    facts = load("names")
    longest = load("limits")["path"]["max_name_characters"]
    if len(name) > longest:
        raise InvalidPathError(f"The name {name[:40]!r}… has {len(name)} characters; {longest} are allowed.")
    reason = ""
    if name != name.strip(" "):
        reason = "begins or ends with a space"
    elif name.endswith("."):
        reason = "ends with a dot"
    elif name.casefold() in _reserved():
        reason = "is reserved"
    elif any(name.startswith(start) for start in facts["starts_with"]):
        reason = f"begins with {facts['starts_with'][0]}"
    elif any(part in name.casefold() for part in facts["contains"]):
        reason = f"contains {facts['contains'][0]}"
    if reason:
        raise InvalidPathError(
            f"The name {name!r} {reason}; SharePoint refuses such names.", hint="Choose another name."
        )
    return name


def check_new_path(path: str) -> str:
    """Return the normalised `path` if an item may be created there (every name in it is allowed, and its length is).

    Raises:
        InvalidPathError: the path is the root, too long, or one of its names is refused.
    """
    normal = normalise(path)
    if normal == ROOT:
        raise InvalidPathError("The drive's root cannot be created or replaced.")
    for segment in normal[1:].split("/"):
        check_new_name(segment)
    longest = load("limits")["path"]["max_characters"]
    if len(normal) > longest:
        raise InvalidPathError(
            f"The path {normal[:60]!r}… has {len(normal)} characters; SharePoint allows {longest}.",
            hint="Use shorter folder names or fewer levels.",
        )
    return normal


def encode(path: str) -> str:
    """Return a normalised path with each segment percent-encoded once: `/a b/c#d` becomes `a%20b/c%23d`."""
    return "/".join(quote(segment, safe="") for segment in normalise(path)[1:].split("/"))


def join(parent: str, name: str) -> str:
    """Return the path of `name` inside `parent`."""
    return f"{parent}{name}" if parent.endswith("/") else f"{parent}/{name}"


def split(path: str) -> tuple[str, str]:
    """Return the parent and the name of a normalised path; the root's name is empty."""
    parent, _, name = path.rpartition("/")
    return parent or ROOT, name


def depth(path: str) -> int:
    """Return how many names a normalised path has; the root has none."""
    return 0 if path == ROOT else path.count("/")


def from_parent_reference(reference: str) -> str | None:
    """Return the plain folder path in a `parentReference.path` such as `/drives/b!1/root:/a%20b`, or None without `root:`."""
    _, found, tail = reference.partition("root:")
    if not found:
        return None
    return ROOT + "/".join(unquote(segment) for segment in tail.split("/") if segment)
