"""Whatever goes wrong with any request of a write by SQL, its rows tell the truth about what the tenant holds.

Each statement is run once to count its requests. Then, for each of them and each fault, it is run again on fresh items, without
retries and with them: `done` must be so, `failed` and `not_tried` must have changed nothing, `unknown` may be either way.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from tests.support import EVERYTHING

from driveql.connection import settings_from
from driveql.errors import DriveqlError
from driveql.sql import connect
from driveql.sql.dbapi import Connection, Cursor
from graph_emulator import Emulator, faults

FAULTS: list[faults.Effect] = [
    faults.Refuse(503),
    faults.Refuse(500),
    faults.Refuse(403),
    faults.DropBefore(),
    faults.Drop(),
    faults.Truncate(),
    faults.NotJson(),
    faults.EmptyBody(),
]
NAMES = ("a.txt", "b.txt", "c.txt")
INSERT = """INSERT INTO items (path, is_folder, content) VALUES
            ('{0}/a.txt', false, 'new'), ('{0}/b.txt', false, 'new'), ('{0}/c.txt', false, 'new'), ('{0}/sub', true, NULL)"""


@dataclass
class Tenant:
    """A tenant and two connections to it: one that tries once, one that tries again."""

    emulator: Emulator
    drive: Any
    once: Connection
    again: Connection

    def content(self, path: str) -> bytes | None:
        """What is stored at a path: None for nothing, blank for a folder."""
        try:
            item = self.drive.item(path)
        except KeyError:
            return None
        return b"" if item.is_folder else bytes(item.content.read(0, item.content.size))


@pytest.fixture(scope="module")
def tenant() -> Iterator[Tenant]:
    emulator = Emulator(seed="none")
    user = emulator.tenant.add_user("alice", "Alice Smith")
    emulator.tenant.add_user("bruno", "Bruno Keller")
    application = emulator.register_application("sql faults", EVERYTHING)
    secret = emulator.add_secret(application)
    with emulator.serve_in_thread() as running:
        parameters = {
            "token_url": running.token_url(),
            "graph_url": running.graph_url,
            "client_id": application.client_id,
            "client_secret": f"plain:{secret}",
            "group_or_user_id": f"/users/{user.user_principal_name}",
            "proxy": "",
        }
        once = settings_from(environ={}, **parameters, retry_mode="None")
        again = settings_from(environ={}, **parameters, retry_mode="RetryAny", retry_multiply_wait_time=False)
        with connect(settings=once) as first, connect(settings=again) as second:
            for connection in (first, second):
                connection.execute("SELECT count(*) FROM items").fetchall()
            yield Tenant(emulator, user.drive, first, second)


Holds = Callable[[Tenant, str], bool]


@dataclass(frozen=True)
class Case:
    """A statement on the files of a folder, and how it is seen whether a row, named by its path, was carried out."""

    sql: str
    files: bool
    carried_out: Holds
    untouched: Holds

    def __str__(self) -> str:
        words = self.sql.split()
        append = "APPEND" if "APPEND" in self.sql else ""
        return words[0] + append + "".join(word for word in words if word in {"permissions", "list_items"})


def _renamed(tenant: Tenant, path: str) -> bool:
    folder, _, name = path.rpartition("/")
    return tenant.content(f"{folder}/r-{name.removeprefix('r-')}") == b"old"


def _not_renamed(tenant: Tenant, path: str) -> bool:
    folder, _, name = path.rpartition("/")
    return tenant.content(f"{folder}/{name.removeprefix('r-')}") == b"old"


def _granted(tenant: Tenant, path: str) -> bool:
    item = tenant.drive.item(path)
    return any(
        origin is None and grant.granted_to and not grant.fixed
        for grant, origin in item.drive.sharing.on(item, time.time())
    )


def _title(tenant: Tenant, label: str) -> str | None:
    item = tenant.drive.library.item(tenant.drive, int(label.rpartition("/")[2]))
    title: str | None = tenant.drive.library.fields.get(item.id, {}).get("Title")
    return title


CASES = [
    Case(INSERT, False, lambda t, p: t.content(p) in {b"new", b""}, lambda t, p: t.content(p) is None),
    Case("UPDATE items SET name = 'r-' || name WHERE parent_path = '{0}'", True, _renamed, _not_renamed),
    Case(
        "DELETE FROM items WHERE parent_path = '{0}'",
        True,
        lambda t, p: t.content(p) is None,
        lambda t, p: t.content(p) == b"old",
    ),
    Case(
        "COPY (SELECT 'new' AS n, 'x' || range AS p FROM range(2)) TO '{0}/parts' (FORMAT csv, HEADER false, PARTITION_BY (p))",
        False,
        lambda t, p: t.content(p) == b"new\n",
        lambda t, p: t.content(p) is None,
    ),
    Case(
        "COPY (SELECT 'new' AS old) TO '{0}/a.txt' (FORMAT csv, APPEND)",
        True,
        lambda t, p: t.content(p) == b"old\nnew\n",
        lambda t, p: t.content(p) == b"old",
    ),
    Case(
        "INSERT INTO permissions BY NAME SELECT path, 'bruno@contoso.com' AS recipients FROM files WHERE parent_path = '{0}'",
        True,
        _granted,
        lambda t, p: not _granted(t, p),
    ),
    Case(
        "UPDATE list_items SET title = 'new' WHERE web_url LIKE '%{0}/_.txt'",
        True,
        lambda t, p: _title(t, p) == "new",
        lambda t, p: _title(t, p) is None,
    ),
]


def prepared(tenant: Tenant, case: Case, name: str) -> str:
    """Make a folder with what the statement needs, and return the statement for it."""
    tenant.drive.put_file(f"/{name}/other/keep.txt", b"kept")
    for file in NAMES if case.files else ():
        tenant.drive.put_file(f"/{name}/in/{file}", b"old")
    folder = f"/{name}/in" if case.files else f"/{name}/other"
    place = f"onedrive:{folder}" if case.sql.startswith("COPY") else folder
    return case.sql.format(place)


def check(tenant: Tenant, case: Case, cursor: Cursor, error: DriveqlError | None, context: str) -> None:
    """Compare what the rows tell with what the store holds."""
    assert tenant.content(f"/{context.split()[0]}/other/keep.txt") == b"kept"
    rows = cursor.fetchall() if cursor.description is not None else []
    if not rows:
        # Nothing had been tried: the fault met the search for the rows.
        assert error is not None
    for row in rows:
        path, outcome = row[0], row[3]
        if outcome == "done":
            assert case.carried_out(tenant, path), (context, row)
        elif outcome in {"failed", "not_tried"}:
            assert case.untouched(tenant, path), (context, row)
        else:
            assert outcome == "unknown", (context, row)
    assert (error is None) is (bool(rows) and all(row[3] == "done" for row in rows)), context


@pytest.mark.parametrize(
    "effect", FAULTS, ids=lambda effect: f"{effect.kind}-{getattr(effect, 'status', '')}"
)
@pytest.mark.parametrize("case", CASES, ids=str)
def test_rows_tell_the_truth(tenant: Tenant, case: Case, effect: faults.Effect) -> None:
    label = f"{case}{FAULTS.index(effect)}"
    sql = prepared(tenant, case, f"{label}-0")
    tenant.emulator.requests.clear()
    cursor = tenant.once.execute(sql)
    count = len(tenant.emulator.requests)
    assert count
    check(tenant, case, cursor, None, f"{label}-0 without faults")
    met = 0
    for number in range(1, count + 1):
        name = f"{label}-{number}"
        sql = prepared(tenant, case, name)
        planned = tenant.emulator.faults.add(type(effect)(**_values(effect)), nth=number)
        cursor, error = tenant.once.cursor(), None
        try:
            cursor.execute(sql)
        except DriveqlError as raised:
            error = raised
        finally:
            tenant.emulator.faults.clear()
        met += planned.fired
        check(tenant, case, cursor, error, f"{name} {effect} at request {number} of {count}")
    assert met, "no fault happened"


def _values(effect: faults.Effect) -> dict[str, Any]:
    from dataclasses import fields

    return {part.name: getattr(effect, part.name) for part in fields(effect) if part.name != "hidden"}


@pytest.mark.parametrize("case", CASES, ids=str)
def test_retries_carry_a_write_through(tenant: Tenant, case: Case) -> None:
    for number, effect in enumerate((faults.Refuse(429, retry_after=0), faults.DropBefore())):
        sql = prepared(tenant, case, f"retry-{case}-{number}")
        target = r"batch|content|invite"
        planned = tenant.emulator.faults.add(effect, target=target)
        cursor, error = tenant.again.cursor(), None
        try:
            cursor.execute(sql)
        except DriveqlError as raised:
            error = raised
        finally:
            tenant.emulator.faults.clear()
        assert planned.fired
        check(tenant, case, cursor, error, f"retry-{case}-{number} {effect}")
        if isinstance(effect, faults.Refuse):
            assert error is None
