"""SQLAlchemy's own test plugin on a connection to the emulator."""

from __future__ import annotations

import os
from collections import Counter

import pytest
import sqlalchemy.testing.plugin.pytestplugin as plugin
from sqlalchemy import event
from sqlalchemy.pool import StaticPool
from sqlalchemy.testing import provision
from tests.sql.sqlalchemy_suite.left_out import COMBINATIONS, LEFT_OUT
from tests.support import EVERYTHING

import driveql.sql.dbapi
import driveql.sql.incumbent.translation  # noqa: F401 - reads the list of tables when it is imported
from driveql.sql.tables import TABLES
from graph_emulator import Emulator

WHOLE = os.environ.get("SQLALCHEMY_SUITE") == "whole"

# The suite has a table `users` of its own, and counts the tables of the default schema.
TABLES.clear()

_emulator = Emulator(seed="none")
_user = _emulator.tenant.add_user("alice", "Alice Smith")
_application = _emulator.register_application("driveql SQLAlchemy suite", EVERYTHING)
_serving = _emulator.serve_in_thread()
_running = _serving.__enter__()
os.environ.update(
    DRIVEQL_TOKEN_URL=_running.token_url(),
    DRIVEQL_GRAPH_URL=_running.graph_url,
    DRIVEQL_CLIENT_ID=_application.client_id,
    DRIVEQL_CLIENT_SECRET=f"plain:{_emulator.add_secret(_application)}",
    DRIVEQL_GROUP_OR_USER_ID=f"/users/{_user.user_principal_name}",
    DRIVEQL_PROXY="none",
)


@provision.temp_table_keyword_args.for_db("driveql")
def _temp_table(cfg, eng):
    return {"prefixes": ["TEMPORARY"]}


@provision.generate_driver_url.for_db("driveql")
def _url(url, driver, query_str):
    return url


@provision.update_db_opts.for_db("driveql")
def _one_connection(db_url, db_opts, options=None):
    # Tables made by SQL live in one DB-API connection's memory.
    db_opts["poolclass"] = StaticPool


def _with_schemas(engine):
    @event.listens_for(engine, "connect")
    def _made(dbapi_connection, _):
        for name in ("test_schema", "test_schema_2"):
            dbapi_connection.execute(f"CREATE SCHEMA IF NOT EXISTS {name}")


@provision.post_configure_engine.for_db("driveql")
def _configured(url, engine, follower_ident):
    _with_schemas(engine)


@provision.post_configure_testing_engine.for_db("driveql")
def _testing_configured(url, engine, options, scope):
    _with_schemas(engine)


def pytest_addoption(parser):
    plugin.pytest_addoption(parser)


def _test_name(item):
    name = f"{item.cls.__name__.partition('_driveql')[0]}.{item.name}"
    return name if "[" in name else f"{name}-"


def _left_out(item):
    name = _test_name(item)
    return next((start for starts in LEFT_OUT.values() for start in starts if name.startswith(start)), None)


def pytest_collection_modifyitems(session, config, items):
    plugin.pytest_collection_modifyitems(session, config, items)
    found = {item.nodeid: _left_out(item) for item in items}
    stale = {start for starts in LEFT_OUT.values() for start in starts} - set(found.values())
    if stale and not config.option.keyword:
        raise pytest.UsageError(f"No test has the name that is left out: {stale}")
    alike: Counter[str] = Counter()
    kept = []
    for item in items:
        start = next((start for start in COMBINATIONS if _test_name(item).startswith(start)), None)
        alike[str(start)] += 1
        if not found[item.nodeid] and (WHOLE or start is None or alike[start] % COMBINATIONS[start] == 1):
            kept.append(item)
    config.hook.pytest_deselected(items=[item for item in items if item not in kept])
    items[:] = kept


def pytest_sessionfinish(session):
    plugin.pytest_sessionfinish(session)
    _serving.__exit__(None, None, None)


for _name in dir(plugin):
    if _name.startswith("pytest_") and _name not in globals():
        globals()[_name] = getattr(plugin, _name)
for _name in ("setup_class_methods", "setup_test_methods"):
    if hasattr(plugin, _name):
        globals()[_name] = getattr(plugin, _name)
