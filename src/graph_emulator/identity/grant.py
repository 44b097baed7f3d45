"""The client credentials grant: a form goes in, a proven application and a resource come out, or a Refusal.

Follows "Microsoft identity platform and the OAuth 2.0 client credentials flow". What Entra checks first where
several things are wrong is not documented; here: the parameters, the application, its proof, the scope.
"""

from __future__ import annotations

import base64
import binascii
import hmac
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl, unquote_plus

import orjson

from graph_emulator.directory import Application, TenantDirectory, find_application
from graph_emulator.identity import assertion
from graph_emulator.identity.refusals import Refusal
from graph_emulator.identity.tokens import (
    AUTHENTICATED_BY_CERTIFICATE,
    AUTHENTICATED_BY_SECRET,
    GRAPH,
    GRAPH_APPLICATION_ID,
)

MAX_FORM_BYTES = 262_144
MAX_FIELDS = 100
JWT_BEARER = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
CLIENT_CREDENTIALS = "client_credentials"


@dataclass(frozen=True, slots=True)
class Grant:
    """A token may be issued: to whom, proven how, for which resource."""

    application: Application
    authenticated_by: str
    audience: str
    handles_claims_challenges: bool


def read_form(body: bytes, content_type: str) -> dict[str, str]:
    """Return the form's fields; a body of another kind has none. Raises Refusal for size and repetition."""
    if len(body) > MAX_FORM_BYTES:
        raise Refusal("parameter_invalid", detail="The request body is too large.")
    if content_type.partition(";")[0].strip().casefold() != "application/x-www-form-urlencoded":
        return {}
    try:
        pairs = parse_qsl(body.decode("utf-8"), keep_blank_values=True, max_num_fields=MAX_FIELDS)
    except ValueError:
        raise Refusal("parameter_invalid", detail="The request body is not a form.") from None
    form: dict[str, str] = {}
    for name, value in pairs:
        if name in form:
            raise Refusal("parameter_repeated", parameter=name[:64])
        form[name] = value
    return form


def with_basic_credentials(form: Mapping[str, str], authorization: str | None) -> dict[str, str]:
    """Return the form with client_id and client_secret of an HTTP Basic header (RFC 6749, 2.3.1) put in."""
    scheme, _, encoded = (authorization or "").partition(" ")
    if scheme.casefold() != "basic":
        return dict(form)
    try:
        user, separator, password = (
            base64.b64decode(encoded.strip(), validate=True).decode("utf-8").partition(":")
        )
    except (binascii.Error, ValueError):
        separator = user = password = ""
    if not separator:
        raise Refusal("parameter_invalid", detail="The Authorization header is malformed.")
    return {**form, "client_id": unquote_plus(user), "client_secret": unquote_plus(password)}


def required(form: Mapping[str, str], name: str) -> str:
    """Return the parameter, which may not be absent or blank."""
    value = form.get(name, "").strip()
    if not value:
        raise Refusal("parameter_missing", parameter=name)
    return value


def authenticate(
    form: Mapping[str, str], tenant: TenantDirectory, *, audiences: Collection[str], now: float, v2: bool
) -> Grant:
    """Return what may be granted for this form, or raise the Refusal that Entra would answer."""
    client_id = required(form, "client_id")
    scope = required(form, "scope" if v2 else "resource")
    application = find_application(tenant.applications, client_id)
    if application is None:
        raise Refusal("application_not_found", client_id=client_id[:100], directory=tenant.display_name)
    if not application.enabled:
        raise Refusal("application_disabled", client_id=application.client_id, name=application.display_name)
    authenticated_by = _prove(form, application, audiences, now)
    audience = _audience(scope, tenant) if v2 else _resource(scope, tenant)
    return Grant(application, authenticated_by, audience, _handles_claims_challenges(form))


def _prove(form: Mapping[str, str], application: Application, audiences: Collection[str], now: float) -> str:
    presented, secret = form.get("client_assertion"), form.get("client_secret")
    if not presented and not secret:
        raise Refusal("credential_required")
    if application.public_client:
        raise Refusal("public_client")
    if presented:
        if required(form, "client_assertion_type") != JWT_BEARER:
            raise Refusal("parameter_invalid", detail="The client_assertion_type is not supported.")
        assertion.verify(presented, application, audiences=audiences, now=now)
        return AUTHENTICATED_BY_CERTIFICATE
    _check_secret(secret or "", application, now)
    return AUTHENTICATED_BY_SECRET


def _check_secret(value: str, application: Application, now: float) -> None:
    matching = [
        known for known in application.secrets if hmac.compare_digest(known.value.encode(), value.encode())
    ]
    if not matching:
        raise Refusal("secret_invalid", client_id=application.client_id)
    if all(known.expires is not None and known.expires < now for known in matching):
        raise Refusal("secret_expired", client_id=application.client_id)


def _audience(scope: str, tenant: TenantDirectory) -> str:
    """Return the resource of `<resource>/.default`; rclone's bare `.default` means Graph."""
    words = scope.split()
    if words == [".default"]:
        return GRAPH
    for word in words:
        if not word.endswith("/.default"):
            raise Refusal("scope_without_default", scope=scope[:200])
    if len(words) > 1:
        raise Refusal("scope_invalid", scope=scope[:200])
    return _resource(words[0].removesuffix("/.default"), tenant)


def _resource(resource: str, tenant: TenantDirectory) -> str:
    """Return the resource as the token's audience, when the tenant knows it: Graph and its SharePoint."""
    name = resource.rstrip("/").casefold()
    tenant_name = tenant.domain.partition(".")[0].casefold()
    known = {
        GRAPH,
        GRAPH_APPLICATION_ID,
        f"https://{tenant_name}.sharepoint.com",
        f"https://{tenant_name}-my.sharepoint.com",
        f"https://{tenant_name}-admin.sharepoint.com",
    }
    if name not in known:
        raise Refusal("resource_not_found", resource=resource[:200], tenant=tenant.display_name)
    return resource


def _handles_claims_challenges(form: Mapping[str, str]) -> bool:
    """Tell whether the client declared capability `cp1` in its `claims` parameter."""
    if not form.get("claims"):
        return False
    try:
        asked = orjson.loads(form["claims"])
    except ValueError:
        asked = None
    if not isinstance(asked, dict):
        raise Refusal("claims_request_invalid")
    node: object = asked
    for step in ("access_token", "xms_cc", "values"):
        node = node.get(step) if isinstance(node, dict) else None
    return isinstance(node, list) and any(str(value).casefold() == "cp1" for value in node)
