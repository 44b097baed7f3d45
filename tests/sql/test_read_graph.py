"""read_graph: what Graph answers to any GET, as a table."""

from __future__ import annotations

import pytest
from tests.sql.conftest import SqlTenant

from driveql import errors
from driveql.sql.dbapi import Connection


def test_collections_and_objects(tenant: SqlTenant, connection: Connection) -> None:
    users = connection.execute("SELECT user_principal_name FROM users ORDER BY 1").fetchall()
    sql = "SELECT userPrincipalName FROM read_graph('/users?$select=userPrincipalName&$top=2') ORDER BY 1"
    assert connection.execute(sql).fetchall() == users
    sql = f"SELECT name, owner_user_displayName, quota_total > 1 FROM read_graph('/drives/{tenant.drive.id}')"
    assert connection.execute(sql).fetchall() == [(tenant.drive.name, "Alice Romero", True)]
    sql = f"SELECT total > 1 FROM read_graph('/drives/{tenant.drive.id}', root = '$.quota') AS q"
    assert connection.execute(sql).fetchall() == [(True,)]
    sql = "SELECT count(*) FROM read_graph('/users', root => '$.value[*]') g JOIN users u ON u.id = g.id"
    assert connection.execute(sql).fetchall() == [(len(users),)]
    assert connection.execute("SELECT * FROM read_graph('/users?$filter=id%20eq%20''x''')").fetchall() == []
    with tenant.connect(read_only=True) as read_only:
        assert read_only.execute("SELECT count(*) FROM read_graph('/users')").fetchall() == [(len(users),)]


@pytest.mark.parametrize(
    ("call", "error"),
    [
        ("read_graph()", errors.SqlNotSupportedError),
        ("read_graph(?)", errors.SqlNotSupportedError),
        ("read_graph('/users', colour = 'red')", errors.SqlNotSupportedError),
        ("read_graph('/users', root = 'value')", errors.SqlSyntaxError),
        ("read_graph('https://elsewhere.example/v1.0/users')", errors.InvalidPathError),
        ("read_graph('/users/nobody@nowhere.example')", errors.NotFoundError),
    ],
)
def test_what_cannot_be_asked(connection: Connection, call: str, error: type[Exception]) -> None:
    with pytest.raises(error):
        connection.execute(f"SELECT * FROM {call}", ["/users"] if "?" in call else None)
    with pytest.raises(errors.SqlNotSupportedError, match="view"):
        connection.execute("CREATE VIEW v AS SELECT * FROM read_graph('/users')")
