"""Batches: an outcome for each request, in order, told truly whatever fails outside or inside."""

from __future__ import annotations

import pytest
from tests.support import LocalTenant, local_tenant

from driveql import errors
from driveql.drive.batching import Outcome
from driveql.graph import addresses
from driveql.graph.addresses import Address
from driveql.graph.batch import BatchRequest
from graph_emulator import faults


def _gets(tenant: LocalTenant, count: int) -> list[BatchRequest]:
    return [
        BatchRequest("GET", addresses.item_at(tenant.drive_id, f"/{number}.txt")) for number in range(count)
    ]


def _names(outcomes: list[Outcome]) -> list[str]:
    return [outcome.answer.json()["name"] for outcome in outcomes if outcome.answer is not None]


async def test_sixty_five_requests_in_four_calls_answered_in_order() -> None:
    async with local_tenant() as tenant:
        for number in range(65):
            tenant.store_drive.put_file(f"/{number}.txt", b"x")
        outcomes = await tenant.drive.batch(_gets(tenant, 65))
        assert _names(outcomes) == [f"{number}.txt" for number in range(65)]
        assert sum(entry.target.endswith("$batch") for entry in tenant.emulator.requests) == 4


async def test_one_that_fails_does_not_stop_the_others() -> None:
    async with local_tenant() as tenant:
        for number in (0, 2, 3):
            tenant.store_drive.put_file(f"/{number}.txt", b"x")
        outcomes = await tenant.drive.batch(_gets(tenant, 4))
        assert [outcome.succeeded for outcome in outcomes] == [True, False, True, True]
        assert isinstance(outcomes[1].error, errors.NotFoundError)
        assert "/1.txt" in str(outcomes[1].error)
        assert _names([outcome for outcome in outcomes if outcome.succeeded]) == ["0.txt", "2.txt", "3.txt"]


@pytest.mark.parametrize("retry_after", [0, None])
async def test_throttled_inner_requests_are_sent_again_alone(retry_after: float | None) -> None:
    async with local_tenant() as tenant:
        for number in range(20):
            tenant.store_drive.put_file(f"/{number}.txt", b"x")
        tenant.emulator.faults.add(faults.Refuse(429, retry_after=retry_after), target=r"/1\d\.txt", count=10)
        outcomes = await tenant.drive.batch(_gets(tenant, 20))
        assert all(outcome.succeeded for outcome in outcomes)
        assert _names(outcomes) == [f"{number}.txt" for number in range(20)]
        tenant.emulator.faults.assert_consumed()
        assert sum(entry.target.endswith("$batch") for entry in tenant.emulator.requests) == 2
        inner = sum(
            entry.target.endswith(".txt:") or ".txt" in entry.target for entry in tenant.emulator.requests
        )
        assert inner == 30


async def test_an_inner_request_gives_up_loudly_and_the_rest_succeeds() -> None:
    async with local_tenant(retry_count_max=2) as tenant:
        for number in range(3):
            tenant.store_drive.put_file(f"/{number}.txt", b"x")
        fault = tenant.emulator.faults.add(faults.Refuse(429, retry_after=0), target="/1.txt", count=9)
        outcomes = await tenant.drive.batch(_gets(tenant, 3))
        assert [outcome.succeeded for outcome in outcomes] == [True, False, True]
        assert isinstance(outcomes[1].error, errors.ThrottledError)
        assert "3 tries" in str(outcomes[1].error)
        assert fault.fired == 3


async def test_a_call_that_fails_for_good_is_the_outcome_of_all_in_it() -> None:
    async with local_tenant(retry_count_max=0) as tenant:
        for number in range(30):
            tenant.store_drive.put_file(f"/{number}.txt", b"x")
        await tenant.drive.session.access_token()
        tenant.emulator.faults.add(faults.Refuse(500), target=r"\$batch$")
        outcomes = await tenant.drive.batch(_gets(tenant, 30))
        failed = [outcome for outcome in outcomes if not outcome.succeeded]
        assert len(failed) in {10, 20}
        assert all(isinstance(outcome.error, errors.UnavailableError) for outcome in failed)
        assert len(outcomes) == 30


async def test_many_are_deleted_in_few_calls_and_the_rest_stays() -> None:
    async with local_tenant() as tenant:
        for number in range(50):
            tenant.store_drive.put_file(f"/d/{number}.txt", b"x")
        items = [item async for page in tenant.handle.list("/d") for item in page]
        outcomes = await tenant.handle.delete_many(items[:45])
        assert all(outcome.succeeded for outcome in outcomes)
        assert set(tenant.store_drive.tree()) == {item.path for item in items[45:]}
        again = await tenant.handle.delete_many(items[:2])
        assert all(isinstance(outcome.error, errors.NotFoundError) for outcome in again)


async def test_a_batch_is_a_write_to_a_read_only_connection() -> None:
    async with local_tenant(read_only=True) as tenant:
        with pytest.raises(errors.ConfigurationError, match="ReadOnly"):
            await tenant.drive.batch([BatchRequest("GET", Address("/users"))])
        assert not tenant.emulator.requests
