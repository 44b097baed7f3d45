"""The addresses of a running emulator."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from graph_emulator.proxy import ConnectProxy

if TYPE_CHECKING:
    from graph_emulator.emulator import Emulator
    from graph_emulator.store import Tenant


@dataclass(frozen=True, slots=True)
class Running:
    """Where a running emulator listens. `tls_port`, `proxy_port` and `ca_path` are None without TLS or proxy."""

    emulator: Emulator
    host: str
    port: int
    tls_port: int | None = None
    proxy_port: int | None = None
    ca_path: Path | None = None
    proxy: ConnectProxy | None = None

    @property
    def graph_url(self) -> str:
        """Return Graph's origin over plain HTTP; requests add `/v1.0/...`."""
        return f"http://{self.host}:{self.port}"

    @property
    def login_url(self) -> str:
        """Return Entra's origin over plain HTTP; requests add `/{tenant}/...`."""
        return self.graph_url

    @property
    def admin_url(self) -> str:
        """Return where the emulator itself is asked and told things."""
        return f"{self.graph_url}/_admin"

    @property
    def tls_graph_url(self) -> str | None:
        """Return Graph's origin over TLS, reached directly."""
        return f"https://localhost:{self.tls_port}" if self.tls_port is not None else None

    @property
    def tls_login_url(self) -> str | None:
        """Return Entra's origin over TLS, reached directly."""
        return self.tls_graph_url

    @property
    def proxy_url(self) -> str | None:
        """Return the proxy that leads the real host names here."""
        return f"http://{self.host}:{self.proxy_port}" if self.proxy_port is not None else None

    def token_url(self, tenant: Tenant | None = None) -> str:
        """Return the token endpoint of a tenant (the first when None) over plain HTTP."""
        return f"{self.login_url}/{(tenant or self.emulator.tenant).tenant_id}/oauth2/v2.0/token"
