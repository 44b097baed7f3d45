"""Subscriptions end to end: made against a listening receiver, told of a change, renewed, ended; over HTTP and TLS."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest
import pytest_asyncio
from tests.support import LocalTenant, local_tenant

from driveql import errors
from driveql.graph.notifications import Subscription
from driveql.transport.receiver import Receiver
from graph_emulator import faults


@pytest_asyncio.fixture(params=["http", "tls through a proxy"])
async def tenant(request: pytest.FixtureRequest) -> AsyncIterator[LocalTenant]:
    listen = {} if request.param == "http" else {"tls_port": 0, "proxy_port": 0}
    async with local_tenant(listen=listen) as local:
        yield local
        assert not local.emulator.leaks


async def subscriptions(tenant: LocalTenant) -> list[Subscription]:
    return [known async for page in tenant.drive.subscriptions.list() for known in page]


async def test_a_change_is_told_to_the_receiver(
    tenant: LocalTenant, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    async with Receiver() as receiver:
        made = await tenant.drive.subscriptions.create(
            tenant.drive_id, receiver.url, client_state=receiver.client_state
        )
        assert made.client_state == receiver.client_state
        assert made.resource.strip("/") == f"drives/{tenant.drive_id}/root"
        assert made.expires is not None
        assert timedelta(days=29) < made.expires - datetime.now(UTC) < timedelta(minutes=42_300)
        assert [known.id for known in await subscriptions(tenant)] == [made.id]
        await tenant.handle.upload("/new.txt", b"x")
        told = await asyncio.wait_for(receiver.next(), 10)
        assert told.subscription_id == made.id
        assert told.change_type == "updated"
        assert receiver.refused == 0
        assert receiver.client_state not in caplog.text + repr(made) + repr(told)
        await tenant.drive.subscriptions.delete(made.id)
        assert await subscriptions(tenant) == []


async def test_a_subscription_is_renewed_and_ends(tenant: LocalTenant) -> None:
    parts = tenant.drive.subscriptions
    async with Receiver() as receiver:
        made = await parts.create(tenant.drive_id, receiver.url, lifetime=timedelta(hours=1))
        assert made.client_state
        renewed = await parts.renew(made.id, lifetime=timedelta(hours=5))
        assert renewed.expires is not None
        assert timedelta(hours=4) < renewed.expires - datetime.now(UTC) <= timedelta(hours=5)
        assert (await parts.get(made.id)).expires == renewed.expires
        await parts.delete(made.id)
        with pytest.raises(errors.NotFoundError):
            await parts.get(made.id)
        for gone in (parts.delete(made.id), parts.renew(made.id)):
            with pytest.raises(errors.NotFoundError):
                await gone


async def test_a_receiver_that_does_not_answer_gets_no_subscription(tenant: LocalTenant) -> None:
    async with Receiver(path="/here") as receiver:
        with pytest.raises(errors.BadRequestError):
            await tenant.drive.subscriptions.create(tenant.drive_id, receiver.url.replace("here", "there"))
    assert await subscriptions(tenant) == []


async def test_what_the_service_would_refuse_is_refused_before_any_request(tenant: LocalTenant) -> None:
    await tenant.drive.session.access_token()
    before = len(tenant.emulator.requests)
    parts, url = tenant.drive.subscriptions, "https://hooks.contoso.com/n"
    for wrong in (
        parts.create(tenant.drive_id, url, lifetime=timedelta(minutes=42_301)),
        parts.create(tenant.drive_id, url, lifetime=timedelta()),
        parts.create(tenant.drive_id, "http://hooks.contoso.com/n"),
        parts.create(tenant.drive_id, url, lifecycle_url="http://hooks.contoso.com/n"),
        parts.create(tenant.drive_id, url, client_state="x" * 129),
        parts.create("", url),
        parts.renew("1", lifetime=timedelta(days=30)),
    ):
        with pytest.raises(errors.ConfigurationError):
            await wrong
    assert len(tenant.emulator.requests) == before


@pytest.mark.parametrize(
    "fault", [faults.Refuse(429, retry_after=0), faults.DropBefore(), faults.Drop()], ids=repr
)
async def test_every_request_of_a_subscriptions_life_outlives_a_passing_fault(fault: faults.Effect) -> None:
    async with local_tenant() as tenant, Receiver() as receiver:
        parts = tenant.drive.subscriptions
        await tenant.drive.session.access_token()
        for method, nth in (("POST", 1), ("PATCH", 1), ("GET", 1), ("DELETE", 1)):
            tenant.emulator.faults.clear()
            tenant.emulator.faults.add(fault, method=method, nth=nth, target="/subscriptions")
            made = await parts.create(tenant.drive_id, receiver.url, client_state=receiver.client_state)
            assert made.client_state == receiver.client_state
            assert (await parts.renew(made.id)).id == made.id
            assert [known.id for known in await subscriptions(tenant)] == [made.id], "made once"
            await parts.delete(made.id)
            assert await subscriptions(tenant) == []
            tenant.emulator.faults.assert_consumed()


async def test_a_renewal_answered_with_a_redirection_to_nowhere_is_looked_up() -> None:
    async with local_tenant() as tenant, Receiver() as receiver:
        made = await tenant.drive.subscriptions.create(tenant.drive_id, receiver.url)
        tenant.emulator.faults.add(faults.EmptyBody(status=308), method="PATCH")
        renewed = await tenant.drive.subscriptions.renew(made.id, lifetime=timedelta(hours=2))
        assert renewed.id == made.id
        assert renewed.expires is not None
        assert renewed.expires - datetime.now(UTC) <= timedelta(hours=2)
        tenant.emulator.faults.assert_consumed()
        tenant.emulator.faults.add(faults.Refuse(308), method="PATCH")
        with pytest.raises(errors.ProtocolError, match="not renewed"):
            await tenant.drive.subscriptions.renew(made.id, lifetime=timedelta(hours=7))
        tenant.emulator.faults.assert_consumed()


async def test_a_receiver_answers_https_itself_where_it_has_a_certificate() -> None:
    from graph_emulator.tls import CertificateAuthority

    context = CertificateAuthority().server_context(["127.0.0.1"])
    async with local_tenant() as tenant, Receiver(tls=context) as receiver:
        assert receiver.url.startswith("https://127.0.0.1:")
        await tenant.drive.subscriptions.create(
            tenant.drive_id, receiver.url, client_state=receiver.client_state
        )
        await tenant.handle.create_folder("/new")
        assert (await asyncio.wait_for(receiver.next(), 10)).change_type == "updated"
