"""An effect is what a fault does to one request: before it is carried out, or to its answer."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar

from graph_emulator.messages import Request, Response


@dataclass(slots=True)
class Exchange:
    """One request, its answer once there is one, and the emulator's time (seconds since 1970)."""

    request: Request
    now: float
    response: Response = field(default_factory=Response)


@dataclass(frozen=True, slots=True)
class Effect:
    """The seam of all effects. Each method returns None where the effect has nothing to do with the request."""

    kind: ClassVar[str] = ""
    acts_before: ClassVar[bool] = True

    def fits(self, _: Exchange, /) -> bool:
        """Tell whether the effect can happen to this request at all; where not, it is not counted."""
        return True

    async def before(self, exchange: Exchange, /) -> Response | None:
        """Answer in the service's place, or change `request`, or wait."""
        raise NotImplementedError

    async def after(self, exchange: Exchange, /) -> Response | None:
        """Return the answer as it will be sent instead, or None where the effect does not fit this answer."""
        raise NotImplementedError
