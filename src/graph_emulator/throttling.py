"""Throttling by resource units, as SharePoint and the directory count them; off unless limits are given.

Files: a limit per application and minute, announced by RateLimit headers when it comes near. Directory: a token
bucket per application and tenant. Refused requests count as well. Prices stand in graph_contract/resource_units.toml.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

from graph_contract import load
from graph_emulator.clock import Clock
from graph_emulator.graph_errors import graph_error
from graph_emulator.identity import TokenClaims
from graph_emulator.messages import Response
from graph_emulator.permissions import canonical

PERMISSION_ROUTES = ("/permissions", "/permission/", "/invite", "/createlink")
SINGLE_ENDS = (
    *("{}", "/content", "/drive", "/sites/root", "/alltime", "/analytics"),
    *("/listitem", "/fields", "/driveitem", "/list", "/site"),
)


@dataclass(slots=True)
class Window:
    """Units spent by one application in the current window of the files limit."""

    started: float
    spent: int = 0


@dataclass(slots=True)
class Bucket:
    """Units an application has left in the directory's token bucket."""

    left: float
    filled_at: float


def of_directory(route_name: str) -> bool:
    """Tell whether the route is the directory's (users, groups, members) rather than SharePoint's."""
    route = canonical(route_name)
    return route.startswith(("/users", "/groups")) and "/drive" not in route


def price(method: str, route_name: str, query: str) -> int:
    """Return what a request costs in resource units. `query` is the target's part after the question mark."""
    options = {name.lstrip("$").casefold(): value for name, value in parse_qsl(query, keep_blank_values=True)}
    if of_directory(route_name):
        return _directory_price(method, canonical(route_name), options)
    facts = load("resource_units")["files"]
    route = canonical(route_name)
    if any(part in route for part in PERMISSION_ROUTES) or "permissions" in options.get("expand", ""):
        return int(facts["price_permissions"])
    delta_with_token = route.endswith("/delta") and bool(options.get("token") or options.get("skiptoken"))
    single = method.upper() == "GET" and (route.endswith(SINGLE_ENDS) or delta_with_token)
    return int(facts["price_single"] if single else facts["price_many"])


def _directory_price(method: str, route: str, options: dict[str, str]) -> int:
    facts: dict[str, Any] = load("resource_units")["directory"]
    prices = {
        (line.partition(" ")[0], canonical(line.partition(" ")[2])): units
        for line, units in facts["prices"].items()
    }
    units = int(prices.get((method.upper(), route), facts["price_default"]))
    units += facts["price_select"] if "select" in options else 0
    units += facts["price_expand"] if "expand" in options else 0
    top = options.get("top", "")
    units += facts["price_small_page"] if top.isdecimal() and int(top) < facts["small_page_below"] else 0
    return max(units, int(facts["price_least"]))


class Throttle:
    """Counts what each application of each tenant spends, and refuses what is over the limits.

    `files_per_minute` and `directory_per_window` are resource units (facts.md names the real ones); None: no limit.
    """

    def __init__(
        self, clock: Clock, *, files_per_minute: int | None = None, directory_per_window: int | None = None
    ) -> None:
        self._clock = clock
        self.files_per_minute = files_per_minute
        self.directory_per_window = directory_per_window
        self._windows: dict[tuple[str, str], Window] = {}
        self._buckets: dict[tuple[str, str], Bucket] = {}

    def charge(self, claims: TokenClaims, method: str, route_name: str, query: str = "") -> Response | None:
        """Count the request; return the 429 when its application is over a limit."""
        units = price(method, route_name, query)
        if of_directory(route_name):
            return self._charge_directory(claims, units)
        return self._charge_files(claims, units)

    def headers(self, claims: TokenClaims, method: str, route_name: str, query: str = "") -> dict[str, str]:
        """Return what the answer to a request that was let through says about the limits."""
        if not of_directory(route_name):
            return self._files_headers(claims)
        if self.directory_per_window is None:
            return {}
        sent = {"x-ms-resource-unit": str(price(method, route_name, query))}
        used = 1 - self._bucket(claims).left / self.directory_per_window
        if used >= load("resource_units")["directory"]["announced_from_fraction"]:
            sent["x-ms-throttle-limit-percentage"] = f"{used:.2f}"
        return sent

    def _charge_files(self, claims: TokenClaims, units: int) -> Response | None:
        if self.files_per_minute is None:
            return None
        window = self._window(claims)
        window.spent += units
        if window.spent <= self.files_per_minute:
            return None
        return self._refusal(
            "activityLimitReached",
            "The request has been throttled",
            {"Retry-After": str(self._reset(window)), **self._files_headers(claims)},
        )

    def _charge_directory(self, claims: TokenClaims, units: int) -> Response | None:
        if self.directory_per_window is None:
            return None
        bucket = self._bucket(claims)
        if bucket.left >= units:
            bucket.left -= units
            return None
        seconds = load("resource_units")["directory"]["window_seconds"]
        wait = math.ceil((units - bucket.left) * seconds / self.directory_per_window)
        scope = f"Tenant_Application/ReadWrite/{claims.client_id}/{claims.tenant_id}"
        headers = {
            "Retry-After": str(max(wait, 1)),
            "x-ms-throttle-scope": scope,
            "x-ms-throttle-information": "ResourceUnitLimitExceeded",
            "x-ms-throttle-limit-percentage": "1.00",
        }
        return self._refusal("TooManyRequests", "Too many requests.", headers)

    def _files_headers(self, claims: TokenClaims) -> dict[str, str]:
        limit = self.files_per_minute
        window = self._windows.get((claims.tenant_id, claims.client_id))
        if limit is None or window is None:
            return {}
        if window.spent < limit * load("resource_units")["files"]["announced_from_fraction"]:
            return {}
        return {
            "RateLimit-Limit": str(limit),
            "RateLimit-Remaining": str(max(limit - window.spent, 0)),
            "RateLimit-Reset": str(self._reset(window)),
        }

    def _window(self, claims: TokenClaims) -> Window:
        now, key = self._clock.now(), (claims.tenant_id, claims.client_id)
        window = self._windows.get(key)
        if window is None or now >= window.started + load("resource_units")["files"]["window_seconds"]:
            window = self._windows[key] = Window(now)
        return window

    def _reset(self, window: Window) -> int:
        ends: float = window.started + load("resource_units")["files"]["window_seconds"]
        return max(math.ceil(ends - self._clock.now()), 1)

    def _bucket(self, claims: TokenClaims) -> Bucket:
        capacity = float(self.directory_per_window or 0)
        now, key = self._clock.now(), (claims.tenant_id, claims.client_id)
        bucket = self._buckets.setdefault(key, Bucket(capacity, now))
        rate = capacity / load("resource_units")["directory"]["window_seconds"]
        bucket.left = min(capacity, bucket.left + (now - bucket.filled_at) * rate)
        bucket.filled_at = now
        return bucket

    def _refusal(self, code: str, message: str, headers: dict[str, str]) -> Response:
        return graph_error(429, code, message, now=self._clock.now(), headers=headers)
