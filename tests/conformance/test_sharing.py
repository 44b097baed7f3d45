"""Sharing, the same over plain HTTP and over TLS through a proxy: permissions, links, invitations, and the way back."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from urllib.parse import quote, unquote, urlsplit

import pytest
import pytest_asyncio
from tests.support import LocalTenant, local_tenant

from driveql import errors
from driveql.graph.sharing_models import Permission


@pytest_asyncio.fixture(params=["http", "tls through a proxy"])
async def tenant(request: pytest.FixtureRequest) -> AsyncIterator[LocalTenant]:
    listen = {} if request.param == "http" else {"tls_port": 0, "proxy_port": 0}
    async with local_tenant(listen=listen) as local:
        local.store_drive.put_file("/Reports/a b#1.csv", b"x")
        for name in ("bob", "carol"):
            local.emulator.tenant.add_user(name, name.title())
        yield local
        assert not local.emulator.leaks


ITEM = "/Reports/a b#1.csv"


async def permissions(tenant: LocalTenant, item: str = ITEM) -> list[Permission]:
    return [known async for page in tenant.handle.sharing.permissions(item) for known in page]


def address(tenant: LocalTenant, name: str) -> str:
    return f"{name}@{tenant.emulator.tenant.domain}"


async def test_a_link_is_made_once_listed_and_revoked(tenant: LocalTenant) -> None:
    before = {known.id for known in await permissions(tenant)}
    link = await tenant.handle.sharing.create_link(ITEM)
    assert (link.kind, link.link_type, link.link_scope, link.roles) == (
        "link",
        "view",
        "organization",
        ("read",),
    )
    assert link.link_url
    assert link.link_url not in repr(link)
    assert (await tenant.handle.sharing.create_link(ITEM)).id == link.id
    assert (await tenant.handle.sharing.create_link(ITEM, "edit")).id != link.id
    assert (await tenant.handle.sharing.permission(ITEM, link.id)).link_url == link.link_url
    await tenant.handle.sharing.revoke(ITEM, link.id)
    left = {known.id for known in await permissions(tenant)} - before
    assert link.id not in left
    assert len(left) == 1
    with pytest.raises(errors.NotFoundError):
        await tenant.handle.sharing.revoke(ITEM, link.id)


async def test_a_link_carries_its_end_and_its_password_is_nowhere_to_be_read(
    tenant: LocalTenant, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    end = datetime.now(UTC).replace(microsecond=0) + timedelta(days=3)
    link = await tenant.handle.sharing.create_link(
        ITEM, scope="anonymous", expires=end, password="plain:Corr3ct-Horse"
    )
    assert link.expires == end
    assert link.has_password
    second = await tenant.handle.sharing.create_link(ITEM, scope="anonymous")
    assert second.id != link.id
    assert second.expires is None
    assert "Corr3ct-Horse" not in caplog.text + repr(link)
    assert [known.has_password for known in await permissions(tenant) if known.id == link.id] == [True]


async def test_a_link_leads_back_to_its_item_in_every_form_a_browser_shows(tenant: LocalTenant) -> None:
    item = await tenant.handle.item(ITEM)
    link = await tenant.handle.sharing.create_link(ITEM, "edit")
    assert link.link_url is not None
    assert item.web_url is not None
    parts = urlsplit(item.web_url)
    owner = "/".join(parts.path.split("/")[:3])
    for url in (
        link.link_url,
        item.web_url,
        f"{item.web_url}?web=1",
        f"https://{parts.netloc}/:x:/r{parts.path}?d=w1&csf=1",
        f"https://{parts.netloc}{owner}/_layouts/15/onedrive.aspx?id={quote(unquote(parts.path), safe='')}",
        f"https://{parts.netloc}{owner}/Documents/Forms/All.aspx?id={quote(unquote(parts.path), safe='')}&p=1",
    ):
        found = await tenant.handle.sharing.resolve(url)
        assert (found.id, found.drive_id) == (item.id, tenant.drive_id), url
        assert (await tenant.drive.resolve(url)).id == item.id, url
    assert (await tenant.handle.sharing.resolve(link.link_url, redeem=True)).id == item.id
    assert (await tenant.drive.resolve(f"onedrive:{ITEM}")).id == item.id
    handle, path = await tenant.drive.at(link.link_url)
    assert await handle.read(path) == b"x"
    with pytest.raises(errors.InvalidPathError):
        await tenant.handle.sharing.resolve(ITEM)
    with pytest.raises(errors.NotFoundError):
        await tenant.drive.resolve(item.web_url.replace("csv", "nothing"))
    await tenant.handle.sharing.revoke(ITEM, link.id)
    with pytest.raises(errors.PermissionDeniedError):
        await tenant.handle.sharing.resolve(link.link_url)


async def test_an_invitation_says_what_became_of_each(tenant: LocalTenant) -> None:
    bob, guest, nobody = address(tenant, "bob"), "guest@elsewhere.example", address(tenant, "nobody")
    result = await tenant.handle.sharing.invite(ITEM, [guest, bob, nobody], ["write"], message="For you.")
    assert [outcome.recipient for outcome in result] == [guest, bob, nobody]
    assert [outcome.succeeded for outcome in result] == [False, True, False]
    assert not result.complete
    assert [outcome.recipient for outcome in result.failed] == [guest, nobody]
    assert isinstance(result[0].error, errors.PermissionDeniedError)
    assert guest in str(result[0].error)
    assert isinstance(result[2].error, errors.BadRequestError)
    with pytest.raises(errors.PermissionDeniedError, match="guests"):
        result.require_all()
    granted = result[1].permission
    assert granted is not None
    assert granted.roles == ("write",)
    assert granted.concerns(bob)
    assert granted.id in {known.id for known in await permissions(tenant)}


async def test_when_nobody_is_found_the_invitation_is_an_error(tenant: LocalTenant) -> None:
    with pytest.raises(errors.BadRequestError, match="resolved"):
        await tenant.handle.sharing.invite(ITEM, ["nobody@elsewhere.example"], send_invitation=False)


async def test_a_role_is_changed_and_access_inherited_below_a_folder(tenant: LocalTenant) -> None:
    result = await tenant.handle.sharing.invite("/Reports", [address(tenant, "carol")], send_invitation=False)
    assert result.complete
    result.require_all()
    granted = result[0].permission
    assert granted is not None
    changed = await tenant.handle.sharing.update_roles("/Reports", granted.id, ["write"])
    assert changed.roles == ("write",)
    inherited = [known for known in await permissions(tenant) if known.concerns(address(tenant, "carol"))]
    assert [known.is_inherited for known in inherited] == [True]
    with pytest.raises(errors.BadRequestError):
        await tenant.handle.sharing.revoke(ITEM, inherited[0].id)
    await tenant.handle.sharing.revoke("/Reports", granted.id)
    assert not any(known.concerns(address(tenant, "carol")) for known in await permissions(tenant))


async def test_people_are_put_on_a_link_and_taken_off_it(tenant: LocalTenant) -> None:
    bob, carol = address(tenant, "bob"), address(tenant, "carol")
    link = await tenant.handle.sharing.create_link(ITEM, scope="users", recipients=[bob])
    assert link.link_url is not None
    [wider] = await tenant.handle.sharing.grant(link.link_url, [carol])
    assert wider.concerns(bob)
    assert wider.concerns(carol)
    left = await tenant.handle.sharing.revoke_grants(ITEM, link.id, [bob])
    assert left is not None
    assert left.concerns(carol)
    assert not left.concerns(bob)
    assert await tenant.handle.sharing.revoke_grants(ITEM, link.id, [carol]) is None
    with pytest.raises(errors.PermissionDeniedError):
        await tenant.handle.sharing.grant(link.link_url, [carol])


async def test_what_cannot_be_shared_so_is_refused_before_any_request(tenant: LocalTenant) -> None:
    sharing = tenant.handle.sharing
    await tenant.drive.session.access_token()
    before = len(tenant.emulator.requests)
    past = datetime.now(UTC) - timedelta(seconds=1)
    for refused in (
        sharing.create_link(ITEM, "look"),  # type: ignore[arg-type]
        sharing.create_link(ITEM, scope="world"),  # type: ignore[arg-type]
        sharing.create_link(ITEM, expires=past),
        sharing.create_link(ITEM, expires=datetime(2200, 1, 1)),
        sharing.create_link(ITEM, recipients=["bob@contoso.com"]),
        sharing.create_link(ITEM, message="hello"),
        sharing.create_link(ITEM, password=""),
        sharing.create_link(ITEM, password="env:DRIVEQL_TEST_NOT_SET"),
        sharing.invite(ITEM, []),
        sharing.invite(ITEM, "bob@contoso.com"),
        sharing.invite(ITEM, ["bob@contoso.com", "Bob@contoso.com"]),
        sharing.invite(ITEM, ["bob@contoso.com"], ["reader"]),
        sharing.invite(ITEM, ["bob@contoso.com"], message="x" * 2001),
        sharing.invite(ITEM, ["bob@contoso.com"], message="x", send_invitation=False),
        sharing.update_roles(ITEM, "1", []),
        sharing.revoke(ITEM, ""),
    ):
        with pytest.raises(errors.ConfigurationError):
            await refused
    assert len(tenant.emulator.requests) == before


async def test_a_read_only_connection_shares_nothing(tenant: LocalTenant) -> None:
    from dataclasses import replace

    from driveql.drive.onedrive import OneDrive

    async with OneDrive(replace(tenant.settings, read_only=True)) as drive:
        handle = await drive.drive(drive_id=tenant.drive_id)
        assert [page async for page in handle.sharing.permissions(ITEM)]
        before = len(tenant.emulator.requests)
        for write in (
            handle.sharing.create_link(ITEM),
            handle.sharing.invite(ITEM, ["bob@contoso.com"]),
            handle.sharing.revoke(ITEM, "1"),
            handle.sharing.update_roles(ITEM, "1", ["read"]),
        ):
            with pytest.raises(errors.ConfigurationError, match="ReadOnly"):
                await write
        assert len(tenant.emulator.requests) == before


class _AnyToken:
    """An azure-core credential for a service that asks for none."""

    def get_token(self, *scopes: str, **options: object) -> object:
        from types import SimpleNamespace

        return SimpleNamespace(token="x.y.z", expires_on=4_000_000_000)


@pytest.mark.parametrize(("status", "deletions"), [(201, 1), (200, 0)])
async def test_a_link_whose_password_the_service_ignored_is_not_handed_out(
    status: int, deletions: int
) -> None:
    """The emulator keeps passwords; a service that answers without is played by a server of four routes."""
    from aiohttp import web

    from driveql.connection import settings_from
    from driveql.drive.handle import DriveHandle
    from driveql.drive.onedrive import OneDrive

    asked: list[str] = []

    async def answer(request: web.Request) -> web.Response:
        asked.append(request.method)
        if request.method == "GET":
            return web.json_response({"value": []})
        if request.method == "DELETE":
            return web.Response(status=204)
        link = {"type": "view", "scope": "anonymous", "webUrl": "https://contoso.sharepoint.com/:x:/s"}
        return web.json_response({"id": "1", "roles": ["read"], "link": link}, status=status)

    application = web.Application()
    application.router.add_route("*", "/{rest:.*}", answer)
    runner = web.AppRunner(application)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    settings = settings_from(
        environ={},
        token_url=f"{url}/contoso.com/oauth2/v2.0/token",
        graph_url=url,
        client_id="11111111-1111-1111-1111-111111111111",
        client_secret="plain:never asked for",
        group_or_user_id="/users/a@contoso.com",
        proxy="",
    )
    try:
        async with OneDrive(settings, credential=_AnyToken()) as drive:
            sharing = DriveHandle(drive.session, "b!1").sharing
            with pytest.raises(errors.ConflictError, match="without the password") as caught:
                await sharing.create_link("/a.txt", scope="anonymous", password="plain:hush-hush")
            assert "hush-hush" not in str(caught.value)
            end = datetime.now(UTC) + timedelta(days=1)
            with pytest.raises(errors.ConflictError, match="without the end"):
                await sharing.create_link("/a.txt", scope="anonymous", expires=end)
        assert asked.count("DELETE") == 2 * deletions
        assert asked.count("POST") == 2
    finally:
        await runner.cleanup()
