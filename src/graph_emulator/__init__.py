"""A faithful local Microsoft Entra ID and Microsoft Graph v1.0 tenant, for tests and for trying things out.

It stands on documented facts alone and shares no code with any client. Start it with `python -m graph_emulator` or,
in a program, `Emulator().serve_in_thread()`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from graph_emulator.behaviour import Behaviour
    from graph_emulator.clock import Clock
    from graph_emulator.emulator import Emulator
    from graph_emulator.messages import Request, Response

__all__ = ["Behaviour", "Clock", "Emulator", "Request", "Response"]

_HOMES = {
    "Behaviour": "behaviour",
    "Clock": "clock",
    "Emulator": "emulator",
    "Request": "messages",
    "Response": "messages",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
