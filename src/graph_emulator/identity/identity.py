"""Entra's endpoints by path, and what the rest of the emulator asks of it: verify a token, mint one."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable, Iterable, Mapping
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from graph_emulator.clock import Clock
from graph_emulator.directory import Application, TenantDirectory, find_application, find_tenant
from graph_emulator.identity import grant as grants
from graph_emulator.identity.bearer import BearerTokens, InvalidToken, unauthorized
from graph_emulator.identity.discovery import (
    LOGIN_HOST,
    LOGIN_HOSTS,
    SHARED_TENANTS,
    instance_metadata,
    openid_configuration,
)
from graph_emulator.identity.refusals import Refusal, answer, entra_json
from graph_emulator.identity.tokens import (
    AUTHENTICATED_BY_CERTIFICATE,
    CONTINUOUS_ACCESS_LIFETIME,
    DEFAULT_LIFETIME,
    GRAPH,
    SigningKey,
    TokenClaims,
    app_only_claims,
    process_signing_key,
)
from graph_emulator.messages import Request, Response

Tenants = Mapping[str, TenantDirectory] | Callable[[], Iterable[TenantDirectory]]

ENDPOINTS = {
    "oauth2/v2.0/token": "token",
    "oauth2/token": "token_v1",
    "v2.0/.well-known/openid-configuration": "configuration",
    ".well-known/openid-configuration": "configuration_v1",
    "discovery/v2.0/keys": "keys",
    "discovery/keys": "keys",
    "discovery/instance": "instance",
}
ENTRA_PATH = re.compile(
    r"/+(?!v1\.0/|beta/|_)[^/]+/+(oauth2|discovery|\.well-known|v2\.0/+\.well-known)/", re.I
)
TENANT_NAME = re.compile(r"(?=.{1,253}\Z)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}\Z", re.I)
GUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\Z", re.I)
KNOWN_GRANTS = frozenset(
    {
        "authorization_code",
        "password",
        "refresh_token",
        "device_code",
        "urn:ietf:params:oauth:grant-type:device_code",
        "urn:ietf:params:oauth:grant-type:jwt-bearer",
    }
)


class Identity:
    """Microsoft Entra ID of the emulator's tenants.

    `tenants` is a mapping of tenants or a function that returns them; `clock` is the emulator's time.
    """

    def __init__(self, tenants: Tenants, clock: Clock, *, key: SigningKey | None = None) -> None:
        self._source = tenants
        self._clock = clock
        self._key = key or process_signing_key()
        self._bearer = BearerTokens(self._key)

    def _tenants(self) -> list[TenantDirectory]:
        return list(self._source.values() if isinstance(self._source, Mapping) else self._source())

    def matches(self, request: Request) -> bool:
        """Tell whether the request is for Entra: by its host name, or on another origin by its path."""
        host = (urlsplit(request.base_url).hostname or "").casefold()
        if host in LOGIN_HOSTS:
            return True
        if host == "graph.microsoft.com" or host.endswith(".sharepoint.com"):
            return False
        return ENTRA_PATH.match(request.target) is not None

    async def handle(self, request: Request) -> Response:
        """Answer one of Entra's endpoints; what the emulator does not have is refused with 501."""
        path, _, query = request.target.partition("?")
        correlation_id = _correlation_id(request, query)
        try:
            response = await self._dispatch(request, path, query)
        except Refusal as refusal:
            response = answer(refusal, now=self._clock.now(), correlation_id=correlation_id)
        if request.headers.get("return-client-request-id", "").casefold() == "true":
            response.headers["client-request-id"] = correlation_id
        return response

    async def _dispatch(self, request: Request, path: str, query: str) -> Response:
        tenant_name, _, rest = path.lstrip("/").partition("/")
        endpoint = ENDPOINTS.get(rest.strip("/").casefold())
        tenant_name = unquote(tenant_name)
        if endpoint in ("token", "token_v1"):
            return await self._token(request, tenant_name, v2=endpoint == "token")
        if endpoint is None or request.method not in ("GET", "HEAD"):
            return _not_emulated(f"{request.method} {path}")
        origin = _origin(request)
        if endpoint == "instance":
            return entra_json(200, instance_metadata(origin, query))
        tenant_id = self._named(tenant_name, case="tenant_not_found_in_discovery")
        if endpoint == "keys":
            return entra_json(200, self._key.jwks(f"{origin}/{tenant_id}/v2.0"))
        return entra_json(200, openid_configuration(origin, tenant_id, v2=endpoint == "configuration"))

    def _named(self, name: str, case: str) -> str:
        if name.casefold() in SHARED_TENANTS:
            return name.casefold()
        return self._tenant(name, case).tenant_id

    def _tenant(self, name: str, case: str = "tenant_not_found") -> TenantDirectory:
        tenant = find_tenant(self._tenants(), name)
        if tenant is None:
            malformed = not GUID.match(name) and not TENANT_NAME.match(name)
            raise Refusal("tenant_name_malformed" if malformed else case, tenant=name[:100])
        return tenant

    async def _token(self, request: Request, tenant_name: str, *, v2: bool) -> Response:
        if request.method != "POST":
            raise Refusal("method_not_post", method=request.method)
        shared = tenant_name.casefold() in SHARED_TENANTS
        tenant = None if shared else self._tenant(tenant_name)
        form = grants.read_form(await request.read(), request.headers.get("Content-Type", ""))
        kind = grants.required(form, "grant_type")
        if kind in KNOWN_GRANTS:
            return _not_emulated(f"grant type {kind}")
        if kind != grants.CLIENT_CREDENTIALS:
            raise Refusal("grant_not_supported", grant=kind[:100])
        form = grants.with_basic_credentials(form, request.headers.get("Authorization"))
        if tenant is None:
            raise self._shared_tenant(tenant_name, grants.required(form, "client_id"))
        if not v2 and not form.get("resource"):
            return _not_emulated("a version 1 token request without resource")
        audiences = _audiences(request, tenant, tenant_name)
        grant = grants.authenticate(form, tenant, audiences=audiences, now=self._clock.now(), v2=v2)
        return entra_json(200, self._granted(tenant, grant, v2=v2))

    def _shared_tenant(self, name: str, client_id: str) -> Refusal:
        """Return why a tenant's own name is needed: an application proves itself to one tenant."""
        for tenant in self._tenants():
            application = find_application(tenant.applications, client_id)
            if application is not None and name.casefold() != "consumers":
                words = {"client_id": application.client_id, "name": application.display_name}
                return Refusal("tenant_of_application_required", tenant=name, **words)
        return Refusal("tenant_required", tenant=name)

    def _granted(self, tenant: TenantDirectory, grant: grants.Grant, *, v2: bool) -> dict[str, Any]:
        lifetime = CONTINUOUS_ACCESS_LIFETIME if grant.handles_claims_challenges else DEFAULT_LIFETIME
        for_graph = "graph.microsoft.com" in grant.audience or not grant.audience.startswith("https:")
        now = self._clock.now()
        claims = app_only_claims(
            tenant,
            grant.application,
            audience=grant.audience,
            now=now,
            lifetime=lifetime,
            roles=grant.application.permissions if for_graph else (),
            authenticated_by=grant.authenticated_by,
            handles_claims_challenges=grant.handles_claims_challenges,
        )
        content: dict[str, Any] = {"token_type": "Bearer", "expires_in": lifetime, "ext_expires_in": lifetime}
        if grant.handles_claims_challenges:
            content["refresh_in"] = lifetime // 2
        if not v2:
            content |= {"expires_in": str(lifetime), "ext_expires_in": str(lifetime)}
            content |= {"expires_on": str(claims["exp"]), "not_before": str(claims["nbf"])}
            content["resource"] = grant.audience
        return {**content, "access_token": self._key.sign(claims)}

    def verify(
        self, authorization_header: str | None, *, client_request_id: str | None = None
    ) -> TokenClaims | Response:
        """Return what the bearer token of a Graph request says, or Graph's 401."""
        now = self._clock.now()
        tenant_ids = frozenset(tenant.tenant_id for tenant in self._tenants())
        try:
            return self._bearer.accept(authorization_header, tenant_ids=tenant_ids, now=now)
        except InvalidToken as invalid:
            return unauthorized(str(invalid), now=now, client_request_id=client_request_id)

    def mint(
        self,
        tenant: TenantDirectory,
        application: Application,
        *,
        lifetime: float = DEFAULT_LIFETIME,
        roles: Iterable[str] | None = None,
        audience: str = GRAPH,
    ) -> str:
        """Return an access token as the token endpoint would give it; `roles` default to what is granted."""
        claims = app_only_claims(
            tenant,
            application,
            audience=audience,
            now=self._clock.now(),
            lifetime=lifetime,
            roles=application.permissions if roles is None else roles,
            authenticated_by=AUTHENTICATED_BY_CERTIFICATE,
        )
        return self._key.sign(claims)


def _origin(request: Request) -> str:
    """Return the origin that Entra's documents name: the login host, or the plain port the client reached."""
    host = urlsplit(request.base_url).hostname
    return f"https://{LOGIN_HOST}" if host in LOGIN_HOSTS else request.base_url


def _audiences(request: Request, tenant: TenantDirectory, written: str) -> set[str]:
    """Return every `aud` that names this tenant: its token URLs and issuers, by id, domain and as written."""
    origins = {request.base_url, *(f"https://{host}" for host in LOGIN_HOSTS)}
    names = {tenant.tenant_id, tenant.domain, written}
    ends = ("oauth2/v2.0/token", "oauth2/token", "v2.0", "")
    return {f"{origin}/{name}/{end}" for origin in origins for name in names for end in ends}


def _correlation_id(request: Request, query: str) -> str:
    """Return the client's request id where it sent a GUID, else a new one."""
    sent = request.headers.get("client-request-id") or parse_qs(query).get("client-request-id", [""])[0]
    return sent if GUID.match(sent) else str(uuid.uuid4())


def _not_emulated(what: str) -> Response:
    return entra_json(
        501,
        {
            "error": "not_emulated",
            "error_description": f"The emulator's Entra ID does not have: {what[:200]}",
        },
    )
