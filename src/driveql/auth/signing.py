"""The one seam through which everything is signed: a key may live in a file, a store or a token, and never
leave it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime
from typing import Literal, Protocol, runtime_checkable

Algorithm = Literal["PS256", "RS256"]


@runtime_checkable
class Signer(Protocol):
    """A certificate and the power to sign with its private key. Times are in UTC."""

    @property
    def certificate_der(self) -> bytes:
        """The certificate."""

    @property
    def chain_der(self) -> Sequence[bytes]:
        """The certificates that issued it, nearest first; without the certificate itself."""

    @property
    def thumbprint_sha1(self) -> bytes:
        """The SHA-1 digest of the certificate, 20 bytes."""

    @property
    def thumbprint_sha256(self) -> bytes:
        """The SHA-256 digest of the certificate, 32 bytes."""

    @property
    def not_valid_before(self) -> datetime:
        """The first moment at which the certificate is valid."""

    @property
    def not_valid_after(self) -> datetime:
        """The last moment at which the certificate is valid."""

    def sign(self, data: bytes, algorithm: Algorithm) -> bytes:
        """Return the signature of `data`: RSASSA-PSS or PKCS#1 v1.5, both with SHA-256 (RFC 7518, 3.3 and
        3.5).
        """


def sha1(der: bytes) -> bytes:
    """Return the digest that Entra shows as a certificate's thumbprint.

    It identifies; nothing rests on its strength.
    """
    return hashlib.sha1(der, usedforsecurity=False).digest()


def sha256(der: bytes) -> bytes:
    """Return the SHA-256 digest."""
    return hashlib.sha256(der).digest()
