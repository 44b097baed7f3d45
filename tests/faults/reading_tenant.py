"""A tenant to be read by SQL while things go wrong: what is in it, and two connections to it."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import xlsxwriter
from tests.support import EVERYTHING, quick

from driveql.connection import settings_from
from driveql.drive.onedrive import OneDrive
from driveql.sql.dbapi import Connection
from driveql.sql.plans import Defaults
from driveql.sql.session import Session
from driveql.transport.portal import portal
from graph_emulator import Emulator

LISTING = (
    r"/children|/delta|/versions|/permissions|/members|v1.0/(users|groups|sites)\?|/lists|list/items|/items\?"
)


@dataclass
class Tenant:
    """A tenant and two connections to it: one that tries once, one that tries again."""

    emulator: Emulator
    drive: Any
    once: Connection
    again: Connection

    def rows(self, connection: Connection, sql: str) -> list[str]:
        """Return a query's rows without their order, after forgetting the requests so far."""
        self.emulator.requests.clear()
        return sorted(map(repr, connection.execute(sql).fetchall()))

    def met(self, listing: bool) -> int:
        """Return how many requests there were, or how many of them asked for a listing."""
        targets = [record.target for record in self.emulator.requests]
        return sum(not listing or re.search(LISTING, target) is not None for target in targets)


def _furnish(drive: Any) -> None:
    drive.put_file("/Data/a.csv", b"n,t\n" + b"".join(b"%d,row %d\n" % (n, n) for n in range(300)))
    drive.put_file("/Data/b.csv", b"n,t\n5,five\n")
    drive.put_file("/Data/b.csv", b"n,t\n6,six\n7,seven\n")
    content = io.BytesIO()
    pq.write_table(pa.table({"n": list(range(5000)), "t": [f"{n:05d}" for n in range(5000)]}), content)
    drive.put_file("/Data/p.parquet", content.getvalue())
    book = io.BytesIO()
    with xlsxwriter.Workbook(book, {"in_memory": True}) as workbook:
        sheet = workbook.add_worksheet("Plan")
        for row, values in enumerate((("k", "v"), ("a", 1), ("b", 2))):
            sheet.write_row(row, 0, values)
    drive.put_file("/Data/book.xlsx", book.getvalue())
    for number in range(8):
        drive.put_file(f"/Many/{number:02d}.txt", b"x")
    for path in ("a.txt", "sub/b.txt", "sub/deep/c.txt", "other/d.txt"):
        drive.put_file(f"/Tree/{path}", path.encode())


def reading_tenant() -> Iterator[Tenant]:
    """Start a tenant with a few of everything, in pages of six, and connect to it twice."""
    emulator = Emulator(seed="none")
    emulator.behaviour.page_max = 6
    alice = emulator.tenant.add_user("alice", "Alice Smith", department="IT")
    bob = emulator.tenant.add_user("bob", "Bob Jones", drive=False)
    emulator.tenant.add_group("Readers", [alice, bob], drive=False)
    emulator.tenant.add_group("Writers", [alice], drive=False)
    _furnish(alice.drive)
    application = emulator.register_application("sql faults", EVERYTHING)
    secret = emulator.add_secret(application)
    with emulator.serve_in_thread() as running:
        parameters = {
            "token_url": running.token_url(),
            "graph_url": running.graph_url,
            "client_id": application.client_id,
            "client_secret": f"plain:{secret}",
            "group_or_user_id": f"/users/{alice.user_principal_name}",
            "proxy": "",
        }
        opened = [_connection({**parameters, "retry_mode": mode}) for mode in ("None", "RetryAny")]
        try:
            yield Tenant(emulator, alice.drive, *(connection for connection, _ in opened))
        finally:
            for connection, drive in opened:
                connection.close()
                portal().call(drive.close())


def _connection(parameters: dict[str, Any]) -> tuple[Connection, OneDrive]:
    """Return a connection that waits next to nothing before it tries again, with its drive known already."""
    settings = settings_from(environ={}, **parameters)

    async def opened() -> OneDrive:
        return OneDrive(settings, retry=quick(settings))

    drive = portal().call(opened())
    connection = Connection(Session(drive, portal(), Defaults(settings.group_or_user_id or None, None)))
    connection.execute("SELECT name FROM items LIMIT 1").fetchall()
    return connection, drive
