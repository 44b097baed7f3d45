"""Which requests a predicate on permissions, versions, changes, lists and their entries becomes."""

from __future__ import annotations

import pytest

from driveql.errors import ParameterError
from driveql.sql.part_plans import (
    DriveListing,
    EachItem,
    FieldFilter,
    PartStep,
    SiteListing,
    SubscriptionListing,
)
from driveql.sql.part_steps import delta_token
from driveql.sql.plans import Defaults, FolderListing, ItemLookup, Plan, Scope, TreeWalk
from driveql.sql.predicates import (
    Always,
    And,
    Compare,
    Never,
    Not,
    OneOf,
    Or,
    Predicate,
    StartsWith,
    Unknown,
)
from driveql.sql.pushdown import plan
from driveql.sql.tables import TABLES, Kind

ALICE = "/users/alice@contoso.com"
SALES = "/sites/contoso.sharepoint.com:/sites/Sales"
OWN = Scope(ALICE, "b!own")


def planned(
    table: str, predicate: Predicate, columns: list[str] | None = None, *, unindexed: bool = False
) -> Plan:
    return plan(TABLES[table], predicate, columns, Defaults(ALICE, "b!own", unindexed))


def equal(column: str, value: str) -> Compare:
    return Compare(column, "=", value)


def each(*steps: ItemLookup | FolderListing | TreeWalk) -> list[PartStep]:
    return [EachItem(Kind.PERMISSIONS, steps)]


@pytest.mark.parametrize(
    ("predicate", "steps"),
    [
        (Always(), each(TreeWalk(OWN, "/"))),
        (Unknown(), each(TreeWalk(OWN, "/"))),
        (Never(), []),
        (equal("path", "/R/a.csv"), each(ItemLookup(OWN, path="/R/a.csv"))),
        (equal("path", "no path"), []),
        (equal("item_id", "01A"), each(ItemLookup(OWN, item_id="01A"))),
        (equal("id", "01A"), each(TreeWalk(OWN, "/"))),
        (OneOf("id", ("a", "b")), each(TreeWalk(OWN, "/"))),
        (Not(equal("id", "a")), each(TreeWalk(OWN, "/"))),
        (Or((equal("id", "a"), equal("path", "/x"))), each(TreeWalk(OWN, "/"))),
        (And((equal("id", "a"), equal("path", "/x"))), each(ItemLookup(OWN, path="/x"))),
        (equal("parent_path", "/R"), each(FolderListing(OWN, path="/R"))),
        (And((equal("parent_path", "/R"), equal("item_name", "a"))), each(ItemLookup(OWN, path="/R/a"))),
        (StartsWith("path", "/R/"), each(TreeWalk(OWN, "/R"))),
        (OneOf("path", ("/a", "/b")), each(ItemLookup(OWN, path="/a"), ItemLookup(OWN, path="/b"))),
        (equal("drive_id", "b!x"), each(TreeWalk(Scope(None, "b!x"), "/"))),
        (equal("kind", "link"), each(TreeWalk(OWN, "/"))),
    ],
    ids=str,
)
def test_parts_of_items(predicate: Predicate, steps: list[PartStep]) -> None:
    assert list(planned("permissions", predicate).steps) == steps
    assert planned("permissions", predicate).select == ()


def changes(start: str | None = None, since: str | None = None) -> DriveListing:
    return DriveListing(Kind.CHANGES, OWN, start, since)


@pytest.mark.parametrize(
    ("predicate", "steps"),
    [
        (Always(), [changes("all")]),
        (equal("start", "latest"), [changes("latest")]),
        (equal("start", ""), []),
        (equal("since", "2026-07-01"), [changes(since="2026-07-01")]),
        (And((equal("start", "all"), equal("since", "2026-07-01"))), []),
        (Or((equal("start", "latest"), equal("name", "x"))), [changes("all"), changes("latest")]),
        (equal("name", "x"), [changes("all")]),
    ],
    ids=str,
)
def test_changes(predicate: Predicate, steps: list[PartStep]) -> None:
    assert list(planned("changes", predicate).steps) == steps


@pytest.mark.parametrize(
    ("written", "token"),
    [
        ("2026-07-01", "2026-07-01T00:00:00Z"),
        ("2026-07-01T12:00:00+02:00", "2026-07-01T10:00:00Z"),
        ("2026-07-01 12:00:00", "2026-07-01T12:00:00Z"),
    ],
)
def test_a_time_becomes_a_token(written: str, token: str) -> None:
    assert delta_token(written) == token


def test_a_time_that_is_none_is_refused() -> None:
    with pytest.raises(ParameterError, match="soon"):
        planned("changes", equal("since", "soon"))


TITLE = FieldFilter("Title", "fields/Title eq 'x'")


def listing(kind: str, *given: object) -> SiteListing:
    return SiteListing(Kind(kind), *given)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("table", "predicate", "steps"),
    [
        ("lists", Always(), [listing("lists", ALICE)]),
        ("lists", equal("owner", SALES), [listing("lists", SALES)]),
        ("lists", equal("site_id", "h,1,2"), [listing("lists", ALICE, "h,1,2")]),
        ("lists", equal("id", "g"), [listing("lists", ALICE)]),
        ("list_items", Always(), [listing("list_items", ALICE)]),
        ("list_items", equal("list", "Clients"), [listing("list_items", ALICE, None, "Clients")]),
        ("list_items", equal("site_id", "h,1,2"), []),
        (
            "list_items",
            And((equal("site_id", "h"), OneOf("list", ("a", "b")))),
            [listing("list_items", ALICE, "h", "a"), listing("list_items", ALICE, "h", "b")],
        ),
        ("list_items", equal("title", "x"), [listing("list_items", ALICE, None, None, (TITLE,))]),
        (
            "list_items",
            And((equal("title", "x"), equal("file_name", "y"))),
            [listing("list_items", ALICE, None, None, (TITLE,))],
        ),
        ("list_items", Or((equal("title", "x"), equal("file_name", "y"))), [listing("list_items", ALICE)]),
        ("list_items", equal("title", ""), [listing("list_items", ALICE)]),
        ("subscriptions", equal("id", "s"), [SubscriptionListing("s")]),
        ("subscriptions", equal("resource", "s"), [SubscriptionListing()]),
    ],
    ids=str,
)
def test_sites(table: str, predicate: Predicate, steps: list[PartStep]) -> None:
    assert list(planned(table, predicate).steps) == steps


def test_only_the_fields_that_are_wanted_are_expanded() -> None:
    assert planned("list_items", Always(), ["id"]).expand is None
    assert planned("list_items", Always(), ["title", "id"]).expand == "fields($select=Title)"
    assert (
        planned("list_items", equal("title", "x"), ["file_name"]).expand
        == "fields($select=Title,FileLeafRef)"
    )
    assert planned("list_items", Always(), ["fields", "title"]).expand == "fields"
    assert planned("list_items", Always(), ["web_url"]).select == ("id", "webUrl")


def test_the_connection_may_ask_for_filters_on_columns_without_index() -> None:
    (step,) = planned("list_items", equal("title", "x"), unindexed=True).steps
    assert isinstance(step, SiteListing)
    assert step.unindexed
    assert "indexed" not in str(step)
