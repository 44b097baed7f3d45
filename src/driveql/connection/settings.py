"""What a session needs to know, validated and immutable. Its `repr` never shows a secret."""

from __future__ import annotations

from dataclasses import dataclass, fields
from enum import StrEnum
from pathlib import Path
from typing import Literal

from driveql.connection.clouds import CLOUDS, GLOBAL
from driveql.connection.secrets import SecretReference

AssertionAlgorithm = Literal["PS256", "RS256"]
CacheMode = Literal["none", "metadata", "all"]
CacheStorage = Literal["memory", "file"]


class StorageMode(StrEnum):
    """Where the certificate's private key lies."""

    PFX_FILE = "PfxFile"
    PEM_FILE = "PemFile"
    CURRENT_USER_STORE = "CurrentUserStore"
    LOCAL_MACHINE_STORE = "LocalMachineStore"
    PKCS11 = "Pkcs11"


class RetryMode(StrEnum):
    """Which failed requests are sent again."""

    NONE = "None"
    RETRY_ANY = "RetryAny"
    RETRY_WHEN_STATUS_CODE_MATCH = "RetryWhenStatusCodeMatch"


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class ConnectionSettings:
    """One connection, as `settings_from` makes it. Times are seconds, sizes bytes; `parameters.py` says what each field
    means.

    `group_or_user_id` is a path below the Graph root (`/users/alice@contoso.com`, `/groups/..`,
    `/sites/{host}:/{path}`) or "" for the signed-in user.
    """

    token_url: str = ""
    graph_url: str = GLOBAL.graph_url
    cloud: str = GLOBAL.name
    client_id: str = ""
    storage_mode: StorageMode = StorageMode.PFX_FILE
    certificate_path: Path | None = None
    certificate_key_path: Path | None = None
    certificate_bytes: bytes | None = None
    certificate_password: SecretReference | None = None
    certificate_thumbprint: str | None = None
    certificate_subject: str | None = None
    assertion_algorithm: AssertionAlgorithm = "PS256"
    send_x5c: bool = False
    client_secret: SecretReference | None = None
    group_or_user_id: str = ""
    drive_id: str | None = None
    retry_mode: RetryMode = RetryMode.RETRY_WHEN_STATUS_CODE_MATCH
    retry_status_codes: frozenset[int] = frozenset({423, 429, 503})
    retry_count_max: int = 5
    retry_multiply_wait_time: bool = True
    retry_time_budget: float = 300.0
    search_option_for_non_indexed_fields: str | None = None
    extra_headers: tuple[tuple[str, str], ...] = ()
    proxy: str | None = None
    ca_bundle: Path | None = None
    timeout: float = 60.0
    log_level: str = "WARNING"
    max_concurrency: int = 16
    read_only: bool = False
    cache_mode: CacheMode = "none"
    cache_ttl: float = 300.0
    cache_storage: CacheStorage = "memory"
    cache_size: int = 256 << 20
    name: str | None = None

    @property
    def uses_certificate(self) -> bool:
        """True where the application proves itself with a certificate."""
        return self.certificate_path is not None or self.certificate_bytes is not None

    @property
    def uses_application_credentials(self) -> bool:
        """True where the application itself signs in (certificate or secret), without a person."""
        return self.uses_certificate or self.client_secret is not None

    @property
    def tenant(self) -> str:
        """Return the tenant's id or domain, as the token URL has it; "" without a token URL."""
        path = self.token_url.split("://", 1)[-1].partition("/")[2]
        return path.partition("/")[0]

    @property
    def scope(self) -> str:
        """Return the scope to ask for.

        It names the cloud's Graph even where `graph_url` is an emulator or a gateway.
        """
        return f"{CLOUDS[self.cloud].graph_url}/.default"

    def __repr__(self) -> str:
        shown = (f"{field.name}={_shown(field.name, getattr(self, field.name))}" for field in fields(self))
        return f"ConnectionSettings({', '.join(shown)})"


def _shown(name: str, value: object) -> str:
    if value is not None and name == "certificate_bytes":
        return "***"
    if name == "extra_headers" and isinstance(value, tuple):
        return repr(tuple((header, "***") for header, _ in value))
    if name == "proxy" and isinstance(value, str):
        return repr(without_password(value))
    return repr(value)


def without_password(address: str) -> str:
    """Return a URL with `***` in place of the user and password inside it."""
    scheme, separator, rest = address.rpartition("://")
    _, at, host = rest.rpartition("@")
    return f"{scheme}{separator}***@{host}" if at else address
