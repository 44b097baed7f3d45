"""rclone shares what is in the emulator: it takes links apart by SharePoint's short form, and reads permissions."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

import pytest
from tests.judges.conftest import Service
from tests.judges.test_rclone import Rclone, remote

from graph_emulator.sharing_json import share_id
from graph_emulator.store import Drive, Item
from graph_emulator.web_addresses import item_of_token

pytestmark = pytest.mark.judge

DOWNLOAD = r"_layouts/15/download\.aspx\?share=(E[\w-]{44})\n"


@pytest.fixture
def file(service: Service) -> Iterator[Item]:
    item = service.drive.put_file("/links/budget #1.xlsx", b"text")
    yield item
    service.drive.delete(service.drive.item("/links"))


@pytest.fixture
def rclone(service: Service) -> Rclone:
    return remote(service, service.drive)


def said(rclone: Rclone, *arguments: str) -> str:
    return rclone.run("link", *arguments).stdout.decode()


def item_behind(service: Service, url: str) -> Item:
    now = service.emulator.clock.now()
    return item_of_token(service.emulator.tenant, share_id(url.strip()), now)[0]


def test_a_link_to_a_file_becomes_a_direct_one(service: Service, rclone: Rclone, file: Item) -> None:
    url = said(rclone, "od:links/budget #1.xlsx")
    assert re.fullmatch(rf"https://contoso-my\.sharepoint\.com/personal/ann_contoso_com/{DOWNLOAD}", url), url
    assert item_behind(service, url) is file
    assert said(rclone, "od:links/budget #1.xlsx") == url, "a link that is there already is given again"


def test_a_link_to_a_folder_of_a_team(service: Service) -> None:
    library: Drive = service.emulator.tenant.add_site("sites/Marketing", "Marketing").drives[0]
    file = library.put_file("/plans/a.docx", b"text")
    team = remote(service, library)
    url = said(team, "od:plans")
    assert url.startswith("https://contoso.sharepoint.com/:f:/s/Marketing/E")
    assert item_behind(service, url) is file.parent
    direct = said(team, "od:plans/a.docx")
    assert re.fullmatch(rf"https://contoso\.sharepoint\.com/sites/Marketing/{DOWNLOAD}", direct), direct
    assert item_behind(service, direct) is file


def test_what_kind_of_link(service: Service, rclone: Rclone, file: Item) -> None:
    said(
        rclone,
        "od:links/budget #1.xlsx",
        "--onedrive-link-scope",
        "organization",
        "--onedrive-link-type",
        "edit",
    )
    said(rclone, "od:links/budget #1.xlsx", "--expire", "48h", "--onedrive-link-password", "secret")
    kept = service.drive.sharing.grants[file.id]
    assert [(each.link and (each.link.scope, each.link.type), each.has_password) for each in kept] == [
        (("organization", "edit"), False),
        (("anonymous", "view"), True),
    ]
    assert kept[0].roles == ["write"]
    assert kept[1].expires is not None


def test_permissions_are_read(service: Service, rclone: Rclone, file: Item) -> None:
    said(rclone, "od:links/budget #1.xlsx")
    listed = rclone.run("lsjson", "--metadata", "--onedrive-metadata-permissions", "read", "od:links")
    (entry,) = json.loads(listed.stdout)
    permissions = json.loads(entry["Metadata"]["permissions"])
    assert {tuple(each["roles"]) for each in permissions} == {("read",), ("owner",)}
    linked = next(each for each in permissions if each["roles"] == ["read"])
    assert linked["link"]["webUrl"] == service.drive.sharing.grants[file.id][0].link.web_url  # type: ignore[union-attr]


def test_permissions_are_granted(service: Service, rclone: Rclone, file: Item) -> None:
    if service.emulator.tenant.find_user("bob") is None:
        service.emulator.tenant.add_user("bob", "Bob Lee", drive=False)
    wanted = [{"grantedToIdentitiesV2": [{"user": {"id": "bob@contoso.com"}}], "roles": ["write"]}]
    rclone.run(
        "copyto",
        "--metadata",
        "--onedrive-metadata-permissions",
        "read,write",
        "--metadata-set",
        f"permissions={json.dumps(wanted)}",
        "od:links/budget #1.xlsx",
        "od:links/copy.xlsx",
    )
    copied = service.drive.item("/links/copy.xlsx")
    given = service.drive.sharing.grants[copied.id]
    assert [(each.granted_to or {})["user"]["displayName"] for each in given] == ["Bob Lee"]
    assert given[0].roles == ["write"]
