"""What Entra publishes about itself: OpenID configuration and instance metadata."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlsplit

from graph_emulator.identity.refusals import Refusal

LOGIN_HOST = "login.microsoftonline.com"
LOGIN_HOSTS = frozenset({LOGIN_HOST, "login.windows.net", "login.microsoft.com", "sts.windows.net"})
SHARED_TENANTS = frozenset({"common", "organizations", "consumers"})
CONSUMERS_TENANT_ID = "9188040d-6c67-4c5b-b112-36a304b66dad"


def openid_configuration(origin: str, tenant_id: str, *, v2: bool) -> dict[str, Any]:
    """Return the discovery document for a tenant's id, or for one of the shared names such as `common`."""
    oauth2 = f"{origin}/{tenant_id}/oauth2" + ("/v2.0" if v2 else "")
    issuer_tenant = {"consumers": CONSUMERS_TENANT_ID, "common": "{tenantid}", "organizations": "{tenantid}"}
    named = issuer_tenant.get(tenant_id, tenant_id)
    return {
        "token_endpoint": f"{oauth2}/token",
        "token_endpoint_auth_methods_supported": [
            "client_secret_post",
            "private_key_jwt",
            "client_secret_basic",
        ],
        "jwks_uri": f"{origin}/{tenant_id}/discovery/{'v2.0/' if v2 else ''}keys",
        "response_modes_supported": ["query", "fragment", "form_post"],
        "subject_types_supported": ["pairwise"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "response_types_supported": ["code", "id_token", "code id_token", "id_token token"],
        "scopes_supported": ["openid", "profile", "email", "offline_access"],
        "issuer": f"{origin}/{named}/v2.0" if v2 else f"https://sts.windows.net/{named}/",
        "request_uri_parameter_supported": False,
        "userinfo_endpoint": "https://graph.microsoft.com/oidc/userinfo",
        "authorization_endpoint": f"{oauth2}/authorize",
        "device_authorization_endpoint": f"{oauth2}/devicecode",
        "http_logout_supported": True,
        "frontchannel_logout_supported": True,
        "end_session_endpoint": f"{oauth2}/logout",
        "claims_supported": ["sub", "iss", "aud", "exp", "iat", "nonce", "tid", "ver", "oid", "roles"],
        "tenant_region_scope": None if tenant_id in SHARED_TENANTS else "EU",
        "cloud_instance_name": "microsoftonline.com",
        "cloud_graph_host_name": "graph.windows.net",
        "msgraph_host": "graph.microsoft.com",
        "rbac_url": "https://pas.windows.net",
    }


def instance_metadata(origin: str, query: str) -> dict[str, Any]:
    """Return the answer of /common/discovery/instance, or raise Refusal(instance_unknown)."""
    asked = parse_qs(query).get("authorization_endpoint", [""])[0]
    try:
        parts = urlsplit(asked)
    except ValueError:
        raise Refusal("instance_unknown") from None
    if parts.hostname not in LOGIN_HOSTS and parts.netloc != urlsplit(origin).netloc:
        raise Refusal("instance_unknown")
    tenant = parts.path.strip("/").split("/")[0] or "common"
    return {
        "tenant_discovery_endpoint": f"{origin}/{tenant}/v2.0/.well-known/openid-configuration",
        "api-version": "1.1",
        "metadata": [
            {
                "preferred_network": LOGIN_HOST,
                "preferred_cache": "login.windows.net",
                "aliases": [LOGIN_HOST, "login.windows.net", "login.microsoft.com", "sts.windows.net"],
            }
        ],
    }
