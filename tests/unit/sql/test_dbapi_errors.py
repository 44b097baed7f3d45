"""PEP 249's exceptions: every leaf of the tree has one, and is still itself."""

from __future__ import annotations

import pickle

import duckdb
import pytest

from driveql import errors
from driveql.errors import DriveqlError, SqlError
from driveql.sql import dbapi
from driveql.sql.dbapi.errors import leaves, raised_from
from driveql.sql.engine_errors import error_from

LEAVES = sorted(leaves(), key=lambda leaf: leaf.__name__)


def made(leaf: type[DriveqlError]) -> DriveqlError:
    if issubclass(leaf, errors.ParameterError):
        return leaf("wrong", parameter="ClientId", hint="do this")
    if issubclass(leaf, errors.ApiError):
        return leaf("wrong", status=418, code="teapot", hint="do this")
    return leaf("wrong", code="c", hint="do this")


@pytest.mark.parametrize("leaf", LEAVES, ids=lambda leaf: leaf.__name__)
def test_every_leaf_is_raised_as_itself_and_as_a_pep249_class(leaf: type[DriveqlError]) -> None:
    original = made(leaf)
    raised = raised_from(original)
    assert isinstance(raised, leaf)
    assert isinstance(raised, dbapi.Error)
    assert type(raised).__name__ == leaf.__name__
    assert str(raised) == str(original)
    assert raised.__dict__ == original.__dict__
    again = pickle.loads(pickle.dumps(raised))
    assert isinstance(again, leaf)
    assert isinstance(again, dbapi.Error)
    assert str(again) == str(raised)
    assert raised_from(raised) is raised


def test_the_tree_has_leaves() -> None:
    assert len(LEAVES) > 25
    assert errors.NotFoundError in LEAVES


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (errors.NotFoundError("x", status=404), dbapi.OperationalError),
        (errors.BadRequestError("x", status=400), dbapi.ProgrammingError),
        (errors.SqlSyntaxError("x"), dbapi.ProgrammingError),
        (errors.SqlNotSupportedError("x"), dbapi.NotSupportedError),
        (errors.ProtocolError("x"), dbapi.InternalError),
        (errors.MissingExtraError("x"), dbapi.InterfaceError),
        (errors.ConnectError("x"), dbapi.OperationalError),
        (errors.ItemChangedError("x", status=412), dbapi.IntegrityError),
        (errors.IntegrityError("x"), dbapi.DataError),
    ],
)
def test_kinds(error: DriveqlError, kind: type[dbapi.Error]) -> None:
    assert isinstance(raised_from(error), kind)


@pytest.mark.parametrize(
    ("sql", "ours", "kind"),
    [
        ("SELEC", errors.SqlSyntaxError, dbapi.ProgrammingError),
        ("SELECT * FROM nix", SqlError, dbapi.ProgrammingError),
        ("SELECT nix FROM (SELECT 1)", SqlError, dbapi.ProgrammingError),
        ("SELECT CAST('x' AS INTEGER)", SqlError, dbapi.DataError),
        ("INSERT INTO t VALUES (1)", SqlError, dbapi.IntegrityError),
    ],
)
def test_errors_of_the_engine(sql: str, ours: type[SqlError], kind: type[dbapi.Error]) -> None:
    engine = duckdb.connect()
    try:
        engine.execute("CREATE TABLE t(a INTEGER PRIMARY KEY)")
        engine.execute("INSERT INTO t VALUES (1)")
        with pytest.raises(duckdb.Error) as caught:
            engine.execute(sql).fetchall()
        error = error_from(caught.value)
        error.__cause__ = caught.value
    finally:
        engine.close()
    assert isinstance(error, ours)
    assert isinstance(raised_from(error), kind)


def test_pep249_hierarchy_and_module() -> None:
    assert (dbapi.apilevel, dbapi.threadsafety, dbapi.paramstyle) == ("2.0", 2, "qmark")
    for name in (
        "DataError",
        "OperationalError",
        "IntegrityError",
        "InternalError",
        "ProgrammingError",
        "NotSupportedError",
    ):
        assert issubclass(getattr(dbapi, name), dbapi.DatabaseError)
        assert getattr(dbapi.Connection, name) is getattr(dbapi, name)
    assert issubclass(dbapi.InterfaceError, dbapi.Error)
    assert issubclass(dbapi.Warning, Exception)
    assert dbapi.DateFromTicks(0).isoformat() == "1970-01-01"
    assert dbapi.TimestampFromTicks(86400).isoformat() == "1970-01-02T00:00:00+00:00"
    assert dbapi.TimeFromTicks(60).isoformat() == "00:01:00"
    assert dbapi.NUMBER == "DECIMAL(18,3)"
    assert dbapi.DATETIME == "TIMESTAMP WITH TIME ZONE"
    assert dbapi.STRING != "BIGINT"
