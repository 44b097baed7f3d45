"""What a drive does, the same over plain HTTP and over TLS through a proxy under the real host names."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from tests.support import LocalTenant, local_tenant

from driveql import errors

ODD_NAMES = [
    "h#a.txt", "100%.csv", "a%20b.txt", "a+b&c=d.txt", "it's.txt", "Übersicht ß.txt",
    "日本語.csv", "😀 emoji.txt", "semi;colon,comma.txt", "(paren) [bracket] {brace}.txt", "at@sign!.txt",
    "tilde~caret^.txt", "$dollar.txt", "two  spaces.txt",
]  # fmt: skip


@pytest_asyncio.fixture(params=["http", "tls through a proxy"])
async def tenant(request: pytest.FixtureRequest) -> AsyncIterator[LocalTenant]:
    listen = {} if request.param == "http" else {"tls_port": 0, "proxy_port": 0}
    async with local_tenant(listen=listen) as local:
        yield local
        assert not local.emulator.leaks


async def test_the_default_drive_is_found_and_described(tenant: LocalTenant) -> None:
    handle = await tenant.drive.drive()
    assert handle.id == tenant.drive_id
    info = await handle.info()
    assert info.drive_type == "business"
    assert info.quota_total is not None
    assert info.quota_total > 0


@pytest.mark.parametrize("name", ODD_NAMES)
async def test_a_file_with_an_odd_name_is_that_file_and_no_other(tenant: LocalTenant, name: str) -> None:
    tenant.store_drive.put_file("/odd/decoy", b"decoy")
    tenant.store_drive.put_file("/odd/h", b"what a client that forgets to encode # would get")
    item = await tenant.handle.upload(f"/odd/{name}", name.encode())
    assert item.name == name
    assert await tenant.handle.read(f"/odd/{name}") == name.encode()
    listed = [item async for page in tenant.handle.list("/odd") for item in page]
    assert f"/odd/{name}" in [item.path for item in listed]
    assert (await tenant.handle.item(f"/ODD/{name.upper()}")).id == item.id or "ß" in name
    await tenant.handle.delete(f"/odd/{name}")
    assert await tenant.handle.find(f"/odd/{name}") is None
    assert set(tenant.store_drive.tree()) == {"/odd/decoy", "/odd/h"}


async def test_a_listing_is_complete_beyond_the_page(tenant: LocalTenant) -> None:
    for number in range(1203):
        tenant.store_drive.put_file(f"/many/{number:04}.txt", b"")
    names = [raw["name"] async for page in tenant.handle.children("/many") for raw in page.items]
    assert sorted(names) == [f"{number:04}.txt" for number in range(1203)]


async def test_a_walk_finds_every_item_of_a_tree_deeper_than_paths_reach(tenant: LocalTenant) -> None:
    deep = "/" + "/".join(f"d{level}" for level in range(40))
    tenant.store_drive.put_file(f"{deep}/bottom.txt", b"deep")
    for number in range(30):
        tenant.store_drive.put_file(f"/wide/{number}/a.txt", b"x")
    walked = {item.path: item for page in [page async for page in tenant.handle.walk()] for item in page}
    files = {path for path, item in walked.items() if not item.is_folder}
    assert files == set(tenant.store_drive.tree())
    assert len(walked) == 40 + 1 + 31 + 30
    assert await tenant.handle.read(f"{deep}/bottom.txt") == b"deep"
    assert (await tenant.handle.item(deep)).is_folder


@pytest.mark.parametrize("select", [None, ["id", "name", "size", "webUrl"]])
async def test_a_whole_drive_is_the_same_by_delta_and_by_children(
    tenant: LocalTenant, select: list[str] | None
) -> None:
    for number in range(60):
        tenant.store_drive.put_file(f"/a/{number % 7}/b/{number}.txt", b"x" * number)
    tenant.store_drive.put_file("/gone/x.txt", b"x")
    await tenant.handle.delete("/gone")
    found = {}
    for method in ("children", "delta"):
        pages = [page async for page in tenant.handle.walk(select=select, method=method)]
        found[method] = {
            (item.path, item.size if not item.is_folder else None, item.id) for page in pages for item in page
        }
    assert found["children"] == found["delta"]
    assert len(found["delta"]) == 60 + 7 + 7 + 1
    with pytest.raises(errors.InvalidPathError, match="whole drives"):
        [page async for page in tenant.handle.walk("/a", method="delta")]


async def test_a_walk_shows_what_this_connection_just_wrote(tenant: LocalTenant) -> None:
    await tenant.handle.upload("/new.txt", b"x")
    assert [item.path async for page in tenant.handle.walk() for item in page] == ["/new.txt"]
    assert not any("delta" in entry.target for entry in tenant.emulator.requests)
    async with tenant.connect() as other:
        handle = await other.drive(drive_id=tenant.drive_id)
        assert [item.path async for page in handle.walk() for item in page] == ["/new.txt"]
    assert any("delta" in entry.target for entry in tenant.emulator.requests)


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("/r/*.csv", {"/r/a.csv", "/r/b.csv"}),
        ("/r/**/*.csv", {"/r/a.csv", "/r/b.csv", "/r/2026/c.csv", "/r/2026/q/d.csv"}),
        ("/r/2026/**", {"/r/2026/c.csv", "/r/2026/q", "/r/2026/q/d.csv"}),
        ("/R/?.CSV", {"/r/a.csv", "/r/b.csv"}),
        ("/*/2026/c.csv", {"/r/2026/c.csv"}),
        ("/r/[ab].csv", {"/r/a.csv", "/r/b.csv"}),
        ("/r/a.csv", {"/r/a.csv"}),
        ("/r/x[1].txt", {"/r/x[1].txt"}),
        ("/nothing/*.csv", set()),
        ("/r/*.json", set()),
    ],
)
async def test_patterns(tenant: LocalTenant, pattern: str, expected: set[str]) -> None:
    for path in ("/r/a.csv", "/r/b.csv", "/r/2026/c.csv", "/r/2026/q/d.csv", "/r/x[1].txt", "/other/a.csv"):
        tenant.store_drive.put_file(path, b"x")
    assert {item.path async for item in tenant.handle.glob(pattern)} == expected


async def test_folders_are_created_with_those_above_and_twice_is_once(tenant: LocalTenant) -> None:
    first = await tenant.handle.create_folder("/a/b/c")
    assert (await tenant.handle.create_folder("/a/b/c")).id == first.id
    with pytest.raises(errors.NotFoundError):
        await tenant.handle.create_folder("/x/y", parents=False)
    await tenant.handle.upload("/a/file", b"x")
    with pytest.raises(errors.AlreadyExistsError):
        await tenant.handle.create_folder("/a/file")


async def test_moving_and_renaming_keep_the_item(tenant: LocalTenant) -> None:
    item = await tenant.handle.upload("/a.txt", b"content")
    await tenant.handle.create_folder("/there")
    moved = await tenant.handle.move("/a.txt", "/there/b.txt")
    assert moved.id == item.id
    assert moved.path == "/there/b.txt"
    assert await tenant.handle.read("/there/b.txt") == b"content"
    renamed = await tenant.handle.move("/there/b.txt", "/there/B.TXT")
    assert renamed.name == "B.TXT"
    with pytest.raises(errors.ItemChangedError):
        await tenant.handle.move(
            "/there/B.TXT", "/c.txt", if_match='"{00000000-0000-0000-0000-000000000000},1"'
        )
    back = await tenant.handle.move("/there/B.TXT", "/c.txt")
    assert back.id == item.id
    assert set(tenant.store_drive.tree()) == {"/c.txt"}


async def test_what_is_missing_is_named(tenant: LocalTenant) -> None:
    with pytest.raises(errors.NotFoundError) as caught:
        await tenant.handle.item("/nowhere/a b.txt")
    assert "/nowhere/a b.txt" in str(caught.value)
    assert caught.value.code == "itemNotFound"
    assert caught.value.request_id
    with pytest.raises(errors.NotFoundError):
        await tenant.drive.drive("/users/nobody@contoso.com")


async def test_ranges(tenant: LocalTenant) -> None:
    tenant.store_drive.put_file("/digits", b"0123456789")
    read = tenant.handle.read
    assert await read("/digits", 3, 5) == b"34"
    assert await read("/digits", 7) == b"789"
    assert await read("/digits", 7, 700) == b"789"
    assert await read("/digits", 10) == b""
    assert await read("/digits", 4, 4) == b""


async def test_a_download_appears_whole_with_the_services_time(tenant: LocalTenant, tmp_path: Path) -> None:
    tenant.store_drive.put_file("/a.bin", b"x" * 100_000, modified=1_700_000_000)
    seen: list[tuple[int, int]] = []
    item = await tenant.handle.download(
        "/a.bin", tmp_path / "a.bin", progress=lambda done, total: seen.append((done, total))
    )
    assert (tmp_path / "a.bin").read_bytes() == b"x" * 100_000
    assert (tmp_path / "a.bin").stat().st_mtime == 1_700_000_000
    assert seen[-1] == (100_000, 100_000)
    assert item.quick_xor_hash
    with pytest.raises(errors.LocalFileError):
        await tenant.handle.download("/a.bin", tmp_path / "missing" / "a.bin")
    with pytest.raises(errors.InvalidPathError, match="folder"):
        await tenant.handle.download("/", tmp_path / "root")


async def test_places_of_other_owners_and_libraries(tenant: LocalTenant) -> None:
    bob = tenant.emulator.tenant.add_user("bob", "Bob Jones")
    bob.drive.put_file("/hello.txt", b"from bob")
    site = tenant.emulator.tenant.add_site("sites/Finance", "Finance")
    library = tenant.emulator.tenant.add_library(site, "Contracts")
    library.put_file("/2026/a b.txt", b"from the library")
    handle, path = await tenant.drive.at(f"onedrive://{bob.user_principal_name}/hello.txt")
    assert await handle.read(path) == b"from bob"
    host = tenant.emulator.tenant.host
    for place in (
        f"onedrive://{host}/sites/Finance/Contracts/2026/a b.txt",
        f"https://{host}/sites/Finance/Contracts/2026/a%20b.txt",
    ):
        handle, path = await tenant.drive.at(place)
        assert await handle.read(path) == b"from the library"
    with pytest.raises(errors.NotFoundError, match="Contracts"):
        await tenant.drive.at(f"onedrive://{host}/sites/Finance/Nowhere/x")


async def test_a_group_is_found_by_its_e_mail_address(tenant: LocalTenant) -> None:
    group = tenant.emulator.tenant.add_group("Finance", mail="finance@contoso.com")
    group.drive.put_file("/hello.txt", b"from the group")
    for _ in range(2):
        handle, path = await tenant.drive.at("onedrive://groups/finance@contoso.com/hello.txt")
        assert await handle.read(path) == b"from the group"
    drives = [
        raw
        async for page in tenant.drive.directory.drives("/groups/Finance@contoso.com")
        for raw in page.items
    ]
    assert [raw["id"] for raw in drives] == [group.drive.id]
    assert (await tenant.drive.directory.one("/groups/finance@contoso.com"))["displayName"] == "Finance"
    with pytest.raises(errors.NotFoundError, match="e-mail"):
        await tenant.drive.drive("/groups/o'neill@contoso.com")


async def test_the_directory_is_listed(tenant: LocalTenant) -> None:
    organisation = tenant.emulator.tenant
    users = [organisation.add_user(f"user{number}", f"User {number}") for number in range(120)]
    directory = tenant.drive.directory
    names = {raw["userPrincipalName"] async for page in directory.users(top=50) for raw in page.items}
    assert {user.user_principal_name for user in users} <= names
    assert len(names) == 121
    selected = [raw async for page in directory.users(select=["id"]) for raw in page.items]
    assert set(selected[0]) - {"@odata.id"} == {"id"}
    drives = [
        raw async for page in directory.drives(f"/users/{users[0].user_principal_name}") for raw in page.items
    ]
    assert [raw["id"] for raw in drives] == [users[0].drive.id]


async def test_a_read_only_connection_refuses_every_write_before_any_request(tenant: LocalTenant) -> None:
    tenant.store_drive.put_file("/a.txt", b"x")
    from dataclasses import replace

    from driveql.drive.onedrive import OneDrive

    async with OneDrive(replace(tenant.settings, read_only=True)) as drive:
        handle = await drive.drive(drive_id=tenant.drive_id)
        assert await handle.read("/a.txt") == b"x"
        before = len(tenant.emulator.requests)
        with pytest.raises(errors.ConfigurationError, match="ReadOnly"):
            await handle.upload("/b.txt", b"x")
        assert len(tenant.emulator.requests) == before
        for write in (handle.delete("/a.txt"), handle.move("/a.txt", "/b.txt"), handle.create_folder("/f")):
            with pytest.raises(errors.ConfigurationError, match="ReadOnly"):
                await write
    assert set(tenant.store_drive.tree()) == {"/a.txt"}
