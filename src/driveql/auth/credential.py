"""How a session obtains a token: each credential decides what travels; the transport's `TokenPost` carries it."""

from __future__ import annotations

import time
import uuid
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Protocol

from driveql.auth.access_token import AccessToken, read_token
from driveql.auth.assertion import ASSERTION_TYPE, build
from driveql.auth.entra_errors import error_from
from driveql.auth.signing import Signer
from driveql.connection.settings import ConnectionSettings
from driveql.errors import ConfigurationError

__all__ = [
    "AccessToken",
    "CertificateCredential",
    "ClientSecretCredential",
    "Credential",
    "TokenPost",
    "TokenResponse",
    "credential_for",
]


@dataclass(frozen=True, slots=True)
class TokenResponse:
    """What the token endpoint answered. The body may hold a token and is not shown."""

    status: int
    body: bytes = field(repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)


TokenPost = Callable[[str, Mapping[str, str]], Awaitable[TokenResponse]]
"""Post a form to a URL and return the answer, whatever its status. Raises TransportError."""


class Credential(Protocol):
    """What a token cache needs: a new token each time it is asked."""

    async def fetch(self, post: TokenPost, *, claims: str | None = None) -> AccessToken:
        """Return a new token. `claims` is a claims challenge of Graph's 401. Raises AuthenticationError."""


class CertificateCredential:
    """Signs in with a client assertion (RFC 7523). Clock and ids may be injected."""

    def __init__(
        self,
        settings: ConnectionSettings,
        signer: Signer | None = None,
        *,
        clock: Callable[[], float] = time.time,
        new_id: Callable[[], str] = lambda: str(uuid.uuid4()),
    ) -> None:
        self._settings, self._signer, self._clock, self._new_id = settings, signer, clock, new_id

    @property
    def signer(self) -> Signer:
        """The certificate's signer, read at its first use. Raises InvalidCertificateError and its leaves, SecretError."""
        if self._signer is None:
            from driveql.auth.local_key import signer_from

            self._signer = signer_from(self._settings)
        return self._signer

    def assertion(self) -> str:
        """Return a new client assertion. Raises CertificateValidityError and what `signer` raises."""
        from driveql.auth.local_key import check_validity

        now, settings = self._clock(), self._settings
        check_validity(self.signer, datetime.fromtimestamp(now, UTC))
        return build(
            self.signer,
            settings.client_id,
            settings.token_url,
            now,
            self._new_id(),
            algorithm=settings.assertion_algorithm,
            x5c=settings.send_x5c,
        )

    async def fetch(self, post: TokenPost, *, claims: str | None = None) -> AccessToken:
        """Return a new token. Raises AuthenticationError, ConfigurationError, ProtocolError."""
        proof = {"client_assertion_type": ASSERTION_TYPE, "client_assertion": self.assertion()}
        return await _redeem(self._settings, post, proof, claims, self._clock)

    def __repr__(self) -> str:
        return f"CertificateCredential(client_id={self._settings.client_id!r})"


class ClientSecretCredential:
    """Signs in with a client secret, read from its place at each sign-in so that a rotated one is found."""

    def __init__(self, settings: ConnectionSettings, *, clock: Callable[[], float] = time.time) -> None:
        self._settings, self._clock = settings, clock

    async def fetch(self, post: TokenPost, *, claims: str | None = None) -> AccessToken:
        """Return a new token. Raises AuthenticationError, SecretError, ProtocolError."""
        if self._settings.client_secret is None:
            raise ConfigurationError("No client secret is configured.", hint="Set ClientSecret.")
        proof = {"client_secret": self._settings.client_secret.reveal(purpose="client secret")}
        return await _redeem(self._settings, post, proof, claims, self._clock)

    def __repr__(self) -> str:
        return f"ClientSecretCredential(client_id={self._settings.client_id!r})"


def credential_for(settings: ConnectionSettings, external: object | None = None) -> Credential:
    """Return the credential of these settings, or `external`: an azure-core credential, or one of driveql's own.

    Raises ConfigurationError where nothing can sign in.
    """
    if external is not None:
        if hasattr(external, "fetch"):
            return external
        from driveql.auth.external import ExternalCredential

        return ExternalCredential(external, settings.scope)
    if settings.uses_certificate:
        return CertificateCredential(settings)
    if settings.client_secret is not None:
        return ClientSecretCredential(settings)
    raise ConfigurationError(
        "Neither a certificate, a client secret nor a credential object is given.",
        hint="Set CertificatePath, or pass credential= an azure-identity object.",
    )


async def _redeem(
    settings: ConnectionSettings,
    post: TokenPost,
    proof: Mapping[str, str],
    claims: str | None,
    clock: Callable[[], float],
) -> AccessToken:
    form = {
        "grant_type": "client_credentials",
        "client_id": settings.client_id,
        "scope": settings.scope,
        **proof,
    }
    if claims is not None:
        form["claims"] = claims
    # Life counts from before the request: a slow answer must not lengthen it.
    asked = clock()
    response = await post(settings.token_url, form)
    if response.status != 200:
        raise error_from(response.status, response.body)
    return read_token(response.body, asked)
