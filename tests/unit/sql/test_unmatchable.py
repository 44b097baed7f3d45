"""What is told of a condition that no path can satisfy."""

from __future__ import annotations

import pytest

from driveql.sql.plans import Defaults, Hint
from driveql.sql.predicates import And, Compare, Not, OneOf, Or, Predicate, StartsWith
from driveql.sql.pushdown import plan
from driveql.sql.tables import TABLES
from driveql.sql.unmatchable import told_of


@pytest.mark.parametrize(
    ("predicate", "told"),
    [
        (Compare("parent_path", "=", "Notes"), "begins with a slash. Write parent_path = '/Notes'."),
        (Compare("parent_path", "=", ""), "Write parent_path = '/'."),
        (Compare("parent_path", "=", "/Notes/"), "no slash at its end, and one between two names. Write"),
        (Compare("path", "=", "/a//b"), "Write path = '/a/b'."),
        (Compare("path", "=", "Notes\\o'clock"), "Write path = '/Notes/o''clock'."),
        (Compare("path", "=", "onedrive:/a/b"), "without scheme and owner. Write path = '/a/b'."),
        (Compare("path", "=", "onedrive://b@x.com/a"), "path = '/a' AND owner = '/users/b@x.com'."),
        (Compare("path", "=", "onedrive://drives/b!1/a"), "path = '/a' AND drive_id = 'b!1'."),
        (Compare("path", "=", "onedrive:/.."), "path = 'onedrive:/..' matches nothing"),
        (Compare("path", "=", "/a/.."), "no item can have this path."),
        (Compare("path", "=", "/a/*.md"), "GLOB and LIKE do."),
        (Compare("path", "=", "https://x.sharepoint.com/:x:/s/secret"), "path = 'https://...' matches nothing"),
        (StartsWith("path", "Notes/"), "path LIKE 'Notes/%' matches nothing: a path begins with a slash."),
        (StartsWith("path", "Notes/"), "Write path LIKE '/Notes/%'."),
        (StartsWith("path", "onedrive:/Notes/s"), "Write path LIKE '/Notes/s%'."),
        (StartsWith("path", "onedrive:/"), "Write path LIKE '/%'."),
        (Compare("name", "=", "Notes/a.md"), "a name has no slash. Write path = '/Notes/a.md'."),
        (OneOf("path", ("/a", "b")), "path = 'b' matches nothing"),
        (And((Compare("size", ">", 3), Or((Compare("path", "=", "b"),)))), "path = 'b' matches nothing"),
    ],
)  # fmt: skip
def test_a_condition_that_no_path_satisfies_is_told_with_what_to_write(
    predicate: Predicate, told: str
) -> None:
    (text,) = told_of(TABLES["files"], predicate)
    assert text.startswith("files: ")
    assert told in text
    assert "secret" not in text


@pytest.mark.parametrize(
    "predicate",
    [
        Compare("path", "=", "/Notes/a.md"),
        Compare("parent_path", "=", "/"),
        OneOf("path", ("/", "/a b")),
        StartsWith("path", "/"),
        StartsWith("path", "/Notes/"),
        StartsWith("parent_path", "/No"),
        StartsWith("name", "a/"),
        Compare("path", "<>", "Notes"),
        Not(Compare("path", "=", "Notes")),
        Compare("path", ">=", "Notes"),
        Compare("name", "=", "a.md"),
    ],
)
def test_of_others_nothing_is_told(predicate: Predicate) -> None:
    assert told_of(TABLES["files"], predicate) == ()
    assert told_of(TABLES["users"], predicate) == ()


def test_many_are_told_of_by_a_few_and_values_from_elsewhere_by_none() -> None:
    predicate = OneOf("path", tuple(map(str, range(100))))
    found = plan(TABLES["files"], predicate, None, Defaults(None, None))
    assert len(found.told) == 3
    assert plan(TABLES["files"], predicate, None, Defaults(None, None), Hint(keys=("x",))).told == ()
