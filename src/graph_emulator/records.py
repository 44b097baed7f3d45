"""What the emulator remembers of each request, without what would let someone in."""

from __future__ import annotations

import re
from dataclasses import dataclass

_SECRETS = re.compile(r"(tempauth=)[^&]*|(/_(?:upload|monitor)/)[^/?]*")


@dataclass(frozen=True, slots=True)
class Record:
    """One request that was answered. Secrets in its target are left out; `route` is the template it was for.

    `batched` requests came inside a $batch, which has a record of its own.
    """

    method: str
    target: str
    status: int
    client_request_id: str | None
    route: str | None
    batched: bool = False


def without_secrets(target: str) -> str:
    """Return a target with the proofs of pre-authenticated addresses left out."""
    return _SECRETS.sub(r"\1\2...", target)
