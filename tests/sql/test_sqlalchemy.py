"""The SQLAlchemy dialect on a connection to the emulator."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote_plus

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine
from sqlalchemy.ext.automap import automap_base
from sqlalchemy.orm import Session
from tests.sql.conftest import SqlTenant

from driveql import errors
from driveql.connection.store import ConnectionStore
from driveql.sql.alchemy import addresses, types
from driveql.sql.dbapi.errors import raised_from


@pytest.fixture(scope="module")
def engine(tenant: SqlTenant) -> Iterator[Engine]:
    engine = sa.create_engine("driveql://", connect_args=tenant.parameters)
    yield engine
    engine.dispose()


@pytest.fixture(scope="module")
def items(engine: Engine) -> sa.Table:
    return sa.Table("items", sa.MetaData(), autoload_with=engine)


def test_an_inspector_tells_of_the_tables(engine: Engine) -> None:
    inspector = sa.inspect(engine)
    assert inspector.default_schema_name == "main"
    assert {"items", "users", "permissions"} <= set(inspector.get_table_names())
    assert inspector.has_table("ITEMS")
    assert not inspector.has_table("nothing")
    assert "Files and folders" in str(inspector.get_table_comment("items")["text"])
    assert inspector.get_pk_constraint("items")["constrained_columns"] == ["id"]
    assert inspector.get_pk_constraint("versions")["constrained_columns"] == ["item_id", "id"]
    columns = {column["name"]: column for column in inspector.get_columns("items")}
    assert isinstance(columns["size"]["type"], sa.BIGINT)
    assert isinstance(columns["is_folder"]["type"], sa.BOOLEAN)
    assert columns["last_modified_date_time"]["type"].timezone  # type: ignore[attr-defined]
    assert columns["size"]["comment"] == "Size in bytes; of a folder, all that is below it"
    with pytest.raises(sa.exc.NoSuchTableError):
        inspector.get_columns("nothing")


def test_what_was_made_by_sql_is_reflected(engine: Engine) -> None:
    with engine.connect() as connection:
        for sql in (
            "CREATE TABLE Orders (id INTEGER PRIMARY KEY, note VARCHAR UNIQUE)",
            "CREATE TEMP TABLE scratch (a INTEGER)",
            "CREATE VIEW large AS SELECT * FROM Orders",
            "CREATE TEMP VIEW small AS SELECT 1 AS a",
        ):
            connection.execute(sa.text(sql))
        inspector = sa.inspect(connection)
        assert "Orders" in inspector.get_table_names()
        assert inspector.get_temp_table_names() == ["scratch"]
        assert "large" in inspector.get_view_names()
        assert "small" in inspector.get_temp_view_names()
        assert "items" not in [*inspector.get_view_names(), *inspector.get_temp_view_names()]
        assert inspector.get_pk_constraint("orders")["constrained_columns"] == ["id"]
        assert [one["column_names"] for one in inspector.get_unique_constraints("orders")] == [["note"]]
        for sql in ("DROP VIEW large", "DROP VIEW small", "DROP TABLE Orders", "DROP TABLE scratch"):
            connection.execute(sa.text(sql))


def test_queries(engine: Engine, items: sa.Table) -> None:
    reports = sa.select(items.c.name).where(items.c.parent_path == "/Reports/2026").order_by(items.c.name)
    with engine.connect() as connection:
        assert connection.scalars(reports.limit(2).offset(1)).all() == [
            f"sales-2026-0{n}.csv" for n in (2, 3)
        ]
        assert len(connection.scalars(reports.offset(4)).all()) == 2
        assert len(connection.scalars(reports.where(items.c.name.in_(["sales-2026-01.csv", "x"]))).all()) == 1
        assert connection.scalars(reports.where(items.c.name.in_([]))).all() == []
        assert len(connection.scalars(reports.where(items.c.name.ilike("SALES%"))).all()) == 6
        assert connection.scalars(reports.where(items.c.name.contains("%", autoescape=True))).all() == []
        ranked = sa.select(items.c.name, sa.func.row_number().over(order_by=items.c.size).label("n")).where(
            items.c.parent_path == "/Reports/2026"
        )
        first = ranked.cte("ranked")
        assert len(connection.execute(sa.select(first).where(first.c.n <= 2)).all()) == 2
        sql = sa.text("SELECT count(*) FROM files WHERE parent_path = :folder")
        assert connection.scalar(sql, {"folder": "/Reports/2026"}) == 6
        with pytest.raises(sa.exc.CompileError, match="FOR UPDATE"):
            connection.execute(reports.with_for_update())


def test_writes_take_effect_at_once(engine: Engine, items: sa.Table) -> None:
    new = sa.table("items", sa.column("path"), sa.column("content"), sa.column("id"), sa.column("outcome"))
    rows = [{"path": "/alchemy-1.txt", "content": "1"}, {"path": "/alchemy-2.txt", "content": "2"}]
    with engine.connect() as connection:
        written = connection.execute(sa.insert(new).returning(new.c.path, new.c.outcome), rows)
        assert sorted(map(tuple, written)) == [(row["path"], "done") for row in rows]
        connection.rollback()
        where = items.c.path.like("/alchemy-%")
        count = sa.select(sa.func.count()).select_from(items).where(where)
        assert connection.scalar(count) == 2
        assert connection.get_isolation_level() == "AUTOCOMMIT"
        with pytest.raises(sa.exc.IntegrityError) as raised:
            connection.execute(sa.insert(new), rows[0])
        assert isinstance(raised.value.orig, errors.AlreadyExistsError)
        assert connection.execute(sa.delete(items).where(where)).rowcount == 2
        with pytest.raises(errors.SqlNotSupportedError, match="Savepoints"):
            connection.begin_nested()
    with pytest.raises(sa.exc.ArgumentError, match="SERIALIZABLE"):
        engine.execution_options(isolation_level="SERIALIZABLE").connect()


def test_values_of_types_come_back(engine: Engine) -> None:
    metadata = sa.MetaData()
    table = sa.Table(
        "typed",
        metadata,
        sa.Column("at", sa.DateTime(timezone=True)),
        sa.Column("f", sa.Float),
        sa.Column("j", sa.JSON),
        sa.Column("l", sa.ARRAY(sa.Integer)),
        sa.Column("u", sa.Uuid),
        prefixes=["TEMP"],
    )
    row = (datetime(2026, 1, 2, tzinfo=UTC), 0.1, {"a": [1, {"b": "x"}]}, [1, 2], uuid.UUID(int=7))
    with engine.connect() as connection:
        metadata.create_all(connection)
        connection.execute(table.insert(), dict(zip(table.c.keys(), row, strict=True)))
        assert connection.execute(sa.select(table)).one() == row
        assert connection.scalar(sa.select(table.c.j[("a", 1, "b")].as_string())) == "x"
        metadata.drop_all(connection)


def test_keys_number_themselves(engine: Engine) -> None:
    metadata = sa.MetaData()
    plain = sa.Table(
        "numbered", metadata, sa.Column("id", sa.Integer, primary_key=True), sa.Column("x", sa.Integer)
    )
    kept = sa.Table(
        "kept", metadata, sa.Column("n", sa.BigInteger, sa.Identity(start=10, increment=5)), prefixes=["TEMP"]
    )
    with engine.connect() as connection:
        metadata.create_all(connection)
        keys = [connection.execute(plain.insert(), {"x": x}).inserted_primary_key for x in (7, 8)]
        assert keys == [(1,), (2,)]
        connection.execute(sa.text("INSERT INTO numbered (x) VALUES (9)"))
        assert connection.execute(sa.select(plain)).all() == [(1, 7), (2, 8), (3, 9)]
        assert [connection.scalar(kept.insert().returning(kept.c.n)) for _ in "ab"] == [10, 15]
        assert sa.inspect(connection).get_columns("numbered")[0]["autoincrement"]
        with pytest.warns(sa.exc.SADeprecationWarning, match="distinct"):
            first = sa.select(plain.c.x).distinct(plain.c.id > 1).order_by(plain.c.id > 1, plain.c.x.desc())
        assert connection.scalars(first).all() == [7, 9]
        metadata.drop_all(connection)
        assert connection.scalar(sa.text("SELECT count(*) FROM duckdb_sequences()")) == 0


def test_sessions_read_reflected_tables(engine: Engine) -> None:
    base = automap_base()
    base.prepare(autoload_with=engine, reflection_options={"only": ["items", "users"]})
    items, users = base.classes["items"], base.classes["users"]
    with Session(engine) as session:
        report = session.scalars(
            sa.select(items).where(items.path == "/Reports/2026/sales-2026-01.csv")
        ).one()
        assert (report.name, report.size) == ("sales-2026-01.csv", 2871)
        assert session.get(items, report.id) is report
        names = session.scalars(sa.select(users.display_name).order_by(users.display_name)).all()
        assert "Alice Romero" in names


def test_a_reflected_table_takes_inserts(engine: Engine) -> None:
    # A file's content is written and not read as a column; what is not reflected is named.
    items = sa.Table("items", sa.MetaData(), sa.Column("content", sa.LargeBinary), autoload_with=engine)
    with engine.connect() as connection:
        new = sa.insert(items).values(path="/reflected.txt", content=b"1")
        written = connection.execute(new.returning(items.c.id, items.c.path)).one()
        found = connection.execute(
            sa.select(items.c.id, items.c.path).where(items.c.path == "/reflected.txt")
        ).one()
        assert written == found
        assert connection.execute(sa.delete(items).where(items.c.path == "/reflected.txt")).rowcount == 1


def test_wrong_bytes_are_no_broken_constraint(engine: Engine) -> None:
    def execute(cursor: object, statement: str, parameters: object, context: object) -> bool:
        raise raised_from(errors.IntegrityError("The hash differs."))

    sa.event.listen(engine, "do_execute_no_params", execute)
    sa.event.listen(engine, "do_execute", execute)
    try:
        with engine.connect() as connection, pytest.raises(sa.exc.DataError, match="hash differs") as raised:
            connection.execute(sa.text("SELECT 1"))
    finally:
        sa.event.remove(engine, "do_execute_no_params", execute)
        sa.event.remove(engine, "do_execute", execute)
    assert isinstance(raised.value.orig, errors.IntegrityError)


def test_a_stored_connection(tenant: SqlTenant, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DRIVEQL_CONNECTIONS", str(tmp_path / "connections.toml"))
    ConnectionStore().put("Work.1", tenant.parameters, secrets_in_clear=True)
    engine = sa.create_engine("driveql://Work.1?ReadOnly=true")
    with engine.connect() as connection:
        query = sa.text("SELECT size FROM items WHERE path = '/Reports/2026/sales-2026-01.csv'")
        assert connection.scalar(query) == 2871
        with pytest.raises(sa.exc.DBAPIError, match="ReadOnly"):
            connection.execute(sa.text("DELETE FROM items WHERE path = '/Reports/2026/sales-2026-01.csv'"))
    engine.dispose()


def test_names_of_types() -> None:
    assert isinstance(types.type_of("STRUCT(a INTEGER)"), types.STRUCT)
    assert types.type_of("VARCHAR[]").item_type.__class__ is sa.VARCHAR  # type: ignore[attr-defined]
    assert types.type_of("ENUM('a', 'it''s')").enums == ["a", "it's"]  # type: ignore[attr-defined]
    assert types.type_of("DECIMAL(9,2)").scale == 2  # type: ignore[attr-defined]
    assert isinstance(types.type_of("SOMETHING_NEW"), sa.types.NullType)


def test_urls_never_show_secrets(tenant: SqlTenant) -> None:
    secret = tenant.parameters["client_secret"]
    query = "&".join(f"{key}={quote_plus(value)}" for key, value in tenant.parameters.items())
    string = ";".join(f"{key.replace('_', '')}={value}" for key, value in tenant.parameters.items())
    for url in (f"driveql://?{query}", f"driveql:///?connection_string={quote_plus(string)}"):
        engine = sa.create_engine(url)
        with engine.connect() as connection:
            assert (
                connection.scalar(sa.text("SELECT count(*) FROM files WHERE parent_path = '/Reports/2026'"))
                == 6
            )
        for shown in (repr(engine), repr(engine.url), engine.url.render_as_string(hide_password=False)):
            assert secret.removeprefix("plain:") not in shown
        with pytest.raises(errors.ParameterError, match="hidden"):
            sa.create_engine(engine.url)
        engine.dispose()
    assert "hush" not in repr(sa.create_engine("driveql://11111111-2222-3333-4444-555555555555:hush@work"))


@pytest.mark.parametrize(
    "url",
    ["driveql://team:5432", "driveql://team/path", "driveql://?NoSuch=1", "driveql://?Timeout=1&timeout=2"],
)
def test_urls_that_say_nothing_are_refused(url: str) -> None:
    with pytest.raises(errors.ParameterError):
        sa.create_engine(url)


def test_a_url_names_a_stored_connection() -> None:
    assert addresses.arguments_of(sa.make_url("driveql://Work%20drive?ReadOnly=true")) == {
        "name": "Work drive",
        "read_only": "true",
    }
