"""SQLAlchemy's own test plugin on a connection to the emulator."""

from __future__ import annotations

import os

import sqlalchemy.testing.plugin.pytestplugin as plugin
from sqlalchemy.pool import StaticPool
from sqlalchemy.testing import provision
from tests.support import EVERYTHING

from graph_emulator import Emulator

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


def pytest_addoption(parser):
    plugin.pytest_addoption(parser)


def pytest_sessionfinish(session):
    plugin.pytest_sessionfinish(session)
    _serving.__exit__(None, None, None)


for _name in dir(plugin):
    if _name.startswith("pytest_") and _name not in globals():
        globals()[_name] = getattr(plugin, _name)
for _name in ("setup_class_methods", "setup_test_methods"):
    if hasattr(plugin, _name):
        globals()[_name] = getattr(plugin, _name)
