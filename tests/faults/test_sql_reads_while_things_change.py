"""What a query reads may change under it: its rows are those of one state, or it says that it could not have them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import ClassVar

import pytest
from tests.faults.reading_tenant import Tenant, reading_tenant

from driveql import errors
from graph_emulator import faults
from graph_emulator.faults.effect import Exchange
from graph_emulator.messages import Response

CONTENT = "/_content/"
LARGE = b"n,t\n" + b"".join(b"%09d,%s\n" % (n, b"x" * 50) for n in range(250_000))
SCAN = """SELECT count(*), sum(n) FROM read_csv('onedrive:/Changing/large.csv', header = true,
          columns = {'n': 'BIGINT', 't': 'VARCHAR'})"""
WALK = "SELECT path FROM items WHERE path LIKE '/Tree/%'"


@dataclass(frozen=True, slots=True)
class Meanwhile(faults.Effect):
    """Do something to the tenant just before a request is carried out."""

    kind: ClassVar[str] = "meanwhile"
    act: Callable[[], object] = lambda: None

    async def before(self, _: Exchange, /) -> Response | None:
        self.act()
        return None


@pytest.fixture(scope="module")
def tenant() -> Iterator[Tenant]:
    yield from reading_tenant()


def test_a_folder_that_vanishes_in_mid_walk(tenant: Tenant) -> None:
    before = tenant.rows(tenant.once, WALK)
    count = tenant.met(listing=True)
    assert len(before) == 7
    outcomes = set()
    for nth in range(1, count + 1):

        def vanish() -> None:
            tenant.drive.delete(tenant.drive.item("/Tree/sub"))

        planned = tenant.emulator.faults.add(Meanwhile(vanish), target="/children", nth=nth)
        try:
            found = tenant.rows(tenant.once, WALK)
        except errors.ItemChangedError:
            outcomes.add("refused")
        else:
            after = [row for row in before if "/Tree/sub" not in row]
            assert found in (before, after), f"request {nth} of {count}"
            outcomes.add("all" if found == before else "none of it")
        finally:
            tenant.emulator.faults.clear()
            for path in ("sub/b.txt", "sub/deep/c.txt"):
                tenant.drive.put_file(f"/Tree/{path}", path.encode())
        assert planned.fired
    assert "refused" in outcomes


@pytest.mark.parametrize("status", [401, 403, 404])
def test_a_download_url_that_expires_in_mid_scan_is_renewed(tenant: Tenant, status: int) -> None:
    tenant.drive.put_file("/Changing/large.csv", LARGE)
    expected = tenant.rows(tenant.again, SCAN)
    assert expected == [repr((250_000, sum(range(250_000))))]
    count = sum(CONTENT in record.target for record in tenant.emulator.requests)
    assert count >= 2
    for nth in range(1, count + 1):
        planned = tenant.emulator.faults.add(faults.ExpiredUrl(status), target=CONTENT, nth=nth)  # type: ignore[arg-type]
        try:
            assert tenant.rows(tenant.again, SCAN) == expected, f"request {nth} of {count}"
        finally:
            tenant.emulator.faults.clear()
        # How many pieces a scan fetches depends on how its threads take turns; the first is always one of them.
        assert planned.fired or nth > 1


@pytest.mark.parametrize("cut", [0, 1, 100_000])
def test_a_body_that_breaks_off_in_mid_scan_is_gone_on_with(tenant: Tenant, cut: int) -> None:
    tenant.drive.put_file("/Changing/large.csv", LARGE)
    expected = tenant.rows(tenant.again, SCAN)
    planned = tenant.emulator.faults.add(faults.Truncate(bytes=cut), target=CONTENT, count=2)
    try:
        assert tenant.rows(tenant.again, SCAN) == expected
    finally:
        tenant.emulator.faults.clear()
    assert planned.fired == 2


def test_a_file_that_changes_in_mid_scan_is_never_read_half_and_half(tenant: Tenant) -> None:
    other = LARGE.replace(b"xxxxx\n", b"yyyyy\n")
    other = other[: len(other) // 2].rpartition(b"\n")[0] + b"\n"
    states = []
    for content in (LARGE, other):
        tenant.drive.put_file("/Changing/large.csv", content)
        states.append(tenant.rows(tenant.again, SCAN))
    assert states[0] != states[1]
    tenant.drive.put_file("/Changing/large.csv", LARGE)
    tenant.rows(tenant.again, SCAN)
    count = len(tenant.emulator.requests)
    refused = 0
    for nth in range(1, count + 1):
        tenant.drive.put_file("/Changing/large.csv", LARGE)
        change = Meanwhile(lambda: tenant.drive.put_file("/Changing/large.csv", other))
        planned = tenant.emulator.faults.add(change, nth=nth)
        try:
            assert tenant.rows(tenant.again, SCAN) in states, f"request {nth} of {count}"
        except errors.ItemChangedError:
            refused += 1
        finally:
            tenant.emulator.faults.clear()
        assert planned.fired or nth > 2
    assert refused


def test_a_file_that_is_deleted_between_its_listing_and_its_scan(tenant: Tenant) -> None:
    sql = (
        "SELECT count(*) FROM read_csv('onedrive:/Changing/*.csv', columns = {'n': 'BIGINT', 't': 'VARCHAR'})"
    )
    for name in ("1", "2"):
        tenant.drive.put_file(f"/Changing/{name}.csv", b"n,t\n1,a\n")

    def vanish() -> None:
        tenant.drive.delete(tenant.drive.item("/Changing/2.csv"))

    planned = tenant.emulator.faults.add(Meanwhile(vanish), target=CONTENT)
    try:
        with pytest.raises(errors.NotFoundError, match=r"/Changing/2\.csv is no longer there"):
            tenant.rows(tenant.again, sql)
    finally:
        tenant.emulator.faults.clear()
    assert planned.fired
