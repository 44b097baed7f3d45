"""The columns of a file in its library, read and written over plain HTTP and over TLS through a proxy."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, date, datetime

import pytest
import pytest_asyncio
from tests.support import LocalTenant, local_tenant

from driveql import errors
from graph_emulator import faults
from graph_emulator.store.lists import Column

FILE = "/Reports/a b#1.csv"


@pytest_asyncio.fixture(params=["http", "tls through a proxy"])
async def tenant(request: pytest.FixtureRequest) -> AsyncIterator[LocalTenant]:
    listen = {} if request.param == "http" else {"tls_port": 0, "proxy_port": 0}
    async with local_tenant(listen=listen) as local:
        local.store_drive.library.columns += [
            Column("Status"),
            Column("Pages", "number"),
            Column("Due", "dateTime"),
            Column("Final", "boolean"),
            Column("Kinds", "choice", settings={"choices": ["big", "small", "odd"]}),
        ]
        local.store_drive.put_file(FILE, b"x")
        yield local
        assert not local.emulator.leaks


async def test_what_is_written_is_read_again(tenant: LocalTenant) -> None:
    metadata = tenant.handle.metadata
    before = await metadata.read(FILE)
    assert before.fields["FileLeafRef"] == "a b#1.csv"
    assert before.etag
    written = {
        "Status": "in hand",
        "Pages": 12,
        "Due": datetime(2026, 3, 1, 12, tzinfo=UTC),
        "Final": False,
        "Kinds": ["big", "odd"],
    }
    kept = await metadata.write(FILE, written)
    assert kept["Pages"] == 12
    after = await metadata.read(FILE)
    assert {name: after.fields[name] for name in written} == {**written, "Due": "2026-03-01T12:00:00Z"}
    assert after.etag != before.etag
    await metadata.write(FILE, {"Status": None, "Due": date(2026, 4, 1)})
    some = await metadata.read(await tenant.handle.item(FILE), columns=["Status", "Due"])
    assert some.fields.get("Status") is None
    assert some.fields["Due"] == "2026-04-01T00:00:00Z"
    assert "Pages" not in some.fields


async def test_a_change_is_guarded_by_the_etag_that_was_read(tenant: LocalTenant) -> None:
    metadata = tenant.handle.metadata
    first = await metadata.read(FILE)
    await metadata.write(FILE, {"Status": "mine"}, if_match=first.etag)
    with pytest.raises(errors.ItemChangedError):
        await metadata.write(FILE, {"Status": "late"}, if_match=first.etag)
    assert (await metadata.read(FILE)).fields["Status"] == "mine"


@pytest.mark.parametrize("fault", [faults.DropBefore(), faults.Drop()], ids=repr)
async def test_a_guarded_change_outlives_a_lost_answer(tenant: LocalTenant, fault: faults.Effect) -> None:
    first = await tenant.handle.metadata.read(FILE)
    tenant.emulator.faults.add(fault, method="PATCH")
    kept = await tenant.handle.metadata.write(FILE, {"Status": "mine"}, if_match=first.etag)
    assert kept["Status"] == "mine"
    tenant.emulator.faults.assert_consumed()


async def test_what_no_column_takes_is_refused(tenant: LocalTenant) -> None:
    metadata = tenant.handle.metadata
    await tenant.drive.session.access_token()
    before = len(tenant.emulator.requests)
    for wrong in (
        {},
        {"A column": "x"},
        {"Pages": float("nan")},
        {"Due": datetime(2026, 1, 1)},
        {"Kinds": ["a", 1]},
        {"Status": object()},
    ):
        with pytest.raises(errors.ConfigurationError):
            await metadata.write(FILE, wrong)
    with pytest.raises(errors.ConfigurationError):
        await metadata.read(FILE, columns=["a)"])
    assert len(tenant.emulator.requests) == before
    with pytest.raises(errors.BadRequestError, match="Nowhere"):
        await metadata.write(FILE, {"Nowhere": "x"})
    with pytest.raises(errors.BadRequestError, match="read-only"):
        await metadata.write(FILE, {"Modified": datetime.now(UTC)})
    with pytest.raises(errors.NotFoundError):
        await metadata.read("/nothing")
