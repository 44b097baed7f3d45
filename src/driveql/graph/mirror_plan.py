"""What makes a target the same as a source: a pure plan from two listings, each step with its reason.

Nothing is deleted that was not asked for, and never because a listing was empty by accident.
"""

from __future__ import annotations

import fnmatch
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Literal

from driveql.errors import InvalidPathError
from driveql.graph import paths

Compare = Literal["auto", "hash", "size"]
Kind = Literal["create_folder", "copy", "replace", "delete", "delete_folder", "skip", "refuse"]

# Two clocks and two file systems round times differently; the service keeps whole seconds.
_SAME_SECONDS = 1.0
# A file that was carried over so soon after its time may have been changed once more at what looks like the same time.
_SETTLED_SECONDS = 3.0


@dataclass(frozen=True, slots=True)
class Entry:
    """A file or folder on either side.

    `path` is relative to the mirrored folder, with `/` between names. `size` in bytes, `modified` in seconds since 1970.
    `written` is when the file came to its side, as that side's clock had it, which the time it keeps need not be.
    `hash` is quickXorHash in base64 where it is known without reading the file. `skipped` says why it is not mirrored at all
    (a symbolic link, a notebook); what stands for it on the other side is left alone.
    """

    path: str
    is_folder: bool
    size: int = 0
    modified: float | None = None
    hash: str | None = None
    skipped: str | None = None
    written: float | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to do to the target. `needs_hash`: only if the contents differ, which a hash of the source will show."""

    kind: Kind
    path: str
    reason: str
    size: int = 0
    needs_hash: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class MirrorRules:
    """What is mirrored and how it is compared.

    Parameters:
        include, exclude: patterns over relative paths; a pattern without `/` is matched with names. Exclusion wins.
        delete: what is in the target alone is deleted; what is excluded never is.
        compare: `auto` takes files of one size and time as equal and reads the others' hashes; `hash` always reads;
            `size` compares sizes alone.
        max_delete: more deletions than this refuse the whole plan; None for no limit.
        rewritten: name endings that SharePoint rewrites on arrival: for these an equal time is enough.
    """

    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    delete: bool = False
    compare: Compare = "auto"
    max_delete: int | None = None
    rewritten: frozenset[str] = frozenset()

    def takes(self, path: str) -> bool:
        """Return True where a path is mirrored."""
        if any(_matches(path, pattern) for pattern in self.exclude):
            return False
        return not self.include or any(_matches(path, pattern) for pattern in self.include)


class TooManyDeletions(InvalidPathError):  # noqa: N818 - a refusal of a plan, read as a sentence
    """The plan would delete more than was allowed; nothing was done."""


def plan(
    source: Iterable[Entry], target: Iterable[Entry], rules: MirrorRules, *, to_onedrive: bool
) -> list[Step]:
    """Return the steps that make the target the same, in an order in which they can be done.

    Parameters:
        to_onedrive: the target is OneDrive, which compares names without regard to case and refuses some names.

    Raises:
        TooManyDeletions: more deletions than `max_delete`, or deletions while the source is empty.
    """
    wanted = {entry.path: entry for entry in source if _taken(entry, rules)}
    there = {_key(entry.path): entry for entry in target if _taken(entry, rules)}
    steps: list[Step] = []
    claimed: dict[str, str] = {}
    for path in sorted(wanted):
        entry, key = wanted[path], _key(path)
        if entry.skipped:
            steps.append(Step("skip", path, entry.skipped, entry.size))
            continue
        refusal = _refusal(path, claimed.get(key), to_onedrive)
        if refusal:
            steps.append(Step("refuse", path, refusal, entry.size))
            continue
        claimed[key] = path
        steps += _for_entry(entry, there.get(key), rules)
    if rules.delete:
        steps += _deletions(claimed, there, wanted, steps)
        _check_deletions(steps, wanted, rules)
    return steps


def _for_entry(entry: Entry, other: Entry | None, rules: MirrorRules) -> list[Step]:
    if other is None:
        kind: Kind = "create_folder" if entry.is_folder else "copy"
        return [Step(kind, entry.path, "is missing", entry.size)]
    if other.skipped:
        return [Step("refuse", entry.path, f"on the other side {other.skipped}", entry.size)]
    if entry.is_folder != other.is_folder:
        what = (
            "a file stands where a folder is wanted"
            if entry.is_folder
            else "a folder stands where a file is wanted"
        )
        return [Step("refuse", entry.path, what, entry.size)]
    if entry.is_folder:
        return []
    return _compared(entry, other, rules)


def _compared(entry: Entry, other: Entry, rules: MirrorRules) -> list[Step]:
    same_time = (
        entry.modified is not None
        and other.modified is not None
        and abs(entry.modified - other.modified) <= _SAME_SECONDS
    )
    if (
        same_time
        and rules.compare == "auto"
        and PurePosixPath(entry.path).suffix.casefold() in rules.rewritten
    ):
        return []
    if entry.size != other.size:
        return [Step("replace", entry.path, f"{other.size} bytes there, {entry.size} here", entry.size)]
    if (
        rules.compare == "size"
        or not entry.size
        or (rules.compare == "auto" and same_time and _settled(other))
    ):
        return []
    if entry.hash is not None and other.hash is not None:
        return (
            []
            if entry.hash == other.hash
            else [Step("replace", entry.path, "the contents differ", entry.size)]
        )
    return [Step("replace", entry.path, "the contents may differ", entry.size, needs_hash=True)]


def _settled(target: Entry) -> bool:
    """Return whether a change of the source after it was carried over would show in its time."""
    if target.written is None or target.modified is None:
        return True
    return target.written - target.modified > _SETTLED_SECONDS


def _refusal(path: str, claimed: str | None, to_onedrive: bool) -> str | None:
    if claimed is not None and to_onedrive:
        return f"OneDrive cannot tell it from {claimed!r}"
    if to_onedrive:
        try:
            paths.check_new_path(path)
        except InvalidPathError as error:
            return error.message.rstrip(".")
    return None


def _deletions(
    claimed: Mapping[str, str], there: Mapping[str, Entry], wanted: Mapping[str, Entry], steps: list[Step]
) -> list[Step]:
    # What a refused entry stands for is left alone on the other side too.
    kept = {*claimed, *(_key(step.path) for step in steps if step.kind in {"refuse", "skip"})}
    parents = {_key(str(above)) for path in wanted for above in PurePosixPath(path).parents}
    gone = [
        entry for key, entry in there.items() if key not in kept and key not in parents and not entry.skipped
    ]
    spared = {
        _key(str(above))
        for entry in there.values()
        if entry.skipped
        for above in PurePosixPath(entry.path).parents
    }
    gone = [entry for entry in gone if _key(entry.path) not in spared]
    gone.sort(key=lambda entry: (-entry.path.count("/"), entry.path))
    return [
        Step("delete_folder" if entry.is_folder else "delete", entry.path, "is not in the source", entry.size)
        for entry in gone
    ]


def _check_deletions(steps: list[Step], wanted: Mapping[str, Entry], rules: MirrorRules) -> None:
    count = sum(step.kind in {"delete", "delete_folder"} for step in steps)
    if count and not wanted and rules.max_delete is None:
        raise TooManyDeletions(
            f"The source is empty, and {count} items of the target would be deleted. Nothing was done.",
            hint="If that is meant, say so with max_delete.",
        )
    if rules.max_delete is not None and count > rules.max_delete:
        raise TooManyDeletions(
            f"{count} items would be deleted; max_delete allows {rules.max_delete}. Nothing was done.",
            hint="Look at the plan with a dry run first.",
        )


def _taken(entry: Entry, rules: MirrorRules) -> bool:
    # With include patterns a folder comes into being by the files in it; by itself it must match too.
    return rules.takes(entry.path)


def _key(path: str) -> str:
    return path.casefold()


def _matches(path: str, pattern: str) -> bool:
    if "/" not in pattern.strip("/"):
        return any(
            fnmatch.fnmatch(name.casefold(), pattern.strip("/").casefold()) for name in path.split("/")
        )
    wanted = pattern.strip("/").casefold()
    return fnmatch.fnmatch(path.casefold(), wanted) or fnmatch.fnmatch(path.casefold(), f"{wanted}/*")
