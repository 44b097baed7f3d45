"""The public compliance tests of PEP 249 (package `dbapi-compliance`), on a connection to the emulator.

Every test that is overridden here stands, with its reason, in docs/python.md.
"""

from __future__ import annotations

import types
from collections.abc import Iterator
from typing import Any, ClassVar

import dbapi20
import pytest
from tests.conftest import ROOT
from tests.sql.conftest import SqlTenant

from driveql.sql import dbapi


@pytest.fixture(scope="class", autouse=True)
def driver(request: pytest.FixtureRequest, tenant: SqlTenant) -> Iterator[None]:
    """Hand the suite our module and the parameters of the tenant; close what it leaves open."""
    opened: list[dbapi.Connection] = []

    def connect() -> dbapi.Connection:
        opened.append(tenant.connect())
        return opened[-1]

    if request.cls is not None:
        request.cls.driver = types.SimpleNamespace(**{**vars(dbapi), "connect": connect})
    yield
    for connection in opened:
        connection.close()


class TestCompliance(dbapi20.DatabaseAPI20Test):
    """Tables of the suite live in the memory of each connection; there is nothing to drop afterwards."""

    driver: ClassVar[Any]

    def tearDown(self) -> None:
        pass

    def test_non_idempotent_close(self) -> None:
        connection = self._connect()
        connection.close()
        connection.close()
        with pytest.raises(dbapi.Error):
            connection.cursor()

    def test_nextset(self) -> None:
        with self._connect() as connection:
            cursor = connection.cursor()
            with pytest.raises(dbapi.Error):
                cursor.nextset()
            cursor.execute("SELECT range FROM range(5)")
            cursor.fetchone()
            assert cursor.nextset() is None
            with pytest.raises(dbapi.Error):
                cursor.fetchone()

    def test_setoutputsize(self) -> None:
        with self._connect() as connection:
            cursor = connection.cursor()
            cursor.setoutputsize(2)
            cursor.setoutputsize(2, 0)
            assert cursor.execute("SELECT repeat('x', 100000)").fetchone() == ("x" * 100000,)


def test_every_overridden_test_has_its_reason() -> None:
    own = {name for name in vars(TestCompliance) if name.startswith("test")}
    page = (ROOT / "docs" / "python.md").read_text(encoding="utf-8")
    assert all(f"| `{name}` |" in page for name in own), own
