"""The pure parts of the cache: ranges put together of pieces, and listings brought up to date by changes."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from driveql.cache.blocks import cover
from driveql.graph.delta import Tree
from driveql.sql.cached.merging import DoesNotFitError, Placed, merged
from driveql.sql.cached.view import decoded, encoded

CONTENT = bytes(range(100))


@given(
    st.lists(st.tuples(st.integers(0, 99), st.integers(1, 40)), max_size=12),
    st.integers(0, 100),
    st.integers(0, 100),
)
def test_parts_and_gaps_make_up_the_range(pieces: list[tuple[int, int]], start: int, end: int) -> None:
    known = [(first, CONTENT[first : first + length]) for first, length in pieces]
    parts, gaps = cover(known, start, end)
    filled = [*parts, *((first, CONTENT[first:last]) for first, last in gaps)]
    assert b"".join(body for _, body in sorted(filled)) == CONTENT[start:end]
    held = {first + offset for first, body in known for offset in range(len(body))}
    assert not any(position in held for first, last in gaps for position in range(first, last))


class _Drive:
    """A drive that notes what changes."""

    def __init__(self) -> None:
        self.items: dict[str, dict[str, Any]] = {}
        self.told: list[dict[str, Any]] = []
        self.made = 0

    def folders(self) -> list[str]:
        return ["root", *(identifier for identifier, raw in self.items.items() if "folder" in raw)]

    def add(self, parent: str, folder: bool) -> None:
        self.made += 1
        kind: dict[str, Any] = {"folder": {}} if folder else {"file": {}, "size": self.made}
        identifier = f"i{self.made}"
        self.put({"id": identifier, "name": f"n{self.made}", "parentReference": {"id": parent}, **kind})

    def put(self, raw: dict[str, Any]) -> None:
        self.items[raw["id"]] = raw
        self.told.append(raw)

    def below(self, identifier: str) -> set[str]:
        found = {identifier}
        while more := {i for i, raw in self.items.items() if raw["parentReference"]["id"] in found} - found:
            found |= more
        return found

    def delete(self, identifier: str, *, tell_all: bool) -> None:
        gone = self.below(identifier)
        for one in gone:
            del self.items[one]
        self.told += [{"id": one, "deleted": {}} for one in (gone if tell_all else [identifier])]

    def listing(self) -> list[Placed]:
        tree = Tree()
        tree.put({"id": "root", "root": {}})
        for raw in self.items.values():
            tree.put(raw)
        return [(tree.path(raw["parentReference"]["id"]), raw) for raw in self.items.values()]

    def step(self, draw: st.DrawFn) -> None:
        what = draw(st.sampled_from(["add", "add", "folder", "rename", "move", "delete"]))
        if what in {"add", "folder"} or not self.items:
            self.add(draw(st.sampled_from(self.folders())), what == "folder")
            return
        chosen = draw(st.sampled_from(sorted(self.items)))
        raw = self.items[chosen]
        if what == "delete":
            self.delete(chosen, tell_all=draw(st.booleans()))
        elif what == "rename":
            self.put({**raw, "name": f"{raw['name']}x"})
        else:
            targets = [folder for folder in self.folders() if folder not in self.below(chosen)]
            self.put({**raw, "parentReference": {"id": draw(st.sampled_from(targets))}})


@st.composite
def histories(draw: st.DrawFn) -> tuple[list[Placed], list[dict[str, Any]], list[Placed]]:
    drive = _Drive()
    for _ in range(draw(st.integers(0, 10))):
        drive.step(draw)
    before, drive.told = drive.listing(), []
    for _ in range(draw(st.integers(0, 12))):
        drive.step(draw)
    told = [{"id": "root", "root": {}, "name": "root"}, *drive.told]
    return before, told, drive.listing()


def by_id(listing: list[Placed]) -> dict[str, Placed]:
    found = {raw["id"]: (folder, raw) for folder, raw in listing}
    assert len(found) == len(listing)
    return found


@given(histories(), st.integers(1, 4))
def test_a_listing_with_its_changes_is_the_new_listing(
    history: tuple[list[Placed], list[dict[str, Any]], list[Placed]], size: int
) -> None:
    before, told, after = history
    pages = [encoded(list(before[start : start + size])) for start in range(0, len(before), size)]
    found = [each for page in merged(lambda: map(decoded, pages), "root", told) for each in page]
    assert by_id([(folder, raw) for folder, raw in found]) == by_id(after)


def test_changes_of_what_is_not_known_are_refused() -> None:
    stranger = {"id": "a", "name": "a", "parentReference": {"id": "unknown"}}
    for told in ([stranger], [{"id": "new root", "root": {}}]):
        try:
            merged(list, "root", told)
        except DoesNotFitError:
            continue
        raise AssertionError("the changes were taken")


def test_no_address_that_needs_no_sign_in_is_written_down() -> None:
    raw = {
        "id": "1",
        "@microsoft.graph.downloadUrl": "https://secret.example/one",
        "@content.downloadUrl": "https://secret.example/two",
        "remoteItem": {"inner": [{"@Microsoft.Graph.DownloadURL": "https://secret.example/three"}]},
        "name": "about downloadUrl",
    }
    kept = decoded(encoded([("/", raw)]))
    assert kept == [["/", {"id": "1", "remoteItem": {"inner": [{}]}, "name": "about downloadUrl"}]]
