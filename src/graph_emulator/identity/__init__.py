"""Microsoft Entra ID in small: it checks how applications prove themselves, and signs access tokens."""

from graph_emulator.identity.identity import Identity
from graph_emulator.identity.tokens import TokenClaims

__all__ = ["Identity", "TokenClaims"]
