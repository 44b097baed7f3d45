"""Microsoft's own SDK for Python, unmodified, works with people, places and files of the emulator."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from tests.judges.conftest import PASSWORD, Service

from graph_emulator.hashes import quick_xor_hash

pytestmark = pytest.mark.judge
PROGRAM = Path(__file__).with_name("msgraph_program.py")


def run_program(service: Service) -> dict[str, Any]:
    """Return what the program saw in one run."""
    tenant = service.emulator.tenant
    people = [tenant.add_user(name, name.title(), drive=False) for name in ("bo", "cy", "di", "ed")]
    tenant.add_group("Accounting", people[:2])
    tenant.add_site("sites/Finance", "Finance", libraries=("Documents", "Ledgers"))
    permissions = {"Files.ReadWrite.All", "User.Read.All", "Group.Read.All", "Sites.Read.All"}
    application = service.emulator.register_application(
        "SDK", permissions, certificate=service.keys.certificate_pem.encode()
    )
    told = {
        "tenant": tenant.tenant_id,
        "client_id": application.client_id,
        "pfx": str(service.keys.pfx),
        "password": PASSWORD,
        "user": service.user,
    }
    done = subprocess.run(
        [sys.executable, str(PROGRAM)],
        input=json.dumps(told).encode(),
        env=service.environment(),
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr.decode()[-4000:]
    result = json.loads(done.stdout)
    assert isinstance(result, dict)
    result["leaks"] = list(service.emulator.leaks)
    service.emulator.leaks.clear()
    return result


def check_people(seen: dict[str, Any], service: Service) -> None:
    assert seen["users"] == ["Ann Other", "Bo", "Cy", "Di", "Ed"]
    assert seen["user_pages"] == 3
    assert seen["filtered"] == [f"bo@{service.emulator.tenant.domain}"]
    assert seen["members"] == {"Accounting": ["Bo", "Cy"]}
    assert seen["member_types"] == ["#microsoft.graph.user"]


def check_places(seen: dict[str, Any]) -> None:
    assert seen["site"] == "Finance"
    assert sorted(seen["site_drives"]) == [["Documents", "documentLibrary"], ["Ledgers", "documentLibrary"]]


def check_drive(seen: dict[str, Any], service: Service) -> None:
    assert seen["drive"]["id"] == service.drive.id
    assert seen["drive"]["type"] == "business"


def check_uploads_and_pages(seen: dict[str, Any]) -> None:
    assert sorted(seen["by_pages"]) == [f"h#{number} 100%.txt" for number in range(7)]
    assert seen["large"] == 1_200_000


def check_download_follows_to_the_pre_authenticated_address(seen: dict[str, Any]) -> None:
    assert seen["downloaded"] == "content 3"


def check_a_token_sent_to_an_upload_address_is_refused_and_recorded(seen: dict[str, Any]) -> None:
    assert seen["leak"] == [401]
    assert seen["leaks"] == ["PUT /_upload on https://contoso-my.sharepoint.com"]


def check_rename_and_move(seen: dict[str, Any], service: Service) -> None:
    assert seen["renamed"] == {"name": "renamed.txt", "parent": ""}
    assert seen["hash"] == quick_xor_hash(b"content 6")
    assert {path.lstrip("/") for path in service.drive.tree()} == {"renamed.txt", "large.bin"}


def check_search(seen: dict[str, Any]) -> None:
    assert seen["found"] == ["renamed.txt"]


def check_refusals_are_read_as_graph_errors(seen: dict[str, Any]) -> None:
    assert seen["gone"] == [404, "itemNotFound", True]
    assert seen["again"] == [409, "nameAlreadyExists", True]
    assert seen["me"][:2] == [400, "BadRequest"]


def test_the_sdk_finds_what_the_tenant_holds(service: Service) -> None:
    """One run of the program, judged as a whole: starting the SDK takes longer than all it does."""
    seen = run_program(service)
    check_people(seen, service)
    check_places(seen)
    check_drive(seen, service)
    check_uploads_and_pages(seen)
    check_download_follows_to_the_pre_authenticated_address(seen)
    check_a_token_sent_to_an_upload_address_is_refused_and_recorded(seen)
    check_rename_and_move(seen, service)
    check_search(seen)
    check_refusals_are_read_as_graph_errors(seen)
