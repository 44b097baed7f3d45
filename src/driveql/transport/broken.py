"""What a person reads where no answer came, whichever way a request was sent: only the host is named, never the URL."""

from __future__ import annotations

from driveql.errors import ConnectError, ConnectionLostError, ProtocolError, RequestTimeoutError, TlsError


def tls_failed(where: str, reason: str) -> TlsError:
    """TLS could not be agreed on."""
    return TlsError(
        f"TLS with {where} failed: {reason}.",
        hint="If a company proxy inspects traffic, give its CA with CaBundle. `driveql doctor` tests the trust.",
    )


def refused_by_proxy(where: str, reason: str) -> ConnectError:
    """The proxy leads nowhere."""
    return ConnectError(
        f"The proxy refused the way to {where}: {reason}.", hint="Check Proxy and its user and password."
    )


def unreachable(where: str, reason: str) -> ConnectError:
    """No connection could be made; nothing was sent."""
    return ConnectError(
        f"No connection to {where} could be made: {reason}.",
        hint="Check the network, DNS and Proxy; `driveql doctor` tests them one by one.",
        retryable=True,
    )


def timed_out(where: str) -> RequestTimeoutError:
    """The server was silent for too long."""
    return RequestTimeoutError(
        f"{where} did not answer in time.",
        hint="Timeout sets how many seconds are waited.",
        retryable=True,
    )


def unusable_url(where: str) -> ProtocolError:
    """The server gave an address that is none."""
    return ProtocolError(f"The address on {where} is not a usable URL.")


def lost(where: str, reason: str) -> ConnectionLostError:
    """The connection broke; what was sent may have been received."""
    return ConnectionLostError(f"The connection to {where} broke: {reason}.", retryable=True)
