"""The tenant that the queries of tests/sql/queries run over, and how to look at it without driveql.

It is the demo tenant. What the demo has not is in places of its own, so that the facts of the demo stay: Dmitri's drive has
versions and grants, the site Operations a list, the site Osaka the real files of ../shared/samples, and the empty library of
the group Project Aurora is there to be written to.
"""

from __future__ import annotations

import io
import json
import urllib.parse
import urllib.request
import zipfile
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from tests.support import EVERYTHING

from driveql.connection import settings_from
from driveql.sql import connect
from driveql.sql.dbapi import Connection
from graph_emulator import Emulator
from graph_emulator.store.lists import Column
from graph_emulator.store.subscription import Subscription

OSAKA = "/sites/contoso.sharepoint.com:/sites/Operations/Osaka"
CONNECTIONS: dict[str, dict[str, Any]] = {
    "alice": {"group_or_user_id": "/users/alice@contoso.com"},
    "fresh": {"group_or_user_id": "/users/alice@contoso.com"},
    "samples": {"group_or_user_id": OSAKA},
    "writer": {"group_or_user_id": "/groups/ProjectAurora@contoso.com"},
    "cached": {
        "group_or_user_id": "/users/alice@contoso.com",
        "cache_mode": "metadata",
        "cache_storage": "memory",
    },
    "reader": {"group_or_user_id": "/groups/ProjectAurora@contoso.com", "read_only": True},
}


@dataclass
class QueryTenant:
    """The emulator, the files on disk, and a connection for each way in.

    Parameters:
        samples: the directory of real files; None where it is absent, and then no query may read them.
    """

    emulator: Emulator
    samples: Path | None
    parameters: dict[str, Any]
    secret: str
    stack: ExitStack
    _connections: dict[str, Connection] = field(default_factory=dict)

    def connection(self, name: str) -> Connection:
        """Return the connection of this name; its drive is known already, so that requests can be counted."""
        if name not in self._connections:
            settings = settings_from(environ={}, **self.parameters, **CONNECTIONS[name])
            made = self.stack.enter_context(connect(settings=settings))
            made.execute("SELECT name FROM items LIMIT 1").fetchall()
            self._connections[name] = made
        return self._connections[name]

    def asked(self) -> list[str]:
        """Return the Graph requests since the last call; sign-in and content left out."""
        found = [record.target for record in self.emulator.requests if "/v1.0/" in record.target]
        self.emulator.requests.clear()
        return found

    def drive(self, url_end: str) -> Any:
        """Return the drive in the emulator's store whose web address ends so."""
        return next(each for each in self.emulator.tenant.drives.values() if each.web_url.endswith(url_end))

    def marks(self) -> dict[str, str]:
        """Return what stands for ids in the queries' text."""
        alice = self.drive("alice_contoso_com/Documents")
        return {
            "b!ALICE": alice.id,
            "b!CONTRACTS": self.drive("/Sales/Contracts").id,
            "b!FINANCE": self.drive("/Finance/Shared%20Documents").id,
            "b!NOBODYS": "b!" + "A" * 64,
            "01NOTES": alice.item("/Notes").id,
            "01TODO": alice.item("/Notes/todo.md").id,
        }

    def sample(self, name: str) -> Path:
        """Return the path on disk of a sample file."""
        assert self.samples is not None
        return self.samples / name

    def stored(self, url_end: str, path: str) -> bytes:
        """Return the bytes of a file as the emulator's store has them."""
        content = self.drive(url_end).item(path).content
        return bytes(content.read(0, content.size))

    @cached_property
    def _token(self) -> str:
        form = {
            "grant_type": "client_credentials",
            "client_id": self.parameters["client_id"],
            "client_secret": self.secret,
            "scope": "https://graph.microsoft.com/.default",
        }
        answer = urllib.request.urlopen(
            self.parameters["token_url"], urllib.parse.urlencode(form).encode(), timeout=30
        )
        return str(json.load(answer)["access_token"])

    def graph(self, path: str, body: object = None) -> Any:
        """Return what Graph answers to a plain request: GET, or POST of `body` as JSON."""
        address = f"{self.parameters['graph_url']}/v1.0{urllib.parse.quote(path, safe='/:?&=$,()!%')}"
        headers = {"Authorization": f"Bearer {self._token}", "Content-Type": "application/json"}
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(address, data, headers)
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.load(answer)

    def listed(self, path: str) -> list[dict[str, Any]]:
        """Return the entries of a listing that fits one page."""
        page = self.graph(path)
        assert "@odata.nextLink" not in page, "the listing has more pages"
        entries: list[dict[str, Any]] = page["value"]
        return entries


def query_tenant(samples: Path | None) -> Iterator[QueryTenant]:
    """Start the tenant, furnish it, and end it."""
    emulator = Emulator(seed="demo")
    application = emulator.register_application("queries", EVERYTHING)
    secret = emulator.add_secret(application)
    with ExitStack() as stack:
        running = stack.enter_context(emulator.serve_in_thread())
        parameters = {
            "token_url": running.token_url(),
            "graph_url": running.graph_url,
            "client_id": application.client_id,
            "client_secret": f"plain:{secret}",
            "proxy": "",
        }
        tenant = QueryTenant(emulator, samples, parameters, secret, stack)
        _furnish_dmitri(tenant)
        _furnish_operations(tenant)
        _subscribe(tenant, application.client_id)
        if samples is not None:
            _put_samples(tenant.drive("/Osaka/Shared%20Documents"), samples)
        yield tenant


def _put_samples(drive: Any, samples: Path) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in sorted(samples.iterdir()):
            drive.put_file(f"/{file.name}", file.read_bytes())
            if file.suffix in {".csv", ".json"}:
                archive.write(file, f"tables/{file.name}")
    drive.put_file("/Packed/tables.zip", packed.getvalue())
    drive.put_file("/Packed/broken.csv", b"species,body_mass_g\n\xff\xfe\x00\n")


def _furnish_dmitri(tenant: QueryTenant) -> None:
    drive = tenant.drive("dmitri_contoso_com/Documents")
    for text in (b"first", b"second!", b"the third"):
        drive.put_file("/Plans/route.txt", text)
    drive.put_file("/Plans/map.txt", b"map")
    plans = f"/drives/{drive.id}/root:/Plans"
    tenant.graph(f"{plans}/route.txt:/createLink", {"type": "view", "scope": "organization"})
    recipients = [{"email": "bruno@contoso.com"}, {"email": "emi@contoso.com"}]
    invitation = {
        "recipients": recipients,
        "roles": ["write"],
        "requireSignIn": True,
        "sendInvitation": False,
    }
    tenant.graph(f"{plans}:/invite", invitation)


def _furnish_operations(tenant: QueryTenant) -> None:
    store = tenant.emulator.tenant
    site = next(each for each in store.sites.values() if each.display_name == "Operations")
    columns = [
        Column("Region", "text", "Region", indexed=True),
        Column("Boxes", "number", "Boxes"),
        Column("Urgent", "boolean", "Urgent"),
    ]
    clients = store.add_list(site, "Clients", columns, actor=site.drives[0].actor)
    store.add_list(site, "Returns", columns[:2], actor=site.drives[0].actor)
    moment = 1_780_000_000.0
    clients.add({"Title": "Fabrikam", "Region": "EMEA", "Boxes": 12, "Urgent": True}, moment)
    clients.add({"Title": "Northwind", "Region": "APAC", "Boxes": 3.5, "Urgent": False}, moment)
    clients.add({"Title": "fabrikam", "Region": "emea"}, moment)
    clients.add({"Title": "Adventure Works", "Region": "APAC", "Boxes": 40}, moment)


def _subscribe(tenant: QueryTenant, application_id: str) -> None:
    watched = "/drives/" + tenant.drive("alice_contoso_com/Documents").id + "/root"
    for number, resource in enumerate((watched, "/me/drive/root"), 1):
        made = Subscription(
            f"00000000-0000-4000-8000-00000000000{number}",
            resource,
            "updated",
            "https://hooks.contoso.com/drive",
            application_id if number == 1 else "another application",
            application_id,
            expires=4_070_908_800.0,
            told=0,
        )
        tenant.emulator.tenant.subscriptions[made.id] = made
