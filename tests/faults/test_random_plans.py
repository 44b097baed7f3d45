"""Faults by chance under queries and writes: all rows, or an error; never fewer, never a hang, nothing left behind.

A failure names its seed: `draw_plan(random.Random(seed), ...)` draws the same plan again.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Iterator
from typing import Any

import pytest
from tests.faults.random_plans import CONTENT, Planned, draw_plan, passes
from tests.faults.reading_tenant import Tenant, reading_tenant
from tests.faults.test_sql_reads_under_faults import QUERIES
from tests.faults.test_sql_writes_under_faults import CASES, check, prepared
from tests.faults.test_sql_writes_under_faults import tenant as writing_tenant

from driveql.errors import DriveqlError
from driveql.transport.portal import portal
from graph_emulator import Emulator, faults

READS, WRITES = range(160), range(60)
PARTS = 4
TRIES = 6
__all__ = ["writing_tenant"]


@pytest.fixture(scope="module")
def reading() -> Iterator[tuple[Tenant, dict[str, tuple[list[str], int, int]]]]:
    """A tenant, and for each query its rows, its requests, and how many of these are of content."""
    for tenant in reading_tenant():
        known = {}
        for name, sql in QUERIES.items():
            rows = tenant.rows(tenant.again, sql)
            contents = sum(CONTENT in record.target for record in tenant.emulator.requests)
            known[name] = rows, tenant.met(listing=False), contents
        yield tenant, known


def _begin(emulator: Emulator, plan: list[Planned]) -> list[faults.Fault]:
    return [
        emulator.faults.add(each.effect, nth=each.nth, count=each.count, target=each.target) for each in plan
    ]


async def _left() -> list[asyncio.Task[Any]]:
    """Return what still runs on the loop, once all that is being cancelled had its turn."""
    for _ in range(100):
        left = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        if not left:
            break
        await asyncio.sleep(0.01)
    return left


@pytest.mark.parametrize("part", range(PARTS))
def test_a_query_gives_all_rows_or_an_error(
    reading: tuple[Tenant, dict[str, tuple[list[str], int, int]]], part: int
) -> None:
    tenant, known = reading
    fired = succeeded = 0
    for seed in READS[part::PARTS]:
        draw = random.Random(seed)
        name, again = draw.choice(list(QUERIES)), draw.random() < 0.6
        rows, requests, contents = known[name]
        plan = draw_plan(draw, requests, contents)
        where = f"seed {seed}, {name}, retries {'on' if again else 'off'}: {'; '.join(map(str, plan))}"
        connection, failed = tenant.again if again else tenant.once, None
        # Whatever became of the token before, it is valid now.
        tenant.rows(connection, QUERIES["one item"])
        planned = _begin(tenant.emulator, plan)
        try:
            found = tenant.rows(connection, QUERIES[name])
        except DriveqlError as error:
            failed = error
        finally:
            tenant.emulator.faults.clear()
        if failed is None:
            assert found == rows, where
            succeeded += 1
        else:
            assert not (again and passes(plan, TRIES)), f"{where}: {failed}"
            assert "tempauth" not in f"{failed} {failed.__dict__}", where
        fired += any(each.fired for each in planned)
        assert len(tenant.emulator.requests) <= (requests + 5) * TRIES, where
        assert portal().call(_left()) == [], where
    assert fired > len(READS) / PARTS / 2
    assert succeeded
    assert not tenant.emulator.leaks


@pytest.mark.parametrize("part", range(PARTS))
def test_a_write_tells_the_truth_of_each_row(writing_tenant: Any, part: int) -> None:
    tenant = writing_tenant
    fired = 0
    for seed in WRITES[part::PARTS]:
        draw = random.Random(seed)
        case = CASES[seed // PARTS % len(CASES)]
        sql = prepared(tenant, case, f"random-{seed}")
        plan = draw_plan(draw, 7, 0)
        where = f"random-{seed} (seed {seed}), {case}: {'; '.join(map(str, plan))}"
        planned = _begin(tenant.emulator, plan)
        cursor, failed = tenant.once.cursor(), None
        try:
            cursor.execute(sql)
        except DriveqlError as error:
            failed = error
        finally:
            tenant.emulator.faults.clear()
        fired += any(each.fired for each in planned)
        check(tenant, case, cursor, failed, where)
        assert portal().call(_left()) == [], where
    assert fired > len(WRITES) / PARTS / 3
