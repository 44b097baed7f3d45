"""Every request survives what can go wrong on its way, or fails with the whole story; every planned fault is consumed."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import pytest
from tests.faults.random_plans import RepeatedItems
from tests.support import LocalTenant, local_tenant

from driveql import errors
from driveql.errors import ApiError, ConnectionLostError, ProtocolError
from driveql.transport.trace import TraceEvent
from graph_emulator import faults

ROOT = "/drives/{drive-id}/root"


@pytest.mark.parametrize(
    "fault",
    [
        faults.Refuse(429, retry_after=0),
        faults.Refuse(429, retry_after=0.05),
        faults.Refuse(503, retry_after=0, as_date=True),
        faults.Refuse(503),
        faults.Refuse(429, rate_limit=(1250, 0, 0)),
        faults.Locked(1),
        faults.Locked(2),
        faults.Locked(3),
        faults.DropBefore(),
        faults.Drop(),
        faults.Truncate(bytes=10),
        faults.ClaimsChallenge(),
        faults.Refuse(401),
    ],
    ids=repr,
)
async def test_a_passing_fault_is_outlived_by_a_read(fault: faults.Effect) -> None:
    async with local_tenant() as tenant:
        tenant.emulator.faults.add(fault, method="GET", target="/root")
        item = await tenant.handle.item("/")
        assert item.is_root
        tenant.emulator.faults.assert_consumed()


@pytest.mark.parametrize("status", [500, 502, 504])
async def test_a_status_that_is_not_listed_is_final(status: int) -> None:
    async with local_tenant() as tenant:
        fault = tenant.emulator.faults.add(faults.Refuse(status), target="/root", count=9)
        with pytest.raises(errors.UnavailableError) as caught:
            await tenant.handle.item("/")
        assert fault.fired == 1
        assert caught.value.status == status
        assert caught.value.attempts == 1


@pytest.mark.parametrize("status", [400, 403, 404, 409, 412, 507])
async def test_a_final_status_is_sent_once_also_when_any_failure_is_retried(status: int) -> None:
    async with local_tenant(retry_mode="RetryAny") as tenant:
        fault = tenant.emulator.faults.add(faults.Refuse(status), target="/root", count=9)
        with pytest.raises(ApiError) as caught:
            await tenant.handle.item("/")
        assert fault.fired == 1
        assert caught.value.status == status
        assert caught.value.request_id


async def test_giving_up_says_how_often_how_long_and_what_came_last() -> None:
    async with local_tenant(retry_count_max=3) as tenant:
        fault = tenant.emulator.faults.add(faults.Refuse(429, retry_after=0), target="/root", count=4)
        with pytest.raises(errors.ThrottledError) as caught:
            await tenant.handle.item("/")
        tenant.emulator.faults.assert_consumed()
        assert fault.fired == 4
        assert caught.value.attempts == 4
        assert "4 tries" in str(caught.value)
        assert "RetryCountMax is 3" in str(caught.value)
        assert caught.value.code == "activityLimitReached"
        assert caught.value.request_id in str(caught.value)


async def test_retry_mode_none_sends_once() -> None:
    async with local_tenant(retry_mode="None") as tenant:
        fault = tenant.emulator.faults.add(faults.Refuse(429, retry_after=0), target="/root", count=2)
        with pytest.raises(errors.ThrottledError):
            await tenant.handle.item("/")
        assert fault.fired == 1


async def test_a_wait_longer_than_the_budget_is_refused_at_once() -> None:
    async with local_tenant() as tenant:
        tenant.emulator.faults.add(faults.Refuse(429, retry_after=86_400), target="/root")
        begun = time.monotonic()
        with pytest.raises(errors.ThrottledError, match="time budget"):
            await tenant.handle.item("/")
        assert time.monotonic() - begun < 60
        tenant.emulator.faults.assert_consumed()


async def test_one_throttled_worker_pauses_them_all() -> None:
    async with local_tenant(max_concurrency=4) as tenant:
        sent: list[TraceEvent] = []
        times: list[float] = []

        def record(event: TraceEvent) -> None:
            sent.append(event)
            times.append(time.monotonic())

        async with tenant.connect(trace=record) as drive:
            handle = await drive.drive(drive_id=tenant.drive_id)
            await handle.item("/")
            tenant.emulator.faults.add(faults.Refuse(429, retry_after=1), target="/root")
            await asyncio.gather(*(handle.item("/") for _ in range(12)))
        tenant.emulator.faults.assert_consumed()
        throttled = next(index for index, event in enumerate(sent) if event.status == 429)
        after = [moment for moment in times[throttled + 1 :] if moment - times[throttled] > 0.2]
        assert len(after) >= 8
        assert min(after) - times[throttled] >= 0.95


async def test_a_post_whose_answer_was_lost_is_not_sent_again() -> None:
    async with local_tenant() as tenant:
        await tenant.drive.session.access_token()
        fault = tenant.emulator.faults.add(faults.Drop(), method="POST", count=3)
        with pytest.raises(ConnectionLostError, match="not safe to repeat"):
            await tenant.drive.session.request("POST", _children(tenant), json={"name": "x", "folder": {}})
        assert fault.fired == 1


async def test_a_second_refusal_of_the_token_is_an_error_and_the_first_renews_it_once() -> None:
    async with local_tenant() as tenant:
        await tenant.handle.item("/")
        before = tenant.drive.session.statistics.token_requests
        fault = tenant.emulator.faults.add(faults.Refuse(401), target="/root", count=5)
        with pytest.raises(errors.AuthenticationError):
            await tenant.handle.item("/")
        assert fault.fired == 2
        assert tenant.drive.session.statistics.token_requests == before + 1


async def test_empty_pages_do_not_end_a_listing() -> None:
    async with local_tenant() as tenant:
        for number in range(7):
            tenant.store_drive.put_file(f"/many/{number}.txt", b"x")
        tenant.emulator.faults.add(faults.EmptyPage(), route="children$", count=3)
        names = [raw["name"] async for page in tenant.handle.children("/many", top=2) for raw in page.items]
        assert names == [f"{number}.txt" for number in range(7)]
        tenant.emulator.faults.assert_consumed()


@pytest.mark.parametrize(
    ("fault", "message"),
    [
        (faults.RepeatedNextLink(), "repeats"),
        (faults.ForeignNextLink(), "another host"),
        (faults.NotJson(), r"^GET /drives/.*/children: the server's answer \(200, text/html.*is not JSON"),
        (faults.NotJson(text='{"value": [null, {}]}'), "no object"),
    ],
    ids=repr,
)
async def test_a_broken_listing_is_an_error_and_never_a_short_list(
    fault: faults.Effect, message: str
) -> None:
    async with local_tenant() as tenant:
        for number in range(5):
            tenant.store_drive.put_file(f"/many/{number}.txt", b"x")
        tenant.emulator.faults.add(fault, route="children$", count=None)
        with pytest.raises(ProtocolError, match=message):
            [page async for page in tenant.handle.children("/many", top=2)]
        tenant.emulator.faults.assert_consumed()
        assert not tenant.emulator.leaks


async def test_what_is_on_two_pages_is_listed_once() -> None:
    async with local_tenant() as tenant:
        for number in range(9):
            tenant.store_drive.put_file(f"/many/{number}.txt", b"x")
        planned = tenant.emulator.faults.add(RepeatedItems(), count=None)
        pages = [page async for page in tenant.handle.children("/many", top=4)]
        assert [raw["name"] for page in pages for raw in page.items] == [
            f"{number}.txt" for number in range(9)
        ]
        tenant.emulator.behaviour.page_max = 4
        walked = [item.name async for page in tenant.handle.walk("/many", method="children") for item in page]
        assert sorted(walked) == [f"{number}.txt" for number in range(9)]
        assert planned.fired > 4


async def test_a_link_back_to_the_first_page_gives_nothing_twice() -> None:
    async with local_tenant() as tenant:
        for number in range(5):
            tenant.store_drive.put_file(f"/many/{number}.txt", b"x")
        tenant.emulator.faults.add(faults.RepeatedNextLink(), route="children$")
        with pytest.raises(ProtocolError, match="page 1 repeats"):
            [page async for page in tenant.handle.children("/many", top=2)]
        tenant.emulator.faults.assert_consumed()


@pytest.mark.parametrize("text", ["null", "[]", "3", '"text"'])
async def test_json_that_is_no_object_is_an_error_that_says_so(text: str) -> None:
    async with local_tenant() as tenant:
        tenant.store_drive.put_file("/a", b"x")
        handle = tenant.handle
        for ask in (
            lambda: handle.item("/a"),
            lambda: tenant.drive.directory.one("/users/alice@contoso.com"),
            lambda: tenant.drive.directory.drive(handle.id),
            lambda: handle.upload("/b", b"x"),
            lambda: handle.create_folder("/new"),
            lambda: handle.upload("/c", bytes(5 << 20)),
        ):
            planned = tenant.emulator.faults.add(faults.NotJson(text=text), target=r"v1\.0")
            with pytest.raises(ProtocolError):
                await ask()
            assert planned.fired
            tenant.emulator.faults.clear()


async def test_the_token_endpoint_is_retried_when_it_is_throttled_and_no_token_is_lost() -> None:
    async with local_tenant() as tenant:
        tenant.emulator.faults.add(faults.Refuse(429, retry_after=0), target="oauth2/v2.0/token")
        tenant.emulator.faults.add(faults.DropBefore(), target="oauth2/v2.0/token")
        assert (await tenant.handle.item("/")).is_root
        tenant.emulator.faults.assert_consumed()


async def test_two_hundred_first_calls_ask_for_one_token() -> None:
    async with local_tenant() as tenant:
        await asyncio.gather(*(tenant.handle.item("/") for _ in range(200)))
        assert tenant.drive.session.statistics.token_requests == 1
        assert sum("oauth2" in str(entry) for entry in tenant.emulator.requests) == 1


async def test_every_request_names_itself_and_no_trace_holds_a_secret(caplog: Any) -> None:
    caplog.set_level("DEBUG")
    async with local_tenant() as tenant:
        events: list[TraceEvent] = []
        tenant.store_drive.put_file("/a.txt", b"hello")
        async with tenant.connect(trace=events.append) as drive:
            handle = await drive.drive(drive_id=tenant.drive_id)
            assert await handle.read("/a.txt") == b"hello"
            token = (await drive.session.access_token()).value
        identifiers = [event.client_request_id for event in events if event.client_request_id]
        assert len(identifiers) == len(set(identifiers)) >= 2
        everything = caplog.text + repr(events) + "".join(event.line() for event in events)
        assert token not in everything
        assert tenant.secret not in everything
        assert "tempauth" not in everything
        assert "eyJ" not in everything


def _children(tenant: LocalTenant) -> str:
    return f"{tenant.running.graph_url}/v1.0/drives/{tenant.drive_id}/root/children"


@pytest.mark.parametrize("nth", [2, 3])
async def test_what_vanishes_in_the_middle_of_a_walk_is_an_error_and_not_an_end(nth: int) -> None:
    async with local_tenant() as tenant:
        for number in range(4):
            tenant.store_drive.put_file(f"/top/{number}/a.txt", b"x")
        tenant.emulator.faults.add(faults.Refuse(404), route="children$", nth=nth)
        with pytest.raises(errors.ItemChangedError, match="incomplete"):
            [page async for page in tenant.handle.walk("/top")]
        tenant.emulator.faults.assert_consumed()


async def test_a_page_that_vanishes_is_an_error_and_a_collection_that_never_was_is_not_found() -> None:
    async with local_tenant() as tenant:
        for number in range(6):
            tenant.store_drive.put_file(f"/top/{number}.txt", b"x")
        tenant.emulator.faults.add(faults.Refuse(404), route="children$", nth=2)
        with pytest.raises(errors.ItemChangedError, match="incomplete"):
            [page async for page in tenant.handle.children("/top", top=2)]
        tenant.emulator.faults.assert_consumed()
        with pytest.raises(errors.NotFoundError):
            [page async for page in tenant.handle.children("/nowhere")]
