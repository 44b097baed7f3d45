"""State."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from graph_emulator.emulator import Emulator


@contextlib.asynccontextmanager
async def kept(emulator: Emulator) -> AsyncIterator[None]:
    if emulator.state is not None:
        raise NotImplementedError("the state directory")
    yield
