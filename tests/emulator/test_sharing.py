"""Permissions, links, invitations, and the way back from a link or a web address to its item."""

from __future__ import annotations

import base64
from typing import Any
from urllib.parse import quote

import pytest
from tests.emulator.conftest import Answer, Asker

from graph_emulator import Clock, Emulator
from graph_emulator.faults import Refuse
from graph_emulator.store import Drive, Item


@pytest.fixture
def file(drive: Drive) -> Item:
    return drive.put_file("/Reports/2026/budget #1 100%.xlsx", b"text")


@pytest.fixture
def place(drive: Drive, file: Item) -> str:
    return f"/drives/{drive.id}/items/{file.id}"


@pytest.fixture
def bob(emulator: Emulator) -> str:
    return emulator.tenant.add_user("bob", "Bob Lee").id


def token(url: str) -> str:
    return "u!" + base64.urlsafe_b64encode(url.encode()).rstrip(b"=").decode()


def link(ask: Asker, place: str, **body: Any) -> Answer:
    return ask("POST", f"{place}/createLink", json={"type": "view", "scope": "anonymous", **body})


def invite(ask: Asker, place: str, *emails: str, **body: Any) -> Answer:
    recipients = [{"email": email} for email in emails]
    return ask(
        "POST",
        f"{place}/invite",
        json={"recipients": recipients, "roles": ["read"], "sendInvitation": False} | body,
    )


def test_what_holds_without_anyones_doing(ask: Asker, drive: Drive, place: str, emulator: Emulator) -> None:
    (owner,) = ask("GET", f"{place}/permissions").json["value"]
    assert owner["roles"] == ["owner"]
    assert owner["grantedToV2"]["user"]["displayName"] == "Alice Romero"
    assert owner["grantedTo"] == {"user": owner["grantedToV2"]["user"]}
    assert owner["inheritedFrom"]["id"] == drive.root.id
    (at_root,) = ask("GET", f"/drives/{drive.id}/root/permissions").json["value"]
    assert "inheritedFrom" not in at_root
    library = emulator.tenant.add_site("sites/Finance", "Finance").drives[0]
    groups = ask("GET", f"/drives/{library.id}/root/permissions").json["value"]
    shown = {each["grantedToV2"]["siteGroup"]["displayName"]: each["roles"] for each in groups}
    assert shown == {"Finance Owners": ["owner"], "Finance Members": ["write"], "Finance Visitors": ["read"]}


def test_a_link_is_made_once(ask: Asker, place: str) -> None:
    made = link(ask, place)
    assert made.status == 201
    shown = made.json
    assert (shown["roles"], shown["hasPassword"]) == (["read"], False)
    assert (shown["link"]["type"], shown["link"]["scope"]) == ("view", "anonymous")
    assert shown["link"]["webUrl"].startswith(
        "https://contoso-my.sharepoint.com/:x:/g/personal/alice_contoso_com/E"
    )
    assert shown["shareId"] == token(shown["link"]["webUrl"])
    again = link(ask, place)
    assert (again.status, again.json["id"]) == (200, shown["id"])
    other = link(ask, place, type="edit", scope="organization")
    assert (other.status, other.json["roles"]) == (201, ["write"])
    assert link(ask, place, password="secret").json["hasPassword"]
    assert b"secret" not in ask("GET", f"{place}/permissions").body
    assert len(ask("GET", f"{place}/permissions").json["value"]) == 4


@pytest.mark.parametrize(
    "body",
    [
        {"type": "embed"},
        {"type": "review"},
        {"scope": "world"},
        {"expirationDateTime": "tomorrow"},
        {"expirationDateTime": "2020-01-01T00:00:00Z"},
        {"recipients": "bob"},
    ],
)
def test_links_that_cannot_be_made(ask: Asker, place: str, body: dict[str, Any]) -> None:
    refused = link(ask, place, **body)
    assert (refused.status, refused.code) == (400, "invalidRequest")


def test_links_that_the_tenant_does_not_allow(ask: Asker, place: str, drive: Drive) -> None:
    ask.emulator.behaviour.anonymous_links = False
    refused = link(ask, place)
    assert (refused.status, refused.json["error"]["innerError"]["code"]) == (403, "sharingDisabled")
    assert link(ask, place, scope=None).json["link"]["scope"] == "organization"
    assert link(ask, f"/drives/{drive.id}/root", scope="users").code == "notSupported"


def test_a_link_ends(ask: Asker, place: str, clock: Clock) -> None:
    made = link(ask, place, expirationDateTime="2027-01-01T00:00:00Z").json
    assert made["expirationDateTime"] == "2027-01-01T00:00:00Z"
    share = f"/shares/{made['shareId']}/driveItem"
    assert ask("GET", share).status == 200
    clock.set(1_798_761_600.0)
    assert (ask("GET", share).status, ask("GET", share).code) == (403, "accessDenied")
    assert ask("GET", f"{place}/permissions/{made['id']}").status == 404


def test_one_permission_read_changed_and_taken_away(ask: Asker, place: str, bob: str) -> None:
    (made,) = invite(ask, place, "bob@contoso.com").json["value"]
    assert made["grantedToV2"]["user"]["id"] == bob
    assert made["grantedToV2"]["siteUser"]["loginName"] == "i:0#.f|membership|bob@contoso.com"
    assert made["invitation"] == {"email": "bob@contoso.com", "signInRequired": True}
    one = f"{place}/permissions/{made['id']}"
    assert ask("GET", one).json["roles"] == ["read"]
    changed = ask("PATCH", one, json={"roles": ["write"]})
    assert (changed.status, changed.json["roles"]) == (200, ["write"])
    assert ask("PATCH", one, json={"roles": ["king"]}).status == 400
    assert ask("PATCH", one, json={"link": {}}).status == 400
    assert ask("DELETE", one).status == 204
    assert ask("GET", one).status == 404
    assert ask("DELETE", one).status == 404


def test_what_is_granted_on_a_folder_holds_below(ask: Asker, drive: Drive, place: str, bob: str) -> None:
    folder = f"/drives/{drive.id}/root:/Reports:"
    (made,) = invite(ask, folder, "bob@contoso.com", roles=["write"]).json["value"]
    below = f"{place}/permissions/{made['id']}"
    assert ask("GET", below).json["inheritedFrom"]["path"] == f"/drives/{drive.id}/root:/Reports"
    for method, body in (("DELETE", None), ("PATCH", {"roles": ["read"]})):
        assert ask(method, below, json=body).status == 400
    owner = ask("GET", f"/drives/{drive.id}/root/permissions").json["value"][0]["id"]
    assert ask("DELETE", f"/drives/{drive.id}/root/permissions/{owner}").status == 403


def test_an_invitation_fails_one_by_one(ask: Asker, place: str, bob: str) -> None:
    answer = invite(ask, place, "bob@contoso.com", "nobody@contoso.com", "guest@fabrikam.com")
    assert answer.status == 207
    good, unknown, guest = answer.json["value"]
    assert good["roles"] == ["read"]
    assert unknown["error"]["innererror"]["code"] == "noResolvedUsers"
    assert (guest["error"]["code"], guest["grantedToV2"]["user"]["email"]) == (
        "notAllowed",
        "guest@fabrikam.com",
    )
    ask.emulator.behaviour.partial_invite_status = 200
    assert invite(ask, place, "bob@contoso.com", "nobody@contoso.com").status == 200
    alone = invite(ask, place, "nobody@contoso.com")
    assert (alone.status, alone.json["error"]["innerError"]["code"]) == (400, "noResolvedUsers")
    again = invite(ask, place, "bob@contoso.com", roles=["write"]).json["value"]
    assert [(each["id"], each["roles"]) for each in again] == [(good["id"], ["write"])]


@pytest.mark.parametrize(
    "body",
    [
        {"roles": []},
        {"roles": "read"},
        {"recipients": [{"email": "bob@contoso.com", "objectId": "x"}]},
        {"recipients": ["bob"]},
        {"requireSignIn": "yes"},
        {"message": "x" * 2001},
        {"surprise": 1},
    ],
)
def test_invitations_that_make_no_sense(ask: Asker, place: str, bob: str, body: dict[str, Any]) -> None:
    assert invite(ask, place, "bob@contoso.com", **body).status == 400


def test_recipients_by_id_and_alias(ask: Asker, place: str, bob: str, emulator: Emulator) -> None:
    emulator.tenant.add_group("Finance")
    answer = invite(ask, place, recipients=[{"objectId": bob}, {"alias": "finance"}])
    assert answer.status == 200
    assert [next(iter(each["grantedToV2"])) for each in answer.json["value"]] == ["user", "group"]


def test_a_link_for_some_people(ask: Asker, place: str, bob: str, emulator: Emulator) -> None:
    emulator.tenant.add_user("carol")
    made = link(ask, place, scope="users", recipients=[{"email": "bob@contoso.com"}]).json
    share = f"/shares/{made['shareId']}/permission/grant"
    people = {"recipients": [{"email": "carol@contoso.com"}], "roles": ["read"]}
    (grown,) = ask("POST", share, json=people).json["value"]
    assert len(grown["grantedToIdentitiesV2"]) == 2
    revoke = f"{place}/permissions/{made['id']}/revokeGrants"
    left = ask("POST", revoke, json={"grantees": [{"email": "bob@contoso.com"}]})
    assert [each["user"]["displayName"] for each in left.json["grantedToIdentitiesV2"]] == ["carol"]
    assert ask("POST", revoke, json={"grantees": [{"email": "carol@contoso.com"}]}).status == 204
    assert ask("GET", f"{place}/permissions/{made['id']}").status == 404
    anyone = link(ask, place).json["id"]
    body = {"grantees": [{"email": "bob@contoso.com"}]}
    assert ask("POST", f"{place}/permissions/{anyone}/revokeGrants", json=body).status == 400


def test_granting_on_an_items_own_address(ask: Asker, place: str, bob: str) -> None:
    url = ask("GET", place).json["webUrl"]
    people = {"recipients": [{"email": "bob@contoso.com"}, {"email": "x@contoso.com"}], "roles": ["read"]}
    answer = ask("POST", f"/shares/{token(url)}/permission/grant", json=people)
    existing, bobs, _ = answer.json["value"]
    assert (answer.status, existing["link"]["scope"]) == (207, "existingAccess")
    assert bobs["grantedToV2"]["user"]["id"] == bob


SITE = "https://contoso-my.sharepoint.com/personal/alice_contoso_com"
PATH = "/personal/alice_contoso_com/Documents/Reports/2026/budget #1 100%.xlsx"


@pytest.mark.parametrize(
    "url",
    [
        f"https://contoso-my.sharepoint.com{quote(PATH)}",
        f"https://contoso-my.sharepoint.com{quote(PATH)}?web=1",
        f"https://CONTOSO-my.sharepoint.com{quote(PATH.upper())}?d=w1&csf=1&web=1&e=aBc",
        f"https://contoso-my.sharepoint.com/:x:/r{quote(PATH)}?d=w12",
        f"{SITE}/_layouts/15/onedrive.aspx?id={quote(PATH, safe='')}&parent=%2Fpersonal",
        f"{SITE}/Documents/Forms/AllItems.aspx?id={quote(PATH, safe='')}",
        quote(f"https://contoso-my.sharepoint.com{quote(PATH)}", safe=""),
    ],
)
def test_web_addresses_lead_to_the_item(ask: Asker, file: Item, url: str) -> None:
    answer = ask("GET", f"/shares/{token(url)}/driveItem")
    assert (answer.status, answer.json.get("id")) == (200, file.id)


def test_more_ways_to_the_item(ask: Asker, file: Item, drive: Drive, place: str) -> None:
    guid = ask("GET", place).json["eTag"].split("{")[1].split("}")[0]
    document = f"{SITE}/_layouts/15/Doc.aspx?sourcedoc=%7B{guid}%7D&file=b.xlsx"
    opaque = link(ask, place).json["link"]["webUrl"]
    key = opaque.rpartition("/")[2]
    for url in (document, opaque, f"{opaque}?e=4%3aabc", f"{SITE}/_layouts/15/download.aspx?share={key}"):
        assert ask("GET", f"/shares/{token(url)}/root").json["id"] == file.id
    for url in (
        SITE,
        f"{SITE}/Documents",
        f"{SITE}/Documents/Forms/AllItems.aspx",
        f"{SITE}/_layouts/15/onedrive.aspx",
    ):
        assert ask("GET", f"/shares/{token(url)}/driveItem").json["id"] == drive.root.id


@pytest.mark.parametrize(
    ("shared", "status"),
    [
        ("nonsense", 400),
        ("u!%%%", 400),
        ("u!8J-Yg", 400),
        (token("no address"), 400),
        (token("https://example.com/a"), 400),
        (token("https://contoso.sharepoint.com/sites/none/Shared Documents/a"), 400),
        (token(f"{SITE}/Documents/none.txt"), 404),
        (token("https://contoso.sharepoint.com/Shared%20Documents/none"), 404),
        (token(f"{SITE}/_layouts/15/Doc.aspx?sourcedoc=x"), 400),
        (token("https://contoso.sharepoint.com/:x:/g/Enone"), 403),
    ],
)
def test_addresses_that_lead_nowhere(ask: Asker, file: Item, shared: str, status: int) -> None:
    assert ask("GET", f"/shares/{shared}/driveItem").status == status


def test_what_can_be_asked_of_a_share(ask: Asker, drive: Drive, place: str) -> None:
    folder = token(f"{SITE}/Documents/Reports")
    preferred = ask("GET", f"/shares/{folder}?$expand=driveItem", headers={"Prefer": "redeemSharingLink"})
    assert preferred.headers["Preference-Applied"] == "redeemSharingLink"
    assert (preferred.json["name"], preferred.json["driveItem"]["name"]) == ("Reports", "Reports")
    assert ask("GET", f"/shares/{folder}/driveItem?$expand=children").json["children"][0]["name"] == "2026"
    assert ask("GET", f"/shares/{folder}/driveItem/children?$select=name").names == ["2026"]
    inside = ask("GET", f"/shares/{folder}/driveItem:/2026/budget%20%231%20100%25.xlsx:/content")
    assert ask("GET", inside.headers["Location"]).body == b"text"
    shared = link(ask, place).json
    assert ask("GET", f"/shares/{shared['shareId']}/permission").json["id"] == shared["id"]
    assert ask("GET", f"/shares/{folder}/permission").json["link"]["scope"] == "existingAccess"
    assert ask("GET", f"/shares/{folder}/site").json["id"] == drive.site.id
    listed = ask("GET", f"/shares/{folder}/listItem?$expand=fields").json
    assert listed["fields"]["FileLeafRef"] == "Reports"
    assert ask("GET", f"/shares/{folder}/list").status == 501
    drive.delete(drive.item("/Reports"))
    assert ask("GET", f"/shares/{shared['shareId']}/driveItem").status == 403
    assert ask("GET", f"/shares/{folder}/driveItem").status == 404


def test_shares_ask_for_a_writing_permission(emulator: Emulator, file: Item) -> None:
    application = emulator.register_application("reader", {"Files.Read.All"})
    asked = Asker(emulator)
    asked.token = emulator.identity.mint(emulator.tenant, application)
    assert asked("GET", f"/shares/{token(f'{SITE}/Documents')}/driveItem").status == 403


def test_faults_prices_and_the_log_know_these_routes(ask: Asker, place: str, file: Item) -> None:
    emulator = ask.emulator
    emulator.faults.add(Refuse(429, retry_after=3), route="permissions$")
    emulator.faults.add(Refuse(423), method="POST", route="createLink$")
    assert ask("GET", f"{place}/permissions").headers["Retry-After"] == "3"
    assert link(ask, place).status == 423
    emulator.faults.assert_consumed()
    assert emulator.requests[-1].route == "/drives/{drive-id}/items/{item-id}/createLink"
    emulator.throttle.files_per_minute = 13
    shared = f"/shares/{token(f'{SITE}/Documents')}/driveItem"
    spent = []
    for target in (f"{place}/permissions", shared, f"{place}?$expand=permissions", shared):
        ask("GET", target)
        spent.append(next(iter(emulator.throttle._windows.values())).spent)
    assert spent == [5, 6, 11, 12]
    assert link(ask, place).status == 429
