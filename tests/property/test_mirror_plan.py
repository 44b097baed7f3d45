"""Carrying out a plan makes the target the source, whatever the two were; nothing unasked is deleted."""

from __future__ import annotations

from pathlib import PurePosixPath

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from driveql.graph.mirror_plan import Entry, MirrorRules, Step, TooManyDeletions, plan

names = st.sampled_from(["a", "b", "c.txt", "D", "e f#%"])


@st.composite
def trees(draw: st.DrawFn) -> dict[str, Entry]:
    """Files with contents, and every folder above them."""
    tree: dict[str, Entry] = {}
    for parts in draw(st.lists(st.lists(names, min_size=1, max_size=3), max_size=8)):
        path = "/".join(parts)
        above = [str(parent) for parent in PurePosixPath(path).parents][:-1]
        if path in tree or any(parent in tree and not tree[parent].is_folder for parent in above):
            continue
        tree |= {parent: Entry(parent, True) for parent in above if parent not in tree}
        content = draw(st.integers(0, 3))
        tree[path] = Entry(
            path, False, 10 + content // 2, float(draw(st.integers(0, 3)) * 100), f"hash{content}"
        )
    return tree


def carried_out(steps: list[Step], source: dict[str, Entry], target: dict[str, Entry]) -> dict[str, Entry]:
    result = dict(target)
    for step in steps:
        if step.kind in {"create_folder", "copy", "replace"}:
            above = str(PurePosixPath(step.path).parent)
            assert above == "." or result[above].is_folder, "the folder is there before what is in it"
            result[step.path] = source[step.path]
        elif step.kind in {"delete", "delete_folder"}:
            assert not any(path.startswith(step.path + "/") for path in result), (
                "a folder is empty before it goes"
            )
            del result[step.path]
    return result


def shape(tree: dict[str, Entry]) -> dict[str, str | None]:
    return {path: None if entry.is_folder else entry.hash for path, entry in tree.items()}


@given(trees(), trees(), st.booleans())
def test_after_the_plan_the_target_is_the_source(
    source: dict[str, Entry], target: dict[str, Entry], up: bool
) -> None:
    rules = MirrorRules(delete=True, compare="hash", max_delete=100)
    steps = plan(source.values(), target.values(), rules, to_onedrive=up)
    assume(not any(step.kind == "refuse" for step in steps))
    result = carried_out(steps, source, target)
    assert shape(result) == shape(source)
    assert plan(source.values(), result.values(), rules, to_onedrive=up) == []


@given(trees(), trees())
def test_without_delete_nothing_is_deleted_and_nothing_else_is_missing(
    source: dict[str, Entry], target: dict[str, Entry]
) -> None:
    steps = plan(source.values(), target.values(), MirrorRules(compare="hash"), to_onedrive=True)
    assert {step.kind for step in steps} <= {"create_folder", "copy", "replace", "refuse"}
    assume(not any(step.kind == "refuse" for step in steps))
    result = carried_out(steps, source, target)
    assert shape(source).items() <= shape(result).items()
    assert set(result) == set(source) | set(target)


@given(trees(), trees(), st.integers(0, 4))
def test_more_deletions_than_allowed_refuse_the_whole(
    source: dict[str, Entry], target: dict[str, Entry], most: int
) -> None:
    rules = MirrorRules(delete=True, max_delete=most)
    try:
        steps = plan(source.values(), target.values(), rules, to_onedrive=False)
    except TooManyDeletions:
        free = plan(
            source.values(), target.values(), MirrorRules(delete=True, max_delete=10_000), to_onedrive=False
        )
        assert sum("delete" in step.kind for step in free) > most
        return
    assert sum("delete" in step.kind for step in steps) <= most


def test_an_empty_source_does_not_empty_the_target() -> None:
    target = [Entry("a.txt", False, 1)]
    with pytest.raises(TooManyDeletions, match="empty"):
        plan([], target, MirrorRules(delete=True), to_onedrive=True)
    assert [
        step.kind for step in plan([], target, MirrorRules(delete=True, max_delete=5), to_onedrive=True)
    ] == ["delete"]


def test_what_is_excluded_is_neither_copied_nor_deleted() -> None:
    rules = MirrorRules(delete=True, exclude=("*.tmp", "cache"), include=("data/*", "*.csv"), max_delete=9)
    source = [
        Entry("a.csv", False, 1),
        Entry("b.tmp", False, 1),
        Entry("cache", True),
        Entry("cache/x.csv", False, 1),
    ]
    target = [
        Entry("old.csv", False, 1),
        Entry("keep.tmp", False, 1),
        Entry("cache/y.csv", False, 1),
        Entry("z.doc", False, 1),
    ]
    steps = plan(source, target, rules, to_onedrive=True)
    assert [(step.kind, step.path) for step in steps] == [("copy", "a.csv"), ("delete", "old.csv")]


def test_names_that_onedrive_cannot_hold_or_tell_apart_are_refused_and_leave_the_other_side_alone() -> None:
    source = [
        Entry("A.txt", False, 1),
        Entry("a.txt", False, 2),
        Entry("CON", False, 1),
        Entry("what?.txt", False, 1),
    ]
    target = [Entry("con", False, 5)]
    steps = plan(source, target, MirrorRules(delete=True), to_onedrive=True)
    assert sorted((step.kind, step.path) for step in steps) == [
        ("copy", "A.txt"), ("refuse", "CON"), ("refuse", "a.txt"), ("refuse", "what?.txt"),
    ]  # fmt: skip


def test_links_are_skipped_with_a_word_and_what_stands_for_them_is_left_alone() -> None:
    source = [Entry("link", False, skipped="it is a symbolic link")]
    steps = plan(
        source, [Entry("link", False, 4), Entry("x", False, 1)], MirrorRules(delete=True), to_onedrive=True
    )
    assert [(step.kind, step.path) for step in steps] == [("skip", "link"), ("delete", "x")]


@pytest.mark.parametrize(
    ("compare", "size", "modified", "hash_", "expected"),
    [
        ("auto", 5, 100.0, None, []),
        ("auto", 5, 100.9, None, []),
        ("auto", 5, 200.0, "h", []),
        ("auto", 5, 200.0, "other", ["replace"]),
        ("auto", 6, 100.0, "h", ["replace"]),
        ("hash", 5, 100.0, "other", ["replace"]),
        ("hash", 5, 100.0, "h", []),
        ("size", 5, 900.0, "other", []),
        ("size", 6, 100.0, "h", ["replace"]),
    ],
)
def test_comparison(compare: str, size: int, modified: float, hash_: str | None, expected: list[str]) -> None:
    rules = MirrorRules(compare=compare)  # type: ignore[arg-type]
    source, target = [Entry("a.txt", False, 5, 100.0, "h")], [Entry("a.txt", False, size, modified, hash_)]
    assert [step.kind for step in plan(source, target, rules, to_onedrive=True)] == expected


def test_an_office_file_that_sharepoint_rewrote_is_known_by_its_time() -> None:
    rules = MirrorRules(rewritten=frozenset({".docx"}))
    source, target = [Entry("a.docx", False, 5, 100.0)], [Entry("a.docx", False, 900, 100.0, "h")]
    assert plan(source, target, rules, to_onedrive=True) == []
    assert len(plan(source, [Entry("a.docx", False, 900, 300.0, "h")], rules, to_onedrive=True)) == 1
