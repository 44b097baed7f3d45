"""Why does a connection not work? The way to Microsoft looked at piece by piece: proxy, names, TLS, hosts, clock.

The steps have the form of `checkup`; they need no token, so they also speak where signing in fails.
"""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import AsyncGenerator
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

from driveql.auth.entra_errors import error_from
from driveql.connection.settings import ConnectionSettings, without_password
from driveql.drive.checkup import Action, Finding, Result, Step, run
from driveql.drive.onedrive import OneDrive
from driveql.errors import ConnectError
from driveql.transport.wire import GraphResponse

# Entra refuses assertions whose times are off by more than five minutes; a minute deserves a word.
_NOTABLE_SKEW, _REFUSED_SKEW = 60.0, 300.0


async def steps(onedrive: OneDrive) -> AsyncGenerator[Step, None]:
    """Yield the steps as they finish; each is tried, whatever came of the others."""
    diagnosis = _Diagnosis(onedrive)
    plan: tuple[tuple[str, Action], ...] = (
        ("Proxy", diagnosis.proxy),
        ("Names resolved", diagnosis.names),
        ("Sign-in host reached", diagnosis.sign_in_host),
        ("Graph reached", diagnosis.graph),
        ("Clock", diagnosis.clock),
    )
    for name, action in plan:
        yield await run(name, action)


def proxy_for(settings: ConnectionSettings, url: str) -> tuple[str, str] | None:
    """Return the proxy that a request to `url` takes and where it was configured, or None."""
    if settings.proxy is not None:
        return (settings.proxy, "Proxy") if settings.proxy else None
    parts = urlsplit(url)
    proxies = getproxies()
    name = parts.scheme if parts.scheme in proxies else "all"
    if name not in proxies or proxy_bypass(parts.netloc):
        return None
    return proxies[name], f"{name.upper()}_PROXY"


class _Diagnosis:
    def __init__(self, onedrive: OneDrive) -> None:
        self._onedrive, self._settings = onedrive, onedrive.settings
        self._skew: tuple[float, str] | None = None

    async def proxy(self) -> Finding:
        found = {url: proxy_for(self._settings, url) for url in self._urls()}
        if not any(found.values()):
            return Finding("none")
        shown = (
            f"{urlsplit(url).hostname}: {f'{without_password(proxy[0])} (from {proxy[1]})' if proxy else 'direct'}"
            for url, proxy in found.items()
        )
        return Finding("; ".join(shown))

    async def names(self) -> Finding:
        loop, parts = asyncio.get_running_loop(), []
        for url in self._urls():
            proxy = proxy_for(self._settings, url)
            host = urlsplit(proxy[0] if proxy else url).hostname or ""
            try:
                found = await loop.getaddrinfo(host, None, type=socket.SOCK_STREAM)
            except OSError as error:
                raise ConnectError(
                    f"The name {host} could not be resolved: {error.strerror or type(error).__name__}.",
                    hint="Check this machine's DNS; behind a proxy set Proxy or HTTPS_PROXY.",
                ) from None
            parts.append(f"{host} is {found[0][4][0]}{' (the proxy)' if proxy else ''}")
        return Finding("; ".join(parts))

    async def sign_in_host(self) -> Finding:
        if not self._settings.token_url:
            return Finding("a credential object signs in by itself")
        parts, tenant = urlsplit(self._settings.token_url), self._settings.tenant
        answer = await self._get(
            f"{parts.scheme}://{parts.netloc}/{tenant}/v2.0/.well-known/openid-configuration"
        )
        if answer.status != 200:
            raise error_from(answer.status, answer.body)
        return Finding(f"{parts.netloc} answered{_trust(parts.scheme)}; the tenant {tenant} exists")

    async def graph(self) -> Finding:
        parts = urlsplit(self._settings.graph_url)
        answer = await self._get(f"{self._settings.graph_url}/v1.0/me")
        if answer.status == 401:
            return Finding(f"{parts.netloc} answered{_trust(parts.scheme)}")
        detail = (
            f"{parts.netloc} answered {answer.status} to a request without a token, where Graph answers 401"
        )
        return Finding(
            detail, "A proxy or gateway may stand in between: check Proxy and GraphUrl.", Result.WARNING
        )

    async def clock(self) -> Finding:
        if self._skew is None:
            return Finding("no server told its time", result=Result.SKIPPED)
        skew, host = self._skew
        if abs(skew) < _NOTABLE_SKEW:
            return Finding(f"within {max(1, round(abs(skew)))} s of {host}")
        detail = f"{abs(skew):.0f} s {'behind' if skew > 0 else 'ahead of'} {host}"
        hint = "Set this machine's clock (NTP): Entra refuses assertions that are five minutes off."
        return Finding(detail, hint, Result.FAILED if abs(skew) >= _REFUSED_SKEW else Result.WARNING)

    def _urls(self) -> list[str]:
        urls = [url for url in (self._settings.token_url, self._settings.graph_url) if url]
        return list({urlsplit(url).netloc: url for url in urls}.values())

    async def _get(self, url: str) -> GraphResponse:
        asked = time.time()
        answer = await self._onedrive.session.send_unauthenticated("GET", url)
        told = answer.headers.get("Date")
        if told and self._skew is None:
            try:
                moment = parsedate_to_datetime(told).timestamp()
            except ValueError:
                return answer
            # The header has whole seconds: half a second is its mean.
            self._skew = moment + 0.5 - (asked + time.time()) / 2, urlsplit(url).hostname or ""
        return answer


def _trust(scheme: str) -> str:
    return ", its TLS certificate is trusted" if scheme == "https" else " (plain http, this machine)"
