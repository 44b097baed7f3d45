"""Applications and the credentials registered on them: what Entra knows about who may ask for a token.

Follows the application and servicePrincipal resources of Microsoft Graph: several certificates and secrets
at a time, any registered one accepted.
"""

from __future__ import annotations

import hashlib
import secrets
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding


@dataclass(slots=True)
class RegisteredCertificate:
    """A public certificate uploaded to an application: one of its keyCredentials."""

    der: bytes
    key_id: str = field(default_factory=lambda: str(uuid.uuid4()))

    @property
    def x509(self) -> x509.Certificate:
        """Return the parsed certificate."""
        return x509.load_der_x509_certificate(self.der)

    @property
    def sha1(self) -> bytes:
        """Return the thumbprint the portal shows: SHA-1 over the DER."""
        return hashlib.sha1(self.der, usedforsecurity=False).digest()

    @property
    def sha256(self) -> bytes:
        """Return the thumbprint of `x5t#S256`: SHA-256 over the DER."""
        return hashlib.sha256(self.der).digest()


@dataclass(slots=True)
class RegisteredSecret:
    """A client secret: one of an application's passwordCredentials. `expires`: seconds since 1970."""

    value: str = field(repr=False)
    key_id: str = field(default_factory=lambda: str(uuid.uuid4()))
    expires: float | None = None

    @property
    def hint(self) -> str:
        """Return the first three characters, which is all the portal shows later."""
        return self.value[:3]


@dataclass(slots=True)
class Application:
    """An application with its service principal in one tenant, and the permissions granted to it."""

    display_name: str
    client_id: str = field(default_factory=lambda: str(uuid.uuid4()))
    service_principal_id: str = field(default_factory=lambda: str(uuid.uuid4()))
    certificates: list[RegisteredCertificate] = field(default_factory=list)
    secrets: list[RegisteredSecret] = field(default_factory=list)
    permissions: set[str] = field(default_factory=set)
    enabled: bool = True
    public_client: bool = False

    def add_certificate(self, certificate: bytes | x509.Certificate) -> RegisteredCertificate:
        """Register a certificate given as DER, as PEM or parsed.

        Raises ValueError when it is none of these.
        """
        if isinstance(certificate, x509.Certificate):
            parsed = certificate
        elif b"-----BEGIN" in certificate:
            parsed = x509.load_pem_x509_certificate(certificate)
        else:
            parsed = x509.load_der_x509_certificate(certificate)
        registered = RegisteredCertificate(parsed.public_bytes(Encoding.DER))
        self.certificates.append(registered)
        return registered

    def add_secret(self, value: str | None = None, *, expires: float | None = None) -> str:
        """Register a client secret, made here in Entra's form when none is given, and return its value."""
        value = value or f"{secrets.token_urlsafe(2)[:3]}8Q~{secrets.token_urlsafe(25)[:34]}"
        self.secrets.append(RegisteredSecret(value, expires=expires))
        return value

    def certificate_with(
        self, *, sha1: bytes | None = None, sha256: bytes | None = None
    ) -> RegisteredCertificate | None:
        """Return the registered certificate with this thumbprint, or None."""
        for certificate in self.certificates:
            if sha256 is not None and certificate.sha256 == sha256:
                return certificate
            if sha256 is None and sha1 is not None and certificate.sha1 == sha1:
                return certificate
        return None


class TenantDirectory(Protocol):
    """What Entra needs to know of a tenant; the store's Tenant has it, among other things."""

    @property
    def tenant_id(self) -> str: ...
    @property
    def domain(self) -> str: ...
    @property
    def display_name(self) -> str: ...
    @property
    def applications(self) -> dict[str, Application]: ...


def find_tenant(tenants: Iterable[TenantDirectory], name: str) -> TenantDirectory | None:
    """Return the tenant with this GUID or domain name (any letter case), or None."""
    wanted = name.casefold()
    for tenant in tenants:
        if wanted in (tenant.tenant_id.casefold(), tenant.domain.casefold()):
            return tenant
    return None


def find_application(applications: Mapping[str, Application], client_id: str) -> Application | None:
    """Return the application with this client id (any letter case), or None."""
    wanted = client_id.casefold()
    return next((found for found in applications.values() if found.client_id.casefold() == wanted), None)
