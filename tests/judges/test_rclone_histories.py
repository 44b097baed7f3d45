"""rclone, unmodified, copies on the server, lists by delta, cleans old versions up and deletes for good."""

from __future__ import annotations

import pytest
from tests.judges.conftest import Service
from tests.judges.test_rclone import Rclone, remote

from graph_emulator.store import Drive

pytestmark = pytest.mark.judge


@pytest.fixture(scope="module")
def rclone(service: Service) -> Rclone:
    return remote(service, service.drive)


@pytest.fixture
def drive(service: Service) -> Drive:
    """Return a drive with a few folders and files of odd names."""
    drive = service.drive
    for item in list(drive.root.children or ()):
        drive.delete(item)
    for folder in ("a", "a/b #1", "a/b #1/c%"):
        for name in ("1.txt", "2 + 2.txt"):
            drive.put_file(f"/{folder}/{name}", f"{folder}/{name}".encode() * 10)
    return drive


def test_copying_on_the_server(rclone: Rclone, drive: Drive, service: Service) -> None:
    before = len(service.emulator.requests)
    rclone.run("copyto", "od:a/1.txt", "od:copies/one #1.txt")
    rclone.run("copy", "od:a", "od:copies/all")
    held = drive.tree()
    assert held["/copies/one #1.txt"] == held["/a/1.txt"]
    below = {path.removeprefix("/a"): entry for path, entry in held.items() if path.startswith("/a/")}
    copied = "/copies/all"
    there = {path.removeprefix(copied): entry for path, entry in held.items() if path.startswith(copied)}
    assert there == below
    asked = [(each.method, each.route) for each in list(service.emulator.requests)[before:]]
    assert asked.count(("POST", "/drives/{drive-id}/items/{item-id}/copy")) == 7
    assert asked.count(("GET", "/_monitor")) == 14
    assert ("GET", "/_content") not in asked


def test_listing_by_delta(rclone: Rclone, drive: Drive, service: Service) -> None:
    plain = rclone.lines("lsf", "-R", "od:")
    before = len(service.emulator.requests)
    by_delta = Rclone({**rclone.environment, "RCLONE_CONFIG_OD_DELTA": "true"})
    assert by_delta.lines("lsf", "-R", "--fast-list", "od:") == plain
    routes = [each.route for each in list(service.emulator.requests)[before:]]
    assert "/drives/{drive-id}/items/{item-id}/delta" in routes
    assert "/drives/{drive-id}/items/{item-id}/children" not in routes
    service.emulator.behaviour.delta_repeats = True
    service.emulator.behaviour.page_max = 3
    try:
        assert set(by_delta.lines("lsf", "-R", "--fast-list", "od:")) == set(plain)
    finally:
        service.emulator.behaviour.delta_repeats = False
        service.emulator.behaviour.page_max = 1000


def test_cleaning_old_versions_up(rclone: Rclone, drive: Drive) -> None:
    for data in (b"second", b"third and last"):
        drive.put_file("/a/1.txt", data)
    assert len(drive.item("/a/1.txt").history) == 2
    rclone.run("cleanup", "od:a")
    assert drive.item("/a/1.txt").history == []
    assert rclone.run("cat", "od:a/1.txt").stdout == b"third and last"


def test_deleting(rclone: Rclone, drive: Drive) -> None:
    rclone.run("deletefile", "od:a/1.txt")
    assert next(drive.in_bin()).name == "1.txt"
    for_good = Rclone({**rclone.environment, "RCLONE_CONFIG_OD_HARD_DELETE": "true"})
    in_bin = len(list(drive.in_bin()))
    for_good.run("deletefile", "od:a/2 + 2.txt")
    assert drive.resolve(["a", "2 + 2.txt"]) is None
    assert len(list(drive.in_bin())) == in_bin
