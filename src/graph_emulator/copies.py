"""Copies under way: accepted at once, made when they are due, watched at an address of their own.

Follows driveItem copy and "Working with long-running actions". A copy is due at a certain poll of its monitor, or
after some time, whichever comes first; until then nothing of it is there.
"""

from __future__ import annotations

import secrets
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from graph_emulator.errors import GraphError, item_not_found, name_exists
from graph_emulator.rules import ConflictBehavior, check_path_length, free_name
from graph_emulator.store import Actor, Drive, Item, Version
from graph_emulator.store.checking_out import check_writable

if TYPE_CHECKING:
    from collections.abc import Mapping

    from graph_emulator.behaviour import Behaviour
    from graph_emulator.clock import Clock

MAX_ITEMS = 30_000
_PLAIN = ("id", "base_url", "name", "conflict", "children_only", "with_history", "started", "polls")


@dataclass(slots=True, eq=False)
class CopyJob:
    """One copy: of `source` into `folder`, under `name` (None: its own). `started` is seconds since 1970.

    Once made, `resource_id` is the id of the new item, or `error` is a code and a message.
    """

    id: str
    base_url: str
    source: Item
    folder: Item
    name: str | None
    conflict: ConflictBehavior
    children_only: bool
    with_history: bool
    actor: Actor
    started: float
    polls: int = 0
    resource_id: str | None = None
    error: tuple[str, str] | None = None

    @property
    def pending(self) -> bool:
        """Return whether the copy is still to be made."""
        return self.resource_id is None and self.error is None

    def make(self) -> None:
        """Make the copy, wholly or not at all."""
        try:
            self.resource_id = _copied(self).id
        except GraphError as failure:
            self.error = (failure.code, failure.message)


class Copies:
    """All copies that were asked for, by the id in their monitor's address."""

    def __init__(self, clock: Clock, behaviour: Behaviour) -> None:
        self._clock = clock
        self._behaviour = behaviour
        self._jobs: dict[str, CopyJob] = {}
        self._pending: list[CopyJob] = []
        self.dirty = False

    def start(self, **described: Any) -> CopyJob:
        """Accept a copy; the keywords are CopyJob's."""
        job = CopyJob(id=secrets.token_urlsafe(24), started=self._clock.now(), **described)
        self._keep(job)
        return job

    def poll(self, identifier: str) -> CopyJob:
        """Return a copy that is being watched, made now if it is due. Raises GraphError 404."""
        job = self._jobs.get(identifier)
        if job is None:
            raise item_not_found("The operation was not found.")
        job.polls += 1
        self.dirty = True
        self.settle()
        return job

    def settle(self) -> None:
        """Make the copies that are due."""
        if not self._pending:
            return
        now = self._clock.now()
        for job in list(self._pending):
            late = now >= job.started + self._behaviour.copy_seconds
            if late or job.polls >= self._behaviour.copy_polls:
                job.make()
                self._pending.remove(job)
                self.dirty = True

    def share_done(self, job: CopyJob) -> float:
        """Return how much of a copy that is still to be made is reported as done, in percent."""
        by_time = (self._clock.now() - job.started) / max(self._behaviour.copy_seconds, 0.001)
        by_polls = job.polls / max(self._behaviour.copy_polls, 1)
        return round(min(max(by_time, by_polls), 0.99) * 100, 1)

    def record(self) -> dict[str, Any]:
        """Return what a state directory keeps."""
        return {"jobs": [_job_record(job) for job in self._jobs.values()]}

    def restore(self, record: Mapping[str, Any], drives: Mapping[str, Drive]) -> None:
        """Take up what a state directory kept. A copy whose drive is gone is forgotten."""
        for kept in record["jobs"]:
            source, folder = (_found(drives, *kept[name]) for name in ("source", "folder"))
            if source is not None and folder is not None:
                plain = {name: kept[name] for name in _PLAIN} | {
                    "conflict": ConflictBehavior(kept["conflict"])
                }
                error = tuple(kept["error"]) if kept["error"] is not None else None
                self._keep(
                    CopyJob(
                        **plain,
                        source=source,
                        folder=folder,
                        actor=Actor(**kept["actor"]),
                        resource_id=kept["resource_id"],
                        error=error,
                    )
                )
        self.dirty = False

    def _keep(self, job: CopyJob) -> None:
        self._jobs[job.id] = job
        if job.pending:
            self._pending.append(job)
        self.dirty = True


def _copied(job: CopyJob) -> Item:
    """Make the copy after everything that could refuse it was looked at; return the new item."""
    if job.source.deleted is not None or job.folder.deleted is not None:
        raise item_not_found()
    tops = list(job.source.children or ()) if job.children_only else [job.source]
    everything = [each for top in tops for each in (top, *top.walk())]
    if len(everything) > MAX_ITEMS:
        raise GraphError(400, "invalidRequest", f"A copy takes {MAX_ITEMS} items at most.")
    drive = job.folder.drive
    drive.check_room(sum(top.size for top in tops))
    names: list[str] = []
    for top in tops:
        names.append(_free(job, top, frozenset(name.casefold() for name in names)))
    for top, name in zip(tops, names, strict=True):
        for each in (top, *top.walk()):
            check_path_length(f"{job.folder.path}/{name}{each.path.removeprefix(top.path)}")
    made = [_duplicate(job, top, job.folder, name) for top, name in zip(tops, names, strict=True)]
    return job.folder if job.children_only else made[0]


def _free(job: CopyJob, top: Item, given: frozenset[str]) -> str:
    """Return the name the copy of `top` gets beside the names `given` before.

    What it replaces is deleted later, when it is written.
    """
    drive, name = job.folder.drive, job.name or top.name
    if job.conflict is ConflictBehavior.RENAME:
        return free_name(
            name,
            lambda each: each.casefold() in given or drive.taken(job.folder, each),
            is_folder=top.is_folder,
        )
    existing = drive.children_of(job.folder).get(name)
    if existing is None:
        return name
    check_writable(existing, job.actor)
    if job.conflict is ConflictBehavior.FAIL or top.is_folder or existing.is_folder or existing is top:
        raise name_exists()
    return name


def _duplicate(job: CopyJob, item: Item, folder: Item, name: str) -> Item:
    drive = folder.drive
    replaced = drive.children_of(folder).get(name)
    if replaced is not None:
        drive.delete(replaced, job.actor)
    seen = item.seen_by(job.actor)
    if seen.content is None:
        inside = list(item.children or ())
        made = drive.make_folder(folder, name, ConflictBehavior.FAIL, job.actor)
        for child in inside:
            _duplicate(job, child, made, child.name)
        return made
    made, _ = drive.put(
        folder, name, seen.content, ConflictBehavior.FAIL, job.actor, mime_type=seen.mime_type
    )
    if job.with_history and job.name is None:
        made.history = [Version(v.number, v.content, v.modified, v.modified_by) for v in item.history]
        made.current_version = item.current().number
    return made


def _job_record(job: CopyJob) -> dict[str, Any]:
    return {
        **{name: getattr(job, name) for name in _PLAIN},
        "source": (job.source.drive.id, job.source.id),
        "folder": (job.folder.drive.id, job.folder.id),
        "actor": asdict(job.actor),
        "resource_id": job.resource_id,
        "error": job.error,
    }


def _found(drives: Mapping[str, Drive], drive_id: str, item_id: str) -> Item | None:
    drive = drives.get(drive_id)
    return (drive.items.get(item_id) or drive.deleted.get(item_id)) if drive is not None else None
