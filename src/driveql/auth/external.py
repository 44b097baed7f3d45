"""Any azure-core credential object as a driveql credential: managed identity, workload identity, Azure CLI and others.

Only its protocol is known here; azure packages are not imported.
"""

from __future__ import annotations

import asyncio
import inspect
import time
from collections.abc import Callable
from typing import Any

from driveql.auth.access_token import AccessToken, token_of
from driveql.auth.credential import TokenPost
from driveql.auth.entra_errors import error_from_text
from driveql.errors import AuthenticationError, ConfigurationError, ProtocolError


class ExternalCredential:
    """Wraps a `TokenCredential` or `AsyncTokenCredential` (`get_token_info`, or the older `get_token`).

    A synchronous one runs in a thread. Its own transport carries the request; `post` is not used.
    """

    def __init__(self, credential: object, scope: str, *, clock: Callable[[], float] = time.time) -> None:
        if not callable(getattr(credential, "get_token", None)) and not _has_info(credential):
            raise ConfigurationError(
                f"A {type(credential).__name__} is not a credential: it has no get_token method.",
                hint="Pass an azure-identity object, such as DefaultAzureCredential().",
            )
        self._credential, self._scope, self._clock = credential, scope, clock

    async def fetch(self, post: TokenPost, *, claims: str | None = None) -> AccessToken:  # noqa: ARG002  # the protocol's
        """Return a new token. Raises AuthenticationError with what the credential said, ProtocolError."""
        try:
            answer = await self._ask(claims)
        except AuthenticationError:
            raise
        except Exception as error:  # foreign code may raise anything; all of it means "no token"
            raise error_from_text(f"{type(error).__name__}: {error}") from None
        value, expires_on = getattr(answer, "token", None), getattr(answer, "expires_on", None)
        if not isinstance(value, str) or not isinstance(expires_on, (int, float)):
            raise ProtocolError(
                f"{type(self._credential).__name__} returned something that is not an access token."
            )
        refresh_on, now = getattr(answer, "refresh_on", None), self._clock()
        return token_of(value, now, expires_on - now, refresh_on - now if refresh_on is not None else None)

    async def _ask(self, claims: str | None) -> Any:
        method, arguments = self._call(claims)
        if inspect.iscoroutinefunction(method):
            return await method(*arguments[0], **arguments[1])
        answer = await asyncio.to_thread(method, *arguments[0], **arguments[1])
        return await answer if inspect.isawaitable(answer) else answer

    def _call(self, claims: str | None) -> tuple[Callable[..., Any], tuple[tuple[Any, ...], dict[str, Any]]]:
        credential: Any = self._credential
        if _has_info(credential):
            options = {"claims": claims, "enable_cae": True} if claims else {}
            return credential.get_token_info, ((self._scope,), {"options": options} if options else {})
        return credential.get_token, ((self._scope,), {"claims": claims} if claims else {})

    def __repr__(self) -> str:
        return f"ExternalCredential({type(self._credential).__name__})"


def _has_info(credential: object) -> bool:
    return callable(getattr(credential, "get_token_info", None))
