"""Subscriptions: a receiver proves itself, is told of changes, told again until it listens, and forgotten in the end."""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from tests.emulator.conftest import Answer, Asker
from tests.emulator.receiver import Receiver, listening

from graph_emulator import Clock, Emulator
from graph_emulator.store import Drive, User
from graph_emulator.store.lists import Column

DAY = 86_400


def later(ask: Asker, seconds: float) -> str:
    return datetime.fromtimestamp(ask.emulator.clock.now() + seconds, UTC).isoformat().replace("+00:00", "0Z")


def subscribe(ask: Asker, receiver: Receiver, drive: Drive, **body: Any) -> Answer:
    wanted = {
        "changeType": "updated",
        "notificationUrl": receiver.url,
        "resource": f"/drives/{drive.id}/root",
        "expirationDateTime": later(ask, DAY),
        "clientState": "only we know",
    }
    sent = {name: value for name, value in {**wanted, **body}.items() if value is not None}
    return ask("POST", "/subscriptions", json=sent)


def deliver(ask: Asker) -> None:
    asyncio.run(ask.emulator.notifier.deliver())


def test_a_change_is_told(ask: Asker, receiver: Receiver, drive: Drive) -> None:
    drive.put_file("/before.txt", b"")
    made = subscribe(ask, receiver, drive)
    assert (made.status, made.json["clientState"], receiver.validations) == (201, "only we know", 1)
    deliver(ask)
    assert receiver.told == []
    drive.put_file("/a.txt", b"")
    drive.put_file("/b.txt", b"")
    deliver(ask)
    (told,) = receiver.told
    assert told == {
        "subscriptionId": made.json["id"],
        "subscriptionExpirationDateTime": made.json["expirationDateTime"],
        "clientState": "only we know",
        "changeType": "updated",
        "resource": f"drives/{drive.id}/root",
        "resourceData": {"@odata.type": "#Microsoft.Graph.DriveItem"},
        "tenantId": ask.emulator.tenant.tenant_id,
    }
    deliver(ask)
    assert len(receiver.told) == 1
    ask("DELETE", f"/drives/{drive.id}/root:/a.txt")
    deliver(ask)
    assert len(receiver.told) == 2


def test_told_again_until_it_is_taken(ask: Asker, receiver: Receiver, drive: Drive, clock: Clock) -> None:
    identifier = subscribe(ask, receiver, drive).json["id"]
    receiver.statuses = [500, 302]
    drive.put_file("/a.txt", b"")
    deliver(ask)
    deliver(ask)
    assert len(receiver.told) == 1
    clock.advance(5)
    deliver(ask)
    clock.advance(9)
    deliver(ask)
    assert len(receiver.told) == 2
    clock.advance(1)
    deliver(ask)
    clock.advance(1000)
    deliver(ask)
    assert [each.status for each in ask.emulator.notifier.deliveries] == [500, 302, 202]
    assert {each.subscription_id for each in ask.emulator.notifier.deliveries} == {identifier}


def test_after_four_hours_it_is_given_up(ask: Asker, receiver: Receiver, drive: Drive, clock: Clock) -> None:
    subscribe(ask, receiver, drive, lifecycleNotificationUrl=receiver.url)
    receiver.statuses = [500, 500]
    drive.put_file("/a.txt", b"")
    deliver(ask)
    clock.advance(4 * 3600)
    deliver(ask)
    assert [each.kind for each in ask.emulator.notifier.deliveries] == ["change", "change", "missed"]
    assert receiver.told[-1]["lifecycleEvent"] == "missed"
    clock.advance(3600)
    deliver(ask)
    assert len(receiver.told) == 3


def test_a_receiver_that_is_away(ask: Asker, drive: Drive) -> None:
    with listening() as receiver:
        subscribe(ask, receiver, drive)
    drive.put_file("/a.txt", b"")
    deliver(ask)
    assert [each.status for each in ask.emulator.notifier.deliveries] == [0]
    assert subscribe(ask, receiver, drive).code == "ValidationError"


@pytest.mark.parametrize(
    ("manner", "said"),
    [
        ({"echo": "no"}, "must exactly match"),
        ({"media_type": "text/html"}, "must exactly match"),
        ({"validation_status": 202}, "must respond with 200 OK"),
        ({"validation_status": 307}, "must respond with 200 OK"),
        ({"delay": 0.4}, "timed out"),
    ],
)
def test_a_receiver_must_prove_itself(
    ask: Asker, receiver: Receiver, drive: Drive, manner: dict[str, Any], said: str
) -> None:
    if "delay" in manner:
        ask.emulator.behaviour.validation_seconds = 0.1
    for name, value in manner.items():
        setattr(receiver, name, value)
    refused = subscribe(ask, receiver, drive)
    assert (refused.status, refused.code) == (400, "ValidationError")
    assert said in refused.json["error"]["message"]
    assert ask("GET", "/subscriptions").json["value"] == []


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"notificationUrl": "https://example.com/hook"}, "ValidationError"),
        ({"notificationUrl": "http://127.0.0.1.example.com/"}, "ValidationError"),
        ({"notificationUrl": "file:///etc/hosts"}, "ValidationError"),
        ({"notificationUrl": None}, "invalidRequest"),
        ({"changeType": "created"}, "invalidRequest"),
        ({"resource": "/me/drive/root"}, "BadRequest"),
        ({"resource": "/users/alice@contoso.com/messages"}, "invalidRequest"),
        ({"resource": "/users/alice@contoso.com/drive/root:/folder"}, "invalidRequest"),
        ({"resource": "/users/nobody@contoso.com/drive/root"}, "Request_ResourceNotFound"),
        ({"expirationDateTime": "soon"}, "invalidRequest"),
        ({"expirationDateTime": "2020-01-01T00:00:00.0000000Z"}, "ExtensionError"),
        ({"expirationDateTime": "2099-01-01T00:00:00Z"}, "ExtensionError"),
        ({"clientState": "x" * 129}, "invalidRequest"),
        ({"includeResourceData": True}, "invalidRequest"),
        ({"encryptionCertificate": "AAAA"}, "invalidRequest"),
    ],
)
def test_what_cannot_be_subscribed_to(
    ask: Asker, receiver: Receiver, drive: Drive, body: dict[str, Any], code: str
) -> None:
    drive.create_folder("/folder")
    refused = subscribe(ask, receiver, drive, **body)
    assert (refused.status in (400, 404), refused.code) == (True, code)
    assert receiver.validations == 0


def test_the_longest_life(ask: Asker, receiver: Receiver, drive: Drive) -> None:
    longest = 42_300 * 60
    assert subscribe(ask, receiver, drive, expirationDateTime=later(ask, longest)).status == 201
    refused = subscribe(ask, receiver, drive, expirationDateTime=later(ask, longest + 60))
    assert (
        refused.json["error"]["message"] == "Subscription expiration can only be 42300 minutes in the future."
    )


def test_from_its_renewal_to_its_end(ask: Asker, receiver: Receiver, drive: Drive, clock: Clock) -> None:
    place = f"/subscriptions/{subscribe(ask, receiver, drive).json['id']}"
    assert [each["id"] for each in ask("GET", "/subscriptions").json["value"]] == [place.rpartition("/")[2]]
    renewed = ask("PATCH", place, json={"expirationDateTime": later(ask, 2 * DAY)})
    assert renewed.status == 200
    assert ask("PATCH", place, json={"expirationDateTime": "2099-01-01T00:00:00Z"}).status == 400
    assert ask("PATCH", place, json={"changeType": "deleted"}).status == 400
    assert ask("POST", f"{place}/reauthorize").status == 204
    clock.advance(DAY + 1)
    drive.put_file("/a.txt", b"")
    deliver(ask)
    assert len(receiver.told) == 1
    clock.advance(DAY)
    assert ask("GET", place).code == "ResourceNotFound"
    drive.put_file("/b.txt", b"")
    deliver(ask)
    assert len(receiver.told) == 1
    again = subscribe(ask, receiver, drive).json["id"]
    assert ask("DELETE", f"/subscriptions/{again}").status == 204
    assert ask("DELETE", f"/subscriptions/{again}").status == 404


def test_another_receiver_takes_over(ask: Asker, receiver: Receiver, drive: Drive) -> None:
    place = f"/subscriptions/{subscribe(ask, receiver, drive).json['id']}"
    with listening() as other:
        assert ask("PATCH", place, json={"notificationUrl": other.url}).json["notificationUrl"] == other.url
        drive.put_file("/a.txt", b"")
        deliver(ask)
        assert (len(receiver.told), len(other.told), other.validations) == (0, 1, 1)


def test_an_application_sees_its_own(ask: Asker, receiver: Receiver, drive: Drive) -> None:
    place = f"/subscriptions/{subscribe(ask, receiver, drive).json['id']}"
    other = Asker(ask.emulator)
    assert other("GET", place).status == 404
    assert other("GET", "/subscriptions").json["value"] == []
    ask.emulator.behaviour.subscriptions_max = 1
    assert (subscribe(ask, receiver, drive).status, subscribe(other, receiver, drive).status) == (403, 201)


def test_lists(ask: Asker, receiver: Receiver, drive: Drive, emulator: Emulator) -> None:
    site = emulator.tenant.add_site("sites/Stock")
    emulator.tenant.add_list(site, "Inventory", [Column("Color")])
    for name in ("Inventory", "Documents"):
        made = subscribe(ask, receiver, drive, resource=f"sites/{site.id}/lists/{name}")
        assert made.status == 201
    ask("POST", f"/sites/{site.id}/lists/Inventory/items", json={"fields": {"Color": "Red"}})
    deliver(ask)
    site.drives[0].put_file("/a.txt", b"")
    deliver(ask)
    assert [each["resourceData"]["@odata.type"] for each in receiver.told] == [
        "#Microsoft.Graph.ListItem",
        "#Microsoft.Graph.DriveItem",
    ]


def test_a_served_tenant_tells_by_itself(receiver: Receiver) -> None:
    emulator = Emulator("none")
    drive = emulator.tenant.add_user("alice").drive
    assert drive is not None
    with emulator.serve_in_thread():
        ask = Asker(emulator)
        assert subscribe(ask, receiver, drive).status == 201
        drive.put_file("/a.txt", b"")
        end = time.monotonic() + 10
        while not receiver.told and time.monotonic() < end:
            time.sleep(0.01)
    assert receiver.told[0]["clientState"] == "only we know"


def test_a_state_directory_keeps_it_all(tmp_path: Path, receiver: Receiver) -> None:
    first = Emulator("none", state=tmp_path)
    alice: User = first.tenant.add_user("alice")
    drive, ask = alice.drive, Asker(first)
    assert drive is not None
    drive.library.columns.append(Column("Status", indexed=True))
    site = first.tenant.add_site("sites/Stock")
    first.tenant.add_list(site, "Inventory", [Column("Color")]).add({"Color": "Red"}, first.clock.now())
    file = drive.put_file("/a.xlsx", b"x")
    place = f"/drives/{drive.id}/items/{file.id}"
    link = {"type": "edit", "scope": "users", "recipients": [{"objectId": alice.id}]}
    shared = ask("POST", f"{place}/createLink", json=link).json["shareId"]
    ask("POST", f"{place}/invite", json={"recipients": [{"objectId": alice.id}], "roles": ["read"]})
    ask("PATCH", f"{place}/listItem/fields", json={"Status": "final"})
    ask("POST", f"{place}/follow")
    subscribe(ask, receiver, drive)
    first.save()
    second = Emulator("none", state=tmp_path)
    again = Asker(second)
    again.token = ask.token
    for target in (
        f"{place}/permissions",
        f"/shares/{shared}/permission",
        f"{place}/listItem?$expand=fields",
        f"/drives/{drive.id}/list/columns",
        f"/sites/{site.id}/lists/Inventory/items?$expand=fields",
        f"/drives/{drive.id}/following?$select=id",
        "/subscriptions",
    ):
        before = ask("GET", target)
        assert before.status == 200
        assert again("GET", target).json == before.json
    kept = second.tenant.drives[drive.id]
    kept.put_file("/b.txt", b"")
    deliver(again)
    assert len(receiver.told) == 1
