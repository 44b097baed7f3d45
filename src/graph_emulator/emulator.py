"""The tenant as a whole: every request passes here, from the plan of faults to the route and back."""

from __future__ import annotations

import asyncio
import logging
import uuid
from collections import deque
from contextlib import AbstractAsyncContextManager, AbstractContextManager
from email.utils import formatdate
from pathlib import Path
from typing import TYPE_CHECKING, Any

from graph_emulator import admin
from graph_emulator.addresses import Address
from graph_emulator.behaviour import Behaviour
from graph_emulator.call import Call, World
from graph_emulator.clock import Clock
from graph_emulator.copies import Copies
from graph_emulator.destination import Kind, destination
from graph_emulator.directory import Application
from graph_emulator.downloads import download
from graph_emulator.errors import GraphError, not_implemented
from graph_emulator.faults import FaultPlan
from graph_emulator.identity import Identity, TokenClaims
from graph_emulator.links import Links
from graph_emulator.messages import Request, Response
from graph_emulator.notifications import Notifier
from graph_emulator.odata import parse_options
from graph_emulator.permissions import authorise
from graph_emulator.records import Record, without_secrets
from graph_emulator.router import handler_for, permission_route
from graph_emulator.routes.copying import monitor_address
from graph_emulator.routes.upload import upload_address
from graph_emulator.store import Actor, ContentStore, Tenant
from graph_emulator.throttling import Throttle
from graph_emulator.uploads import UploadSessions

if TYPE_CHECKING:
    from graph_emulator.credentials import Credentials
    from graph_emulator.running import Running

_LOG = logging.getLogger("graph_emulator")
_MAX_RECORDS = 100_000


class Emulator:
    """A local Microsoft Entra ID and Microsoft Graph v1.0.

    `seed` is "demo", "none" or "bulk:N"; `clock` the time it lives in; `latency` seconds added to every answer;
    `state` a directory in which tenants outlive the process (its contents then take the seed's place).
    """

    def __init__(
        self,
        seed: str = "demo",
        *,
        clock: Clock | None = None,
        latency: float = 0.0,
        state: Path | str | None = None,
        behaviour: Behaviour | None = None,
    ) -> None:
        self.clock = clock or Clock()
        self.latency = latency
        self.behaviour = behaviour or Behaviour()
        self.state = Path(state) if state is not None else None
        contents = ContentStore(self.state / "content" if self.state is not None else None)
        uploads = UploadSessions(self.clock)
        copies = Copies(self.clock, self.behaviour)
        self.tenants: dict[str, Tenant] = {}
        self.notifier = Notifier(self.clock, self.behaviour, lambda: list(self.tenants.values()))
        self.world = World(
            self.clock,
            contents,
            self.behaviour,
            Links(),
            uploads,
            copies,
            self.notifier,
            self._answer_batched,
        )
        self.identity = Identity(lambda: list(self.tenants.values()), self.clock)
        self.faults = FaultPlan(self.clock)
        self.throttle = Throttle(self.clock)
        self.requests: deque[Record] = deque(maxlen=_MAX_RECORDS)
        self.leaks: list[str] = []
        self.credentials: Credentials | None = None
        self._begin(seed)

    def _begin(self, seed: str) -> None:
        from graph_emulator.seed import plant
        from graph_emulator.state import load

        if not load(self):
            plant(self, seed)

    @property
    def tenant(self) -> Tenant:
        """Return the first tenant."""
        return next(iter(self.tenants.values()))

    def add_tenant(self, domain: str, display_name: str, tenant_id: str | None = None) -> Tenant:
        """Add an organisation without people, with its root site. Raises ValueError when the domain is taken."""
        if any(tenant.domain == domain.lower() for tenant in self.tenants.values()):
            raise ValueError(f"the tenant {domain} exists")
        identifier = tenant_id or str(uuid.uuid5(uuid.NAMESPACE_DNS, domain.lower()))
        tenant = Tenant(identifier, domain.lower(), display_name, self.clock, self.world.contents)
        tenant.order = len(self.tenants)
        tenant.add_site("", display_name)
        self.tenants[identifier] = tenant
        return tenant

    def register_application(
        self,
        display_name: str,
        permissions: set[str] | frozenset[str] = frozenset(),
        *,
        certificate: bytes | None = None,
        tenant: Tenant | None = None,
    ) -> Application:
        """Register an application with application permissions granted, and a certificate given as DER or PEM."""
        owner = tenant or self.tenant
        application = Application(display_name, permissions=set(permissions))
        if certificate is not None:
            application.add_certificate(certificate)
        owner.applications[application.client_id] = application
        owner.dirty = True
        return application

    def add_secret(self, application: Application, *, expires: float | None = None) -> str:
        """Register a new client secret and return it; `expires` is seconds since 1970."""
        for tenant in self.tenants.values():
            tenant.dirty = tenant.dirty or application.client_id in tenant.applications
        return application.add_secret(expires=expires)

    async def handle(self, request: Request) -> Response:
        """Answer one request, as the service would."""
        if request.target.startswith("/_admin"):
            return await admin.handle(self, request)
        if self.latency:
            await asyncio.sleep(self.latency)
        return await self._exchange(request)

    async def _answer_batched(self, request: Request) -> Response:
        return await self._exchange(request, batched=True)

    async def _exchange(self, request: Request, *, batched: bool = False) -> Response:
        client_request_id = request.headers.get("client-request-id")
        kind, route, address = destination(self.identity, request)
        response = await self.faults.before(request, route)
        if response is None:
            try:
                response = await self._answer(request, kind, address)
            except GraphError as error:
                response = error.response(self.clock.now(), client_request_id)
            except (OSError, asyncio.CancelledError):
                raise
            except Exception:
                _LOG.exception(
                    "the emulator failed at %s %s", request.method, without_secrets(request.target)
                )
                failure = GraphError(500, "generalException", "The emulator failed; see its log.")
                response = failure.response(self.clock.now(), client_request_id)
        response = await self.faults.after(request, route, response)
        self._finish(kind, response, client_request_id)
        target = without_secrets(request.target)
        self.requests.append(
            Record(request.method, target, response.status, client_request_id, route, batched)
        )
        return response

    async def _answer(self, request: Request, kind: Kind, address: Address | GraphError | None) -> Response:
        if kind is Kind.ENTRA:
            return await self.identity.handle(request)
        if kind in (Kind.CONTENT, Kind.UPLOAD, Kind.MONITOR):
            return await self._pre_authenticated(request, kind)
        if address is None:
            raise not_implemented(f"{request.method} {request.target.partition('?')[0][:200]}")
        claims = self.identity.verify(
            request.headers.get("Authorization"), client_request_id=request.headers.get("client-request-id")
        )
        if isinstance(claims, Response):
            return claims
        if isinstance(address, GraphError):
            raise address
        return await self._graph(request, address, claims)

    async def _graph(self, request: Request, address: Address, claims: TokenClaims) -> Response:
        handler = handler_for(request.method, address)
        query = request.target.partition("?")[2]
        priced = f"{query}&token={address.argument}" if address.argument else query
        batch = address.template == "/$batch"  # each request inside is charged on its own
        refusal = None if batch else self.throttle.charge(claims, request.method, address.template, priced)
        if refusal is not None:
            return refusal
        self.world.copies.settle()
        authorise(claims, request.method, permission_route(address.template))
        call = Call(
            request,
            address,
            parse_options(query),
            self.tenants[claims.tenant_id],
            Actor(claims.client_id, claims.display_name, user_name=claims.display_name or "SharePoint App"),
            self.world,
        )
        response = await handler(call)
        response.headers.update(self.throttle.headers(claims, request.method, address.template, priced))
        return response

    async def _pre_authenticated(self, request: Request, kind: Kind) -> Response:
        """Answer an address that carries its own proof. A bearer token sent here has leaked."""
        if "Authorization" in request.headers:
            self.leaks.append(f"{request.method} {kind.value} on {request.base_url}")
            raise GraphError(
                401, "unauthenticated", "A pre-authenticated address must be used without a token."
            )
        if kind is Kind.CONTENT:
            return download(self.world, list(self.tenants.values()), request)
        identifier = request.target.partition("?")[0].removeprefix(f"{kind.value}/")
        if kind is Kind.MONITOR:
            return await monitor_address(self.world, request, identifier)
        return await upload_address(self.world, request, identifier)

    def _finish(self, kind: Kind, response: Response, client_request_id: str | None) -> None:
        """Add the headers that every answer of the service has."""
        headers = response.headers
        headers.setdefault("Date", formatdate(self.clock.now(), usegmt=True))
        if kind is Kind.ENTRA:
            return
        request_id = headers.setdefault("request-id", str(uuid.uuid4()))
        headers.setdefault("client-request-id", client_request_id or request_id)
        headers.setdefault(
            "x-ms-ags-diagnostic",
            '{"ServerInfo":{"DataCenter":"Emulator","Slice":"E","Ring":"0","ScaleUnit":"000","RoleInstance":"EMU0"}}',
        )
        if response.status not in (204, 302, 304):
            headers.setdefault("Cache-Control", "no-store, no-cache")

    def save(self) -> None:
        """Write what changed into the state directory; a served emulator does so by itself."""
        from graph_emulator.state import save

        save(self)

    def close(self) -> None:
        """Remove the temporary files of large contents."""
        self.world.contents.close()

    def write_credentials(self, directory: Path | str) -> Credentials:
        """Write the certificate of a ready-made application into `directory`; see `credentials`."""
        from graph_emulator.credentials import write_credentials

        self.credentials = write_credentials(self, Path(directory))
        return self.credentials

    def ready_line(self, running: Running, credentials: Credentials | None = None) -> dict[str, Any]:
        """Return all that a program needs to use the running emulator, by default with the last credentials written.

        Raises RuntimeError when none were written.
        """
        from graph_emulator.credentials import ready_line

        used = credentials or self.credentials
        if used is None:
            raise RuntimeError("write_credentials has not been called")
        return ready_line(running, used)

    def kept(self) -> AbstractAsyncContextManager[None]:
        """Keep the state directory up to date while the block runs, and once more at its end."""
        from graph_emulator.state import kept

        return kept(self)

    def serve(self, **listeners: Any) -> AbstractAsyncContextManager[Running]:
        """Listen while the block runs. Keywords: `port`, `tls_port`, `proxy_port` (0: any free one), `host`."""
        from graph_emulator.server import serve

        return serve(self, **listeners)

    def serve_in_thread(self, **listeners: Any) -> AbstractContextManager[Running]:
        """Listen in a thread of its own while the block runs; keywords as for `serve`."""
        from graph_emulator.server import serve_in_thread

        return serve_in_thread(self, **listeners)
