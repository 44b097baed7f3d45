"""Users, groups and members: properties, filters, search, counting and pages."""

from __future__ import annotations

from typing import Any

import pytest

from graph_emulator import Emulator
from graph_emulator.store import User

EVENTUAL = {"ConsistencyLevel": "eventual"}


@pytest.fixture
def people(emulator: Emulator) -> list[User]:
    tenant = emulator.tenant
    names = ("Adele Vance", "Alex Wilber", "Bianca O'Hara", "Waldo Adams")
    return [
        tenant.add_user(name.split()[0].lower(), name, department=name[0], drive=name != "Alex Wilber")
        for name in names
    ]


def found(answer: Any) -> list[str]:
    assert answer.status == 200, answer.body
    return [user["displayName"].split()[0] for user in answer.json["value"]]


def test_a_user_by_id_and_by_name_in_any_case(ask: Any, people: list[User]) -> None:
    for identifier in (people[0].id, people[0].id.upper(), "adele@contoso.com", "ADELE@CONTOSO.COM"):
        answer = ask("GET", f"/users/{identifier}")
        assert answer.json["displayName"] == "Adele Vance"
        assert "department" not in answer.json
    shown = ask("GET", "/users/adele@contoso.com?$select=department,postalCode").json
    assert {**shown, "@odata.context": ""} == {"@odata.context": "", "department": "A", "postalCode": None}


def test_unknown_users_and_properties(ask: Any, people: list[User]) -> None:
    assert (ask("GET", "/users/nobody@contoso.com").status, ask("GET", "/users/nobody@contoso.com").code) == (
        404,
        "Request_ResourceNotFound",
    )
    refused = ask("GET", "/users?$select=shoeSize")
    assert (refused.status, refused.code) == (400, "BadRequest")
    assert "shoeSize" in refused.json["error"]["message"]


@pytest.mark.parametrize(
    ("clause", "names"),
    [
        ("displayName eq 'adele vance'", ["Adele"]),
        ("startswith(displayName,'a')", ["Adele", "Alex"]),
        (
            "startsWith(displayName, 'A') and department eq 'A' or displayName eq 'Waldo Adams'",
            ["Adele", "Alex", "Waldo"],
        ),
        ("startswith(displayName,'a') and (mail eq 'alex@contoso.com' or mail eq 'x')", ["Alex"]),
        ("displayName eq 'Bianca O''Hara'", ["Bianca"]),
        ("mail in ('adele@contoso.com','waldo@contoso.com')", ["Adele", "Waldo"]),
        ("accountEnabled eq true and department ge 'B'", ["Bianca", "Waldo"]),
        ("displayName eq 'nobody'", []),
    ],
)
def test_filters(ask: Any, people: list[User], clause: str, names: list[str]) -> None:
    assert sorted(found(ask("GET", f"/users?$filter={clause.replace(' ', '%20')}"))) == names


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("$filter=department ne 'A'&$count=true", ["Bianca", "Waldo"]),
        ("$filter=endswith(mail,'o@contoso.com')&$count=true", ["Waldo"]),
        (
            "$filter=not(startswith(displayName,'A'))&$count=true&$orderby=displayName desc",
            ["Waldo", "Bianca"],
        ),
        ('$search="displayName:ad"', ["Adele", "Waldo"]),
        ('$search="displayName:ad" AND "displayName:wal"', ["Waldo"]),
        ('$search="displayName:wil" OR "mail:bianca"', ["Alex", "Bianca"]),
    ],
)
def test_advanced_queries_ask_for_their_header(
    ask: Any, people: list[User], query: str, names: list[str]
) -> None:
    target = f"/users?{query.replace(' ', '%20')}"
    assert sorted(found(ask("GET", target, headers=EVENTUAL))) == sorted(names)
    refused = ask("GET", target)
    assert (refused.status, refused.code) == (400, "Request_UnsupportedQuery")


def test_count(ask: Any, people: list[User]) -> None:
    page = ask("GET", "/users?$count=true&$top=1", headers=EVENTUAL).json
    assert (page["@odata.count"], len(page["value"])) == (4, 1)
    number = ask("GET", "/users/$count", headers=EVENTUAL)
    assert (number.body, number.headers["Content-Type"]) == (b"4", "text/plain")
    assert ask("GET", "/users/$count").status == 400


@pytest.mark.parametrize("prefix", ["$", "%24", ""])
def test_pages_are_complete_and_without_repetition(ask: Any, people: list[User], prefix: str) -> None:
    pages = list(ask.follow(f"/users?{prefix}top=3&{prefix}select=id"))
    assert [len(page.json["value"]) for page in pages] == [3, 1]
    assert {user["id"] for page in pages for user in page.json["value"]} == {user.id for user in people}


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("$top=1000", 400),
        ("$top=0", 400),
        ("$top=x", 400),
        ("$filter=displayName eq", 400),
        ("$filter=shoeSize eq 1", 400),
        ("$filter=geo.distance(x,'a') lt 1", 501),
        ("$apply=groupby((department))", 501),
        ("$expand=manager", 501),
        ("$top=1&top=2", 400),
        ("$skiptoken=zzz", 400),
    ],
)
def test_what_cannot_be_answered_is_refused(ask: Any, people: list[User], query: str, status: int) -> None:
    assert ask("GET", f"/users?{query.replace(' ', '%20')}").status == status


def test_groups_and_members(ask: Any, emulator: Emulator, people: list[User]) -> None:
    inner = emulator.tenant.add_group("Inner", people[:1], drive=False)
    outer = emulator.tenant.add_group("Outer", [*people[1:3], inner])
    assert sorted(group["displayName"] for group in ask("GET", "/groups").json["value"]) == ["Inner", "Outer"]
    unified = ask("GET", "/groups?$filter=groupTypes/any(c:c%20eq%20'Unified')&$select=displayName").json[
        "value"
    ]
    assert unified == [{"displayName": "Outer"}]
    members = ask("GET", f"/groups/{outer.id}/members").json["value"]
    assert sorted(member["@odata.type"] for member in members) == [
        "#microsoft.graph.group",
        "#microsoft.graph.user",
        "#microsoft.graph.user",
    ]
    named = ask("GET", f"/groups/{outer.id}/members?$select=id").json["value"]
    assert [set(member) for member in named] == [{"@odata.type", "id"}] * 3
    users = ask("GET", f"/groups/{outer.id}/members/microsoft.graph.user?$select=id").json["value"]
    assert [set(user) for user in users] == [{"id"}, {"id"}]
    assert ask("GET", f"/groups/{outer.id}/members/$count", headers=EVENTUAL).body == b"3"
    assert ask("GET", f"/groups/{'0' * 36}/members").status == 404


def test_drives_of_owners(ask: Any, emulator: Emulator, people: list[User]) -> None:
    group = emulator.tenant.add_group("Team", people)
    plain = emulator.tenant.add_group("Plain", people, drive=False)
    assert ask("GET", "/users/adele@contoso.com/drive").json["driveType"] == "business"
    assert ask("GET", f"/groups/{group.id}/drive").json["driveType"] == "documentLibrary"
    assert len(ask("GET", f"/groups/{group.id}/drives").json["value"]) == 1
    assert ask("GET", "/users/alex@contoso.com/drives").json["value"] == []
    for path in (
        "/users/alex@contoso.com/drive",
        f"/groups/{plain.id}/drive",
        "/users/nobody@contoso.com/drive/root",
    ):
        assert ask("GET", path).status == 404
    for path in ("/me", "/me/drive", "/me/drives", "/drive/root/children"):
        assert (ask("GET", path).status, ask("GET", path).code) == (400, "BadRequest")


def test_tenants_do_not_see_each_other(emulator: Emulator, people: list[User]) -> None:
    other = emulator.add_tenant("fabrikam.com", "Fabrikam")
    stranger = other.add_user("zoe")
    application = emulator.register_application("there", {"User.Read.All", "Files.Read.All"}, tenant=other)
    token = emulator.identity.mint(other, application)
    from tests.emulator.conftest import Asker

    asker = Asker(emulator)
    asker.token = token
    assert [user["id"] for user in asker("GET", "/users").json["value"]] == [stranger.id]
    assert people[0].drive is not None
    assert asker("GET", f"/drives/{people[0].drive.id}").status == 404
    assert asker("GET", f"/users/{people[0].id}").status == 404
