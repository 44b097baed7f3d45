"""Sites and their document libraries."""

from __future__ import annotations

from typing import Any

import pytest

from graph_emulator import Emulator
from graph_emulator.store import Site


@pytest.fixture
def finance(emulator: Emulator) -> Site:
    emulator.tenant.add_user("alice")
    site = emulator.tenant.add_site("sites/Finance", "Finance Team", libraries=("Documents", "Archive"))
    emulator.tenant.add_site("sites/Finance/Tax", "Tax")
    emulator.tenant.add_site("teams/Sales", "Sales", description="offers for finance people")
    return site


def test_searching(ask: Any, finance: Site) -> None:
    def urls(query: str) -> list[str]:
        return sorted(
            site["webUrl"].rpartition(".com")[2] for site in ask("GET", f"/sites?{query}").json["value"]
        )

    assert urls("search=*") == ["", "/sites/Finance", "/sites/Finance/Tax", "/teams/Sales"]
    assert urls("search=finance") == ["/sites/Finance", "/sites/Finance/Tax", "/teams/Sales"]
    assert urls("$search=Tax%20finance") == ["/sites/Finance/Tax"]
    assert urls("$filter=siteCollection/root%20ne%20null") == [""]
    assert sum(len(page.json["value"]) for page in ask.follow("/sites?search=&$top=2")) == 4
    assert len(ask("GET", "/sites/getAllSites").json["value"]) == 5
    assert ask("GET", "/sites").status == 501


@pytest.mark.parametrize(
    "address",
    ["{id}", "contoso.sharepoint.com:/sites/finance", "contoso.sharepoint.com:/sites/Finance:", "{upper}"],
)
def test_a_site_by_every_address(ask: Any, finance: Site, address: str) -> None:
    answer = ask("GET", f"/sites/{address.format(id=finance.id, upper=finance.id.upper())}")
    assert (answer.json["id"], answer.json["displayName"]) == (finance.id, "Finance Team")
    assert answer.json["siteCollection"]["hostname"] == "contoso.sharepoint.com"


def test_the_root_site_and_subsites(ask: Any, finance: Site) -> None:
    root = ask("GET", "/sites/root").json
    assert (root["webUrl"], root["root"]) == ("https://contoso.sharepoint.com", {})
    assert ask("GET", "/sites/contoso.sharepoint.com").json["id"] == root["id"]
    assert [site["name"] for site in ask("GET", f"/sites/{finance.id}/sites").json["value"]] == ["Tax"]


@pytest.mark.parametrize(
    ("address", "status"),
    [("contoso.sharepoint.com:/sites/none", 404), ("fabrikam.sharepoint.com:/sites/x", 400), ("a,b,c", 404)],
)
def test_unknown_sites(ask: Any, finance: Site, address: str, status: int) -> None:
    assert ask("GET", f"/sites/{address}").status == status


def test_libraries(ask: Any, finance: Site) -> None:
    drives = ask("GET", f"/sites/{finance.id}/drives").json["value"]
    assert [(drive["name"], drive["driveType"]) for drive in drives] == [
        ("Documents", "documentLibrary"),
        ("Archive", "documentLibrary"),
    ]
    assert [drive["webUrl"].rpartition("/")[2] for drive in drives] == ["Shared%20Documents", "Archive"]
    default = ask("GET", "/sites/contoso.sharepoint.com:/sites/Finance:/drive").json
    assert default["id"] == drives[0]["id"]
    assert ask("PUT", f"/sites/{finance.id}/drive/root:/a.txt:/content", data=b"x").status == 201
    archive = f"/sites/{finance.id}/drives/{drives[1]['id']}"
    assert ask("PUT", f"{archive}/root:/b.txt:/content", data=b"x").status == 201
    assert ask("GET", f"{archive}/root/children").names == ["b.txt"]
    assert len(ask("GET", f"/sites/{finance.id}/drives?$top=1").json["@odata.nextLink"]) > 0
