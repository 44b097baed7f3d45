"""Which requests a predicate becomes."""

from __future__ import annotations

import pytest

from driveql.errors import ParameterError
from driveql.sql.plans import (
    Defaults,
    EntityListing,
    EntityLookup,
    FolderListing,
    Hint,
    ItemLookup,
    MemberListing,
    Plan,
    Scope,
    Step,
    TreeWalk,
)
from driveql.sql.predicates import (
    Always,
    And,
    Compare,
    Never,
    OneOf,
    Or,
    Predicate,
    StartsWith,
    Unknown,
)
from driveql.sql.pushdown import plan
from driveql.sql.tables import TABLES, Kind

ALICE = "/users/alice@contoso.com"
DEFAULTS = Defaults(ALICE, "b!own")
OWN = Scope(ALICE, "b!own")


def planned(table: str, predicate: Predicate, columns: list[str] | None = None, **hint: object) -> Plan:
    return plan(TABLES[table], predicate, columns, DEFAULTS, Hint(**hint))  # type: ignore[arg-type]


def equal(column: str, value: str) -> Compare:
    return Compare(column, "=", value)


@pytest.mark.parametrize(
    ("predicate", "steps"),
    [
        (Always(), [TreeWalk(OWN, "/")]),
        (Unknown(), [TreeWalk(OWN, "/")]),
        (Never(), []),
        (equal("path", "/R/a.csv"), [ItemLookup(OWN, path="/R/a.csv")]),
        (equal("path", "/"), []),
        (equal("path", "R/a.csv"), []),
        (equal("path", "/R//a.csv"), []),
        (equal("path", "/R/../a.csv"), []),
        (equal("path", "/R/a?.csv"), []),
        (equal("id", "01ABC"), [ItemLookup(OWN, item_id="01ABC")]),
        (equal("id", ""), []),
        (equal("parent_path", "/"), [FolderListing(OWN, path="/")]),
        (equal("parent_path", "/R"), [FolderListing(OWN, path="/R")]),
        (equal("parent_reference_id", "01F"), [FolderListing(OWN, item_id="01F")]),
        (And((equal("parent_path", "/R"), equal("name", "a"))), [ItemLookup(OWN, path="/R/a")]),
        (equal("name", "a.csv"), [TreeWalk(OWN, "/")]),
        (OneOf("path", ("/a", "/b")), [ItemLookup(OWN, path="/a"), ItemLookup(OWN, path="/b")]),
        (StartsWith("path", "/R/2026/s"), [TreeWalk(OWN, "/R/2026")]),
        (StartsWith("path", "/Rep"), [TreeWalk(OWN, "/")]),
        (StartsWith("path", "R"), []),
        (StartsWith("parent_path", "/R/"), [TreeWalk(OWN, "/R")]),
        (
            Or((StartsWith("path", "/R/"), equal("parent_path", "/S"))),
            [TreeWalk(OWN, "/R"), TreeWalk(OWN, "/S")],
        ),
        (Or((StartsWith("path", "/R/"), StartsWith("path", "/R/x/"))), [TreeWalk(OWN, "/R")]),
        (And((Compare("path", ">=", "/R/"), Compare("path", "<", "/R0"))), [TreeWalk(OWN, "/R")]),
        (equal("owner", ALICE), [TreeWalk(OWN, "/")]),
        (equal("owner", "/users/b@c.d"), [TreeWalk(Scope("/users/b@c.d"), "/")]),
        (equal("drive_id", "b!own"), [TreeWalk(OWN, "/")]),
        (equal("drive_id", "b!x"), [TreeWalk(Scope(None, "b!x"), "/")]),
        (
            And((equal("owner", "/users/b@c.d"), equal("drive_id", "b!x"), equal("path", "/a"))),
            [ItemLookup(Scope("/users/b@c.d", "b!x"), path="/a")],
        ),
        (
            Or((equal("owner", "/users/b@c.d"), equal("name", "x"))),
            [TreeWalk(OWN, "/"), TreeWalk(Scope("/users/b@c.d"), "/")],
        ),
    ],
    ids=str,
)
def test_items(predicate: Predicate, steps: list[Step]) -> None:
    assert list(planned("items", predicate).steps) == steps


@pytest.mark.parametrize(
    ("table", "predicate", "steps"),
    [
        ("users", equal("id", "u1"), [EntityLookup(Kind.USERS, "u1")]),
        ("users", Always(), [EntityListing(Kind.USERS)]),
        ("users", equal("mail", "o'x@y"), [EntityListing(Kind.USERS, "mail eq 'o''x@y'")]),
        ("users", equal("mail", ""), [EntityListing(Kind.USERS)]),
        (
            "users",
            Compare("account_enabled", "=", False),
            [EntityListing(Kind.USERS, "accountEnabled eq false")],
        ),
        (
            "users",
            StartsWith("display_name", "A"),
            [EntityListing(Kind.USERS, "startswith(displayName,'A')")],
        ),
        ("users", equal("mobile_phone", "1"), [EntityListing(Kind.USERS)]),
        ("users", Compare("mail", "<>", "x"), [EntityListing(Kind.USERS)]),
        (
            "users",
            And((OneOf("department", ("a", "b")), Compare("mail", "<>", "x"), equal("surname", "s"))),
            [EntityListing(Kind.USERS, "(department eq 'a' or department eq 'b') and surname eq 's'")],
        ),
        ("users", Or((equal("mail", "x"), Unknown())), [EntityListing(Kind.USERS)]),
        ("users", OneOf("mail", tuple(f"m{n}" for n in range(16))), [EntityListing(Kind.USERS)]),
        ("groups", equal("mail_nickname", "x"), [EntityListing(Kind.GROUPS, "mailNickname eq 'x'")]),
        ("group_members", Always(), [MemberListing()]),
        ("group_members", OneOf("group_id", ("a", "b")), [MemberListing("a"), MemberListing("b")]),
        ("sites", equal("name", "x"), [EntityListing(Kind.SITES)]),
        ("sites", equal("id", "h,1,2"), [EntityLookup(Kind.SITES, "h,1,2")]),
        ("drives", Always(), [EntityListing(Kind.DRIVES, owner=ALICE)]),
        ("drives", equal("owner", "/groups/g"), [EntityListing(Kind.DRIVES, owner="/groups/g")]),
        ("drives", equal("id", "b!x"), [EntityLookup(Kind.DRIVES, "b!x")]),
        ("drives", equal("id", "b!own"), [EntityLookup(Kind.DRIVES, "b!own", ALICE)]),
    ],
    ids=str,
)
def test_directory(table: str, predicate: Predicate, steps: list[Step]) -> None:
    assert list(planned(table, predicate).steps) == steps


def test_only_the_properties_that_columns_need_are_selected() -> None:
    found = planned("items", Compare("size", ">", 1), ["name", "created_by_user_email"])
    assert found.select == ("id", "root", "folder", "name", "size", "createdBy")
    assert found.columns == ("name", "size", "created_by_user_email")
    assert planned("items", Unknown(), ["name"]).columns == tuple(TABLES["items"].by_name)
    assert planned("users", Always(), []).columns == ("id",)


def test_a_limit_becomes_the_page_size_where_every_object_is_a_row() -> None:
    assert planned("items", Always(), limit=10).top == 10
    assert planned("files", Always(), limit=10).top == 1000
    assert planned("users", Always()).top == 999
    assert planned("drives", Always(), limit=1).top is None


def test_what_cannot_be_an_owner_is_refused_before_any_request() -> None:
    with pytest.raises(ParameterError, match="garbage"):
        planned("items", equal("owner", "garbage"))


@pytest.mark.parametrize("table", TABLES)
def test_every_column_has_a_description_and_knows_where_its_value_comes_from(table: str) -> None:
    for column in TABLES[table].columns:
        assert column.description
        assert column.graph or column.derive is not None
        assert column.name == column.name.lower()
