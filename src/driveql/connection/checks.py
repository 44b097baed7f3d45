"""From parameters by their official names to `ConnectionSettings`: each value read, then all of them held against each other.

What cannot work is refused here, before any request, with an error of its own.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

from driveql.connection.clouds import CLOUDS, GLOBAL, Cloud, cloud_of_login, shares_login
from driveql.connection.parameters import BY_NAME
from driveql.connection.secrets import SecretReference
from driveql.connection.settings import ConnectionSettings, RetryMode, StorageMode
from driveql.connection.web_addresses import MULTI_TENANT
from driveql.errors import ConfigurationError

_SAME_NAMED = {  # official name -> field, for those that settings take as they are read
    "CertificateKeyPath": "certificate_key_path",
    "CertificatePath": "certificate_path",
    "CertificatePassword": "certificate_password",
    "CertificateThumbprint": "certificate_thumbprint",
    "CertificateSubject": "certificate_subject",
    "AssertionAlgorithm": "assertion_algorithm",
    "SendX5c": "send_x5c",
    "ClientSecret": "client_secret",
    "GroupOrUserId": "group_or_user_id",
    "DriveId": "drive_id",
    "RetryStatusCodeList": "retry_status_codes",
    "RetryCountMax": "retry_count_max",
    "RetryMultiplyWaitTime": "retry_multiply_wait_time",
    "RetryTimeBudget": "retry_time_budget",
    "SearchOptionForNonIndexedFields": "search_option_for_non_indexed_fields",
    "ExtraHeaders": "extra_headers",
    "Proxy": "proxy",
    "CaBundle": "ca_bundle",
    "Timeout": "timeout",
    "LogLevel": "log_level",
    "MaxConcurrency": "max_concurrency",
    "ReadOnly": "read_only",
    "CacheMode": "cache_mode",
    "CacheTtl": "cache_ttl",
    "CacheStorage": "cache_storage",
    "CacheSize": "cache_size",
}


def validated(
    layer: Mapping[str, object],
    *,
    name: str | None = None,
    environ: Mapping[str, str] | None = None,
    external_credential: bool = False,
) -> ConnectionSettings:
    """Return the settings for parameters by their official names. Raises ParameterError, SecretError."""
    given = {key: _read(key, value) for key, value in layer.items() if not _blank(value)}
    for check in (_check_alternatives, _check_storage_mode):
        check(given)
    if not external_credential:
        _check_application(given)
    cloud, token_url = _cloud_and_token_url(given)
    fields: dict[str, Any] = {field: given[key] for key, field in _SAME_NAMED.items() if key in given}
    if "RetryMode" in given:
        fields["retry_mode"] = RetryMode(given["RetryMode"])
    if "CertificateBytes" in given:
        fields["certificate_bytes"] = _certificate_bytes(given["CertificateBytes"], environ)
    settings = ConnectionSettings(
        token_url=token_url,
        graph_url=str(given.get("GraphUrl", cloud.graph_url)),
        cloud=cloud.name,
        client_id=str(given.get("ClientId", "")),
        storage_mode=_storage_mode(given),
        name=name,
        **fields,
    )
    if settings.uses_application_credentials and not external_credential:
        _check_application_credentials(settings, given)
    return settings


def _blank(value: object) -> bool:
    return value is None or (isinstance(value, str) and not value.strip())


def _read(name: str, value: object) -> Any:
    return BY_NAME[name].read(value)


def _check_alternatives(given: Mapping[str, Any]) -> None:
    certificate = next((name for name in ("CertificatePath", "CertificateBytes") if name in given), None)
    if "ClientSecret" in given and certificate:
        raise BY_NAME["ClientSecret"].fault(
            f"it is given together with {certificate}", "Give the one that signs in."
        )
    for first, second in (("TokenUrl", "TenantId"), ("CertificatePath", "CertificateBytes")):
        if first in given and second in given:
            raise BY_NAME[second].fault(f"it is given together with {first}", "Give one of the two.")


def _check_storage_mode(given: Mapping[str, Any]) -> None:
    mode = given.get("StorageMode")
    if mode in {StorageMode.CURRENT_USER_STORE, StorageMode.LOCAL_MACHINE_STORE, StorageMode.PKCS11}:
        raise BY_NAME["StorageMode"].fault(
            f"{mode} is not available yet in this version", "Export the certificate to a PFX or PEM file."
        )


def _check_application(given: Mapping[str, Any]) -> None:
    missing = BY_NAME["ClientId"], BY_NAME["TokenUrl"]
    if not given:
        raise ConfigurationError(
            "No connection is configured.",
            hint="driveql connect add stores one; DRIVEQL_CONNECTION_STRING gives one.",
        )
    if "ClientId" not in given:
        raise missing[0].fault(
            "it is missing", "It is the application (client) id on the app registration's overview."
        )
    if "TokenUrl" not in given and "TenantId" not in given:
        raise missing[1].fault("it is missing, and TenantId too", "Either says which tenant signs in.")
    if not {"ClientSecret", "CertificatePath", "CertificateBytes"} & set(given):
        raise BY_NAME["CertificatePath"].fault(
            "neither a certificate nor a client secret is given", "Make one with: driveql cert create."
        )
    if given.get("IsAppCred") is False:
        raise BY_NAME["IsAppCred"].fault(
            "it is set by the authentication type, never by a person", "Leave it out."
        )


def _check_application_credentials(settings: ConnectionSettings, given: Mapping[str, Any]) -> None:
    if settings.tenant in MULTI_TENANT:
        parameter = BY_NAME["TokenUrl" if "TokenUrl" in given else "TenantId"]
        raise parameter.fault(
            f"an application cannot sign in to '{settings.tenant}', which names no single tenant",
            "Use the tenant's id or domain.",
        )
    if not settings.group_or_user_id:
        raise BY_NAME["GroupOrUserId"].fault(
            "blank means my self, and an application that signs in by itself is nobody",
            "Say whose drives: a user, a group or a site.",
        )


def _cloud_and_token_url(given: Mapping[str, Any]) -> tuple[Cloud, str]:
    chosen = CLOUDS[given["Cloud"]] if "Cloud" in given else None
    if "TokenUrl" not in given:
        cloud = chosen or GLOBAL
        return cloud, cloud.token_url(given["TenantId"]) if "TenantId" in given else ""
    token_url = str(given["TokenUrl"])
    scheme, _, rest = token_url.partition("://")
    origin = f"{scheme}://{rest.partition('/')[0]}"
    if chosen and not shares_login(chosen, origin):
        raise BY_NAME["Cloud"].fault(f"tenants of {chosen.name} do not sign in at the TokenUrl's host")
    return chosen or cloud_of_login(origin) or GLOBAL, token_url


def _storage_mode(given: Mapping[str, Any]) -> StorageMode:
    if "StorageMode" in given:
        return StorageMode(given["StorageMode"])
    suffix = cast(Path, given.get("CertificatePath", Path())).suffix.lower()
    return StorageMode.PEM_FILE if suffix in {".pem", ".crt", ".cer", ".key"} else StorageMode.PFX_FILE


def _certificate_bytes(value: bytes | SecretReference, environ: Mapping[str, str] | None) -> bytes:
    if isinstance(value, bytes):
        return value
    content = value.reveal(environ=environ, purpose="certificate").strip()
    if content.startswith("-----BEGIN"):
        # One-line environment variables often carry \n as two characters.
        return content.replace("\\n", "\n").encode()
    try:
        return base64.b64decode("".join(content.split()), validate=True)
    except (binascii.Error, ValueError):
        raise BY_NAME["CertificateBytes"].fault("it is neither PEM text nor base64") from None
