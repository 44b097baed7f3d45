"""The emulator's own routes under `/_admin`, for programs that hold it only by a port: state, faults, log, clock, behaviour."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import orjson

from graph_emulator.messages import Request, Response, json_response

if TYPE_CHECKING:
    from graph_emulator.emulator import Emulator

_Handler = Callable[["Emulator", Any], Awaitable[Any]]


async def handle(emulator: Emulator, request: Request) -> Response:
    """Answer an admin route: 200 with JSON, 400 for bad input, 404 for no such route."""
    path = request.target.partition("?")[0].rstrip("/")
    handler = _ROUTES.get((request.method, path))
    if handler is None:
        return json_response(404, {"error": f"no admin route {request.method} {path}"})
    raw = await request.read()
    try:
        return json_response(200, await handler(emulator, orjson.loads(raw) if raw.strip() else {}))
    except (ValueError, KeyError, TypeError) as error:
        return json_response(400, {"error": str(error)})


async def _summary(emulator: Emulator, _: Any) -> Any:
    return {
        "now": emulator.clock.now(),
        "open_upload_sessions": len(emulator.world.uploads),
        "requests": len(emulator.requests),
        "leaks": len(emulator.leaks),
        "tenants": [
            {
                "tenant_id": tenant.tenant_id,
                "domain": tenant.domain,
                "display_name": tenant.display_name,
                "applications": [
                    {"client_id": each.client_id, "display_name": each.display_name, "enabled": each.enabled}
                    for each in tenant.applications.values()
                ],
                "users": [user.user_principal_name for user in tenant.users.values()],
                "groups": [group.display_name for group in tenant.groups.values()],
                "sites": [site.web_url for site in tenant.sites.values()],
                "drives": [
                    {
                        "id": drive.id,
                        "web_url": drive.web_url,
                        "items": len(drive.items),
                        "bytes": drive.quota_used,
                    }
                    for drive in tenant.drives.values()
                ],
            }
            for tenant in emulator.tenants.values()
        ],
    }


async def _faults(emulator: Emulator, _: Any) -> Any:
    return {"pending": emulator.faults.pending(), "consumed": emulator.faults.consumed()}


async def _add_faults(emulator: Emulator, body: Any) -> Any:
    emulator.faults.add_json(body if isinstance(body, list) else [body])
    return await _faults(emulator, None)


async def _clear_faults(emulator: Emulator, _: Any) -> Any:
    emulator.faults.clear()
    return await _faults(emulator, None)


async def _requests(emulator: Emulator, _: Any) -> Any:
    return {"requests": [asdict(record) for record in emulator.requests]}


async def _clear_requests(emulator: Emulator, _: Any) -> Any:
    emulator.requests.clear()
    return {}


async def _leaks(emulator: Emulator, _: Any) -> Any:
    return {"leaks": emulator.leaks}


async def _advance(emulator: Emulator, body: Any) -> Any:
    emulator.clock.advance(float(body["seconds"]))
    return {"now": emulator.clock.now()}


async def _behaviour(emulator: Emulator, _: Any) -> Any:
    return asdict(emulator.behaviour)


async def _behave(emulator: Emulator, body: Any) -> Any:
    """Change the named options of the tenant's behaviour, all or none."""
    present = asdict(emulator.behaviour)
    for name, value in body.items():
        if name not in present:
            raise ValueError(f"unknown behaviour {name!r}")
        kind = type(present[name])
        if type(value) is not kind and not (kind is float and type(value) is int):
            raise ValueError(f"{name} must be {kind.__name__}")
    for name, value in body.items():
        setattr(emulator.behaviour, name, value)
    return asdict(emulator.behaviour)


async def _register(emulator: Emulator, body: Any) -> Any:
    """Register an application, or add credentials and permissions to the one whose `client_id` is given."""
    tenant = emulator.tenants[body["tenant_id"]] if "tenant_id" in body else emulator.tenant
    if "client_id" in body:
        application = tenant.applications[body["client_id"]]
        application.permissions |= set(body.get("permissions", ()))
    else:
        permissions = set(body.get("permissions", ()))
        application = emulator.register_application(body["display_name"], permissions, tenant=tenant)
    if "certificate" in body:
        application.add_certificate(str(body["certificate"]).encode("ascii"))
    tenant.dirty = True
    answer = {"client_id": application.client_id, "tenant_id": tenant.tenant_id}
    if body.get("secret"):
        answer["client_secret"] = emulator.add_secret(application)
    return answer


_ROUTES: dict[tuple[str, str], _Handler] = {
    ("GET", "/_admin"): _summary,
    ("GET", "/_admin/faults"): _faults,
    ("POST", "/_admin/faults"): _add_faults,
    ("DELETE", "/_admin/faults"): _clear_faults,
    ("GET", "/_admin/requests"): _requests,
    ("DELETE", "/_admin/requests"): _clear_requests,
    ("GET", "/_admin/leaks"): _leaks,
    ("POST", "/_admin/clock/advance"): _advance,
    ("GET", "/_admin/behaviour"): _behaviour,
    ("POST", "/_admin/behaviour"): _behave,
    ("POST", "/_admin/applications"): _register,
}
