"""Folders, deletion, move and copy: the tree is what was asked for, and what is in the way is neither lost nor overwritten."""

from __future__ import annotations

import errno
import os

import pytest

from driveql.filesystem import OneDriveFileSystem
from graph_emulator import faults

from .conftest import Tenant


def folders(tenant: Tenant) -> list[str]:
    return [name for name in tenant.fs.find("/", withdirs=True, refresh=True) if tenant.fs.isdir(name)]


def test_folders_are_made_once(tenant: Tenant) -> None:
    fs = tenant.fs
    fs.mkdir("/a")
    with pytest.raises(FileExistsError):
        fs.mkdir("/a")
    with pytest.raises(FileExistsError):
        fs.makedirs("/a")
    fs.makedirs("/a", exist_ok=True)
    fs.mkdir("/x/y/z")
    with pytest.raises(FileNotFoundError):
        fs.mkdir("/p/q", create_parents=False)
    tenant.store.put_file("/file", b"x")
    with pytest.raises(FileExistsError):
        fs.makedirs("/file", exist_ok=True)
    with pytest.raises(FileExistsError):
        fs.mkdir("/")
    fs.makedirs("/", exist_ok=True)
    assert folders(tenant) == ["/", "/a", "/x", "/x/y", "/x/y/z"]
    with pytest.raises(OSError, match="reserved") as caught:
        fs.mkdir("/CON")
    assert caught.value.errno == errno.EINVAL


def test_only_an_empty_folder_is_removed_as_one(tenant: Tenant) -> None:
    fs = tenant.fs
    tenant.store.put_file("/full/a", b"x")
    fs.mkdir("/empty")
    fs.rmdir("/empty")
    with pytest.raises(OSError) as caught:
        fs.rmdir("/full")
    assert caught.value.errno == errno.ENOTEMPTY
    with pytest.raises(NotADirectoryError):
        fs.rmdir("/full/a")
    with pytest.raises(FileNotFoundError):
        fs.rmdir("/empty")
    assert set(tenant.store.tree()) == {"/full/a"}


def test_deletion_of_files_and_trees(tenant: Tenant) -> None:
    fs = tenant.fs
    for path in ("/d/a", "/d/e/b", "/d/e/f/c", "/g.txt", "/h.txt", "/keep"):
        tenant.store.put_file(path, b"x")
    with pytest.raises(IsADirectoryError):
        fs.rm("/d")
    with pytest.raises(FileNotFoundError):
        fs.rm("/nothing")
    with pytest.raises(FileNotFoundError):
        fs.rm("/*.pdf")
    fs.rm("/*.txt")
    tenant.emulator.requests.clear()
    fs.rm(["/d", "/d/e"], recursive=True)
    assert len(tenant.requests("DELETE")) == 1
    assert set(tenant.store.tree()) == {"/keep"}
    with pytest.raises(PermissionError):
        fs.rm("/", recursive=True)
    fs.rm_file("/keep")
    assert fs.ls("/") == []


def test_many_files_go_in_few_requests_and_what_stays_is_said(tenant: Tenant) -> None:
    fs = tenant.fs
    for number in range(50):
        tenant.store.put_file(f"/many/{number:02}.txt", b"x")
    tenant.emulator.requests.clear()
    tenant.emulator.faults.add(faults.Drop(), method="POST", target="batch")
    fs.rm("/many/*.txt")
    assert len(tenant.requests("POST")) <= 4
    tenant.emulator.faults.assert_consumed()
    assert fs.ls("/many") == []
    for number in range(3):
        tenant.store.put_file(f"/many/{number:02}.txt", b"x")
    fs.invalidate_cache()
    tenant.emulator.faults.add(faults.Refuse(403), method="DELETE", target="/items/", count=None)
    with pytest.raises(PermissionError):
        fs.rm("/many/*.txt")
    assert len(fs.ls("/many")) == 3


def test_recursive_deletion_to_a_depth_takes_files_only(tenant: Tenant) -> None:
    for path in ("/d/a", "/d/e/b"):
        tenant.store.put_file(path, b"x")
    tenant.fs.rm("/d", recursive=True, maxdepth=1)
    assert set(tenant.store.tree()) == {"/d/e/b"}


def test_moves_keep_the_item(tenant: Tenant) -> None:
    fs = tenant.fs
    item = tenant.store.put_file("/a.txt", b"content")
    tenant.store.put_file("/tree/x/y", b"y")
    fs.mv("/a.txt", "/new folder/b.txt")
    assert fs.info("/new folder/b.txt")["id"] == item.id
    fs.mv("/new folder/b.txt", "/tree")
    assert fs.info("/tree/b.txt")["id"] == item.id
    fs.mv("/tree/b.txt", "/elsewhere/")
    fs.mv("/tree/x", "/moved", recursive=True)
    fs.mv("/moved/y", "/moved/Y")
    fs.mv("/moved/Y", "/moved/Y")
    assert set(tenant.store.tree()) == {"/elsewhere/b.txt", "/moved/Y"}
    with pytest.raises(FileNotFoundError):
        fs.mv("/nothing", "/else")
    with pytest.raises(FileNotFoundError):
        fs.mv("/*.pdf", "/else")
    fs.mv(["/elsewhere/b.txt", "/moved/Y"], ["/1", "/2"])
    fs.mv("/[12]", "/both")
    assert set(tenant.store.tree()) == {"/both/1", "/both/2"}


def test_a_move_replaces_a_file_and_never_a_folder(tenant: Tenant) -> None:
    fs = tenant.fs
    item = tenant.store.put_file("/a", b"new")
    tenant.store.put_file("/b", b"old")
    tenant.store.put_file("/dir/a/inside", b"x")
    fs.mv("/a", "/b")
    assert fs.cat_file("/b") == b"new"
    assert fs.info("/b")["id"] == item.id
    fs.mv("/b", "/a")
    with pytest.raises(FileExistsError):
        fs.mv("/a", "/dir")
    assert set(tenant.store.tree()) == {"/a", "/dir/a/inside"}


def test_a_move_that_fails_in_the_middle_puts_the_replaced_file_back(tenant: Tenant) -> None:
    tenant.store.put_file("/a", b"new")
    tenant.store.put_file("/b", b"old")
    tenant.emulator.faults.add(faults.Refuse(403), method="PATCH", nth=3)
    with pytest.raises(PermissionError):
        tenant.fs.mv("/a", "/b")
    tenant.emulator.faults.assert_consumed()
    assert tenant.fs.cat(["/a", "/b"]) == {"/a": b"new", "/b": b"old"}


def test_touching(tenant: Tenant) -> None:
    fs = tenant.fs
    fs.touch("/new/a")
    assert fs.cat_file("/new/a") == b""
    tenant.store.put_file("/b", b"content", modified=1_000_000_000)
    fs.touch("/b", truncate=False)
    assert fs.cat_file("/b") == b"content"
    assert fs.modified("/b").timestamp() > 1_700_000_000
    fs.touch("/b")
    assert fs.cat_file("/b") == b""
    fs.touch("/c", truncate=False)
    assert fs.cat_file("/c") == b""


def test_checksums_and_keys_follow_the_content(tenant: Tenant) -> None:
    fs = tenant.fs
    for path, content in (("/a", b"same"), ("/b", b"same"), ("/c", b"other")):
        fs.pipe_file(path, content)
    assert fs.checksum("/a") == fs.checksum("/b") != fs.checksum("/c")
    key = fs.ukey("/a")
    assert key == fs.ukey("/a") != fs.ukey("/b")
    fs.pipe_file("/a", b"changed")
    assert fs.ukey("/a") != key


def test_the_service_copies(tenant: Tenant) -> None:
    fs, content = tenant.fs, os.urandom(100_000)
    tenant.store.put_file("/a", content)
    tenant.store.put_file("/b", b"old")
    tenant.emulator.requests.clear()
    fs.cp_file("/a", "/b")
    fs.cp_file("/a", "/new/folder/c")
    assert not [each for each in tenant.requests() if "_content" in each]
    assert fs.cat(["/b", "/new/folder/c"]) == {"/b": content, "/new/folder/c": content}
    with pytest.raises(OSError, match="same"):
        fs.cp_file("/a", "/A")
    with pytest.raises(FileNotFoundError):
        fs.cp_file("/nothing", "/c")


def test_a_folder_to_a_new_place_is_one_copy(tenant: Tenant) -> None:
    for path in ("/d/a", "/d/e/b", "/d/e/f/c"):
        tenant.store.put_file(path, path.encode())
    tenant.emulator.requests.clear()
    tenant.fs.cp("/d", "/copy", recursive=True)
    tenant.fs.cp("/d", "/copy", recursive=True)
    assert len([each for each in tenant.requests("POST") if each.partition("?")[0].endswith("/copy")]) == 2
    assert set(tenant.fs.find("/copy")) == {
        "/copy/a", "/copy/e/b", "/copy/e/f/c", "/copy/d/a", "/copy/d/e/b", "/copy/d/e/f/c",
    }  # fmt: skip


def test_to_another_drive(tenant: Tenant) -> None:
    bob = tenant.emulator.tenant.add_user("bob.copy", "Bob Copy")
    root = f"onedrive://{bob.user_principal_name}"
    tenant.store.put_file("/a", b"content")
    tenant.fs.cp("/a", f"{root}/here/a")
    tenant.fs.mv("/a", f"{root}/moved")
    assert tenant.fs.cat(f"{root}/moved") == tenant.fs.cat(f"{root}/here/a") == b"content"
    assert tenant.store.tree() == {}


def test_a_move_to_another_drive_without_copies_leaves_the_file(tenant: Tenant) -> None:
    bob = tenant.emulator.tenant.add_user("bob.move", "Bob Move")
    tenant.store.put_file("/a", b"content")
    tenant.emulator.faults.add(faults.Refuse(403), method="POST", target="/copy")
    with pytest.raises(PermissionError):
        tenant.fs.mv("/a", f"onedrive://{bob.user_principal_name}/a")
    tenant.emulator.faults.assert_consumed()
    assert tenant.fs.cat_file("/a") == b"content"
    assert isinstance(tenant.fs, OneDriveFileSystem)


def test_signing_is_a_sharing_link_that_ends(tenant: Tenant) -> None:
    tenant.store.put_file("/d/a b#.txt", b"content")
    url = tenant.fs.sign("/d/a b#.txt", expiration=3600)
    assert url.startswith("https://")
    assert tenant.fs.cat_file(url) == b"content"
    inside = tenant.fs.sign("/d", expiration=None, scope="organization")
    assert inside != url
    assert len(tenant.fs.ls(inside)) == 1
    with pytest.raises(FileNotFoundError):
        tenant.fs.sign("/nothing")
    with pytest.raises(OSError, match=r"future|past"):
        tenant.fs.sign("/d/a b#.txt", expiration=-10)
    tenant.emulator.behaviour.anonymous_links = False
    try:
        with pytest.raises(PermissionError):
            tenant.fs.sign("/d/a b#.txt", expiration=7200)
    finally:
        tenant.emulator.behaviour.anonymous_links = True
