"""Inventories over many owners: rows with their owners, and a fault in one of the drives."""

from __future__ import annotations

import pytest
from tests.sql.conftest import SqlTenant

from driveql import errors
from driveql.sql.dbapi import Connection
from graph_emulator import faults

OWNERS = [f"/users/owner{number:02}@contoso.com" for number in range(20)]
ALL = "u.user_principal_name LIKE 'owner%'"


@pytest.fixture(scope="module", autouse=True)
def owners(tenant: SqlTenant) -> None:
    for number, owner in enumerate(OWNERS):
        drive = tenant.emulator.tenant.add_user(owner[7:14], f"Owner {number}").drive
        assert drive is not None
        for file in range(1 + number % 3):
            drive.put_file(f"/{owner[7:14]}/{file}.txt", b"x")


@pytest.mark.parametrize("condition", ["true", "path LIKE '/owner%'"])
def test_every_row_is_of_its_owner_and_none_is_lost(connection: Connection, condition: str) -> None:
    sql = f"""SELECT f.owner, list(f.path ORDER BY f.path) FROM users u
        JOIN files f ON f.owner = '/users/' || u.user_principal_name WHERE {condition} AND {ALL} GROUP BY 1 ORDER BY 1"""
    expected = [
        (owner, [f"/{owner[7:14]}/{file}.txt" for file in range(1 + number % 3)])
        for number, owner in enumerate(OWNERS)
    ]
    assert connection.execute(sql).fetchall() == expected


def test_drives_and_what_hangs_on_items_of_many_owners(connection: Connection) -> None:
    drives = f"SELECT d.owner FROM users u JOIN drives d ON d.owner = '/users/' || u.user_principal_name WHERE {ALL}"
    assert sorted(connection.execute(drives).fetchall()) == [(owner,) for owner in OWNERS]
    versions = f"""SELECT v.owner, count(*) FROM users u JOIN versions v ON v.owner = '/users/' || u.user_principal_name
        WHERE {ALL} GROUP BY 1 ORDER BY 1"""
    expected = [(owner, 1 + number % 3) for number, owner in enumerate(OWNERS)]
    assert connection.execute(versions).fetchall() == expected


def test_a_drive_that_fails_fails_the_statement(tenant: SqlTenant, connection: Connection) -> None:
    drive = next(u for u in tenant.emulator.tenant.users.values() if u.display_name == "Owner 11").drive
    assert drive is not None
    sql = f"SELECT count(*) FROM users u JOIN files f ON f.owner = '/users/' || u.user_principal_name WHERE {ALL}"
    tenant.emulator.faults.add(faults.Refuse(403), method="GET", target=f"/drives/{drive.id}/root", count=9)
    try:
        with pytest.raises(errors.PermissionDeniedError):
            connection.execute(sql).fetchall()
    finally:
        tenant.emulator.faults.clear()
    assert connection.execute(sql).fetchall() == [(sum(1 + number % 3 for number in range(20)),)]
