"""Listings, trees and patterns: complete, remembered as long as they are true, and never silently less."""

from __future__ import annotations

import asyncio
import posixpath
from datetime import UTC, datetime

import pytest

from driveql.filesystem import OneDriveFileSystem
from graph_emulator import faults

from .conftest import Tenant

PATHS = ("/r/a.csv", "/r/b.csv", "/r/2026/c.csv", "/r/2026/q/d.csv", "/r/x[1].txt", "/other/a.csv")


@pytest.fixture
def planted(tenant: Tenant) -> OneDriveFileSystem:
    for path in PATHS:
        tenant.store.put_file(path, path.encode())
    return tenant.fs


def test_a_record_says_what_graph_knows(tenant: Tenant) -> None:
    item = tenant.store.put_file("/r/a b#.csv", b"12345", modified=1_700_000_000)
    info = tenant.fs.info("onedrive:///r/a b#.csv")
    assert info["name"] == "/r/a b#.csv"
    assert (info["type"], info["size"], info["id"]) == ("file", 5, item.id)
    assert info["modified"] == datetime.fromtimestamp(1_700_000_000, UTC)
    assert info["etag"]
    assert info["created"]
    assert "tempauth" not in str(info)
    assert tenant.fs.ls("/r") == [info]
    assert tenant.fs.info("/r")["type"] == "directory"
    assert tenant.fs.info("/r/")["size"] == 0
    assert tenant.fs.modified("/r/a b#.csv") == info["modified"]
    assert tenant.fs.created("/r/a b#.csv") == info["created"]
    assert tenant.fs.size("/r/a b#.csv") == 5


def test_a_file_lists_itself_and_an_empty_folder_nothing(tenant: Tenant) -> None:
    tenant.store.put_file("/a.csv", b"x")
    tenant.fs.mkdir("/empty")
    assert tenant.fs.ls("/a.csv", detail=False) == ["/a.csv"]
    assert tenant.fs.ls("/empty") == []
    with pytest.raises(FileNotFoundError):
        tenant.fs.ls("/nowhere")


def test_beyond_the_page(tenant: Tenant) -> None:
    for number in range(1203):
        tenant.store.put_file(f"/many/{number:04}.txt", b"")
    expected = [f"/many/{number:04}.txt" for number in range(1203)]
    assert tenant.fs.ls("/many", detail=False) == expected
    assert tenant.fs.find("/", refresh=True) == expected


def test_names_carry_the_prefix_that_was_asked_for(planted: OneDriveFileSystem) -> None:
    assert planted.ls("/R/2026", detail=False) == ["/R/2026/c.csv", "/R/2026/q"]
    assert planted.find("/R/2026") == ["/R/2026/c.csv", "/R/2026/q/d.csv"]
    assert planted.glob("/R/*.CSV") == ["/R/a.csv", "/R/b.csv"]


def test_find_and_du(planted: OneDriveFileSystem) -> None:
    assert planted.find("/") == sorted(PATHS)
    assert planted.find("/r", maxdepth=1) == ["/r/a.csv", "/r/b.csv", "/r/x[1].txt"]
    assert planted.find("/r", maxdepth=2, withdirs=True) == [
        "/r", "/r/2026", "/r/2026/c.csv", "/r/2026/q", "/r/a.csv", "/r/b.csv", "/r/x[1].txt",
    ]  # fmt: skip
    assert planted.find("/r/a.csv") == ["/r/a.csv"]
    assert planted.find("/nowhere") == []
    assert planted.du("/") == sum(map(len, PATHS))
    assert planted.du("/r/2026", total=False) == {"/r/2026/c.csv": 13, "/r/2026/q/d.csv": 15}


def test_a_tree_is_found_with_one_request_a_folder(tenant: Tenant, planted: OneDriveFileSystem) -> None:
    tenant.emulator.requests.clear()
    planted.find("/", refresh=True)
    listings = [each for each in tenant.requests() if "/children" in each]
    assert len(listings) == 5
    assert planted.ls("/r/2026/q", detail=False) == ["/r/2026/q/d.csv"]
    assert len([each for each in tenant.requests() if "/children" in each]) == 5


def test_a_whole_drive_is_listed_by_the_service_itself(tenant: Tenant, planted: OneDriveFileSystem) -> None:
    fresh = tenant.filesystem()
    tenant.emulator.requests.clear()
    assert fresh.find("/") == sorted(PATHS)
    assert fresh.ls("/r/2026", detail=False) == ["/r/2026/c.csv", "/r/2026/q"]
    assert not [each for each in tenant.requests() if "/children" in each]
    assert [each for each in tenant.requests() if "/delta" in each]
    found = fresh.find("/", detail=True)
    assert found["/r/a.csv"]["size"] == planted.info("/r/a.csv")["size"]
    assert found["/r/a.csv"]["id"] == planted.info("/r/a.csv")["id"]
    fresh.pipe_file("/r/written", b"x")
    assert "/r/written" in fresh.find("/")
    fresh.close()


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("/r/*.csv", {"/r/a.csv", "/r/b.csv"}),
        ("/r/**/*.csv", {"/r/a.csv", "/r/b.csv", "/r/2026/c.csv", "/r/2026/q/d.csv"}),
        ("/r/2026/**", {"/r/2026", "/r/2026/c.csv", "/r/2026/q", "/r/2026/q/d.csv"}),
        ("/*/2026/c.csv", {"/r/2026/c.csv"}),
        ("/*/2026/*/*.csv", {"/r/2026/q/d.csv"}),
        ("/r/[ab].csv", {"/r/a.csv", "/r/b.csv"}),
        ("/r/x[1].txt", {"/r/x[1].txt"}),
        ("/r/x[1].*", {"/r/x[1].txt"}),
        ("/r/a.csv", {"/r/a.csv"}),
        ("/nothing/*.csv", set()),
        ("/r/*.json", set()),
        ("/*/", {"/r", "/other"}),
        ("**/a.csv", {"/r/a.csv", "/other/a.csv"}),
    ],
)
def test_patterns(planted: OneDriveFileSystem, pattern: str, expected: set[str]) -> None:
    assert set(planted.glob(pattern)) == expected
    assert set(planted.glob(f"onedrive://{pattern}" if pattern[0] == "/" else pattern)) == expected


def test_a_pattern_lists_only_the_folders_it_could_be_in(tenant: Tenant, planted: OneDriveFileSystem) -> None:
    tenant.emulator.requests.clear()
    assert planted.glob("/r/2026/*.csv") == ["/r/2026/c.csv"]
    assert len([each for each in tenant.requests() if "/children" in each]) == 1


def test_walking_like_os_walk(planted: OneDriveFileSystem) -> None:
    walked = list(planted.walk("/r"))
    assert [(path, sorted(dirs), sorted(files)) for path, dirs, files in walked] == [
        ("/r", ["2026"], ["a.csv", "b.csv", "x[1].txt"]),
        ("/r/2026", ["q"], ["c.csv"]),
        ("/r/2026/q", [], ["d.csv"]),
    ]
    assert [path for path, _, _ in planted.walk("/r", topdown=False)] == ["/r/2026/q", "/r/2026", "/r"]
    assert [path for path, _, _ in planted.walk("/", maxdepth=2)] == ["/", "/other", "/r"]
    pruned = []
    for path, dirs, _ in planted.walk("/"):
        pruned.append(path)
        if "r" in dirs:
            dirs.remove("r")
    assert pruned == ["/", "/other"]
    assert list(planted.walk("/nowhere")) == [("/nowhere", [], [])]


def test_a_folder_that_cannot_be_listed_fails_the_walk(tenant: Tenant, planted: OneDriveFileSystem) -> None:
    tenant.emulator.faults.add(faults.Refuse(403), method="GET", target="2026.*children")
    with pytest.raises(PermissionError):
        list(planted.walk("/"))
    tenant.emulator.faults.assert_consumed()
    tenant.emulator.faults.add(faults.Refuse(403), method="GET", route="children", nth=2)
    with pytest.raises(PermissionError):
        planted.find("/", refresh=True)
    tenant.emulator.faults.assert_consumed()
    planted.invalidate_cache()
    tenant.emulator.faults.add(faults.Refuse(403), method="GET", target="root:/r")
    with pytest.raises(PermissionError):
        planted.isdir("/r")
    tenant.emulator.faults.assert_consumed()


def test_existence_of_what_cannot_exist(planted: OneDriveFileSystem) -> None:
    assert planted.exists("/r/a.csv")
    assert planted.isfile("/r/a.csv")
    assert planted.isdir("/r")
    assert not planted.isdir("/r/a.csv")
    for impossible in ("/r/nothing", "/r/a:b", "/r/a.csv/below"):
        assert not planted.exists(impossible)
        assert not planted.isfile(impossible)
        assert not planted.isdir(impossible)


def test_listings_are_remembered_until_we_change_something(
    tenant: Tenant, planted: OneDriveFileSystem
) -> None:
    planted.ls("/r")
    tenant.emulator.requests.clear()
    planted.ls("/r")
    planted.info("/r/a.csv")
    planted.glob("/r/*.csv")
    assert tenant.requests() == []
    tenant.store.put_file("/r/by another.csv", b"x")
    assert not any("another" in name for name in planted.ls("/r", detail=False))
    assert planted.exists("/r/by another.csv")
    assert any("another" in name for name in planted.ls("/r", detail=False, refresh=True))
    planted.pipe_file("/R/own.csv", b"x")
    assert "/r/own.csv" in planted.ls("/r", detail=False)
    planted.rm("/r/own.csv")
    assert "/r/own.csv" not in planted.ls("/r", detail=False)


async def test_a_listing_that_a_change_overtakes_is_not_remembered(tenant: Tenant) -> None:
    tenant.store.put_file("/r/a.csv", b"x")
    fs = tenant.filesystem(asynchronous=True)
    await fs._info("/r")
    tenant.emulator.faults.add(faults.Delay(0.5), method="GET", target="children")
    overtaken = asyncio.ensure_future(fs._find("/r", maxdepth=1))
    while tenant.emulator.faults.pending():  # noqa: ASYNC110 - no event crosses from the emulator's thread
        await asyncio.sleep(0.01)
    await fs._pipe_file("/r/b.csv", b"y")
    await overtaken
    assert await fs._ls("/r", detail=False) == ["/r/a.csv", "/r/b.csv"]
    listings = [each for each in tenant.requests("GET") if "children" in each]
    assert len(listings) == 2
    await fs.aclose()


def test_a_drive_with_two_names_forgets_both(tenant: Tenant, planted: OneDriveFileSystem) -> None:
    named = f"onedrive://{tenant.settings.group_or_user_id.removeprefix('/users/')}"
    assert planted.ls(f"{named}/other", detail=False) == [f"{named}/other/a.csv"]
    planted.pipe_file("/other/new.csv", b"x")
    assert f"{named}/other/new.csv" in planted.ls(f"{named}/other", detail=False)


def test_without_listings_cache(tenant: Tenant, planted: OneDriveFileSystem) -> None:
    fresh = tenant.filesystem(use_listings_cache=False)
    assert fresh.ls("/other", detail=False) == ["/other/a.csv"]
    tenant.store.put_file("/other/b.csv", b"x")
    assert fresh.ls("/other", detail=False) == ["/other/a.csv", "/other/b.csv"]


def test_other_owners_sites_and_libraries(tenant: Tenant) -> None:
    organisation = tenant.emulator.tenant
    bob = organisation.add_user("bob", "Bob Jones")
    bob.drive.put_file("/docs/hello.txt", b"from bob")
    site = organisation.add_site("sites/Finance", "Finance")
    library = organisation.add_library(site, "Contracts")
    library.put_file("/2026/a b.txt", b"from the library")
    fs, host = tenant.fs, organisation.host
    root = f"onedrive://{bob.user_principal_name}"
    assert fs.ls(root, detail=False) == [f"{root}/docs"]
    assert fs.cat_file(f"{root}/docs/hello.txt") == b"from bob"
    assert fs.find(root) == [f"{root}/docs/hello.txt"]
    top = f"onedrive://{host}/sites/Finance"
    libraries = fs.ls(top, detail=False)
    assert f"{top}/Contracts" in libraries
    assert fs.isdir(top)
    assert fs.find(top) == [f"{top}/Contracts/2026/a b.txt"]
    assert fs.glob(f"{top}/*/2026/*.txt") == [f"{top}/Contracts/2026/a b.txt"]
    web = f"https://{host}/sites/Finance/Contracts/2026/a%20b.txt"
    assert fs.cat_file(web) == b"from the library"
    assert fs.cat(f"onedrive://{web}") == b"from the library"
    by_id = f"onedrive://drives/{library.id}"
    assert fs.find(by_id) == [f"{by_id}/2026/a b.txt"]
    with pytest.raises(OSError, match="no document library"):
        fs.pipe_file(f"{top}/x", b"")
    with pytest.raises(FileNotFoundError, match="Nowhere"):
        fs.ls(f"{top}/Nowhere")
    fs.mv(f"{by_id}/2026/a b.txt", f"{by_id}/moved.txt")
    assert posixpath.basename(fs.find(by_id)[0]) == "moved.txt"


def test_a_sharing_link_leads_to_its_file_or_folder(tenant: Tenant) -> None:
    fs = tenant.fs
    for path in ("/shared/a b#.txt", "/shared/deep/c.txt"):
        tenant.store.put_file(path, path.encode())

    file, folder = (fs.sign(path, None, link_type="edit") for path in ("/shared/a b#.txt", "/shared"))
    for written in (file, f"onedrive://{file}", f"{file}?e=abc"):
        assert fs.cat_file(written) == b"/shared/a b#.txt"
        assert fs.cat(written) == b"/shared/a b#.txt"
        with fs.open(written) as opened:
            assert opened.read(3) == b"/sh"
    root = f"onedrive://drives/{tenant.store.id}/shared"
    assert fs.ls(folder, detail=False) == [f"{root}/a b#.txt", f"{root}/deep"]
    assert fs.find(folder) == [f"{root}/a b#.txt", f"{root}/deep/c.txt"]
    assert fs.isdir(folder)
    assert fs.cat_file(f"{root}/deep/c.txt") == b"/shared/deep/c.txt"
    fs.pipe_file(file, b"written through the link")
    assert fs.cat_file("/shared/a b#.txt") == b"written through the link"
