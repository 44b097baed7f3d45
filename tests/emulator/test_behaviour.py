"""How the tenant behaves can be changed from outside, while it runs."""

from __future__ import annotations

import asyncio
from typing import Any

import orjson
import pytest

from graph_emulator import Emulator, Request


def admin(emulator: Emulator, method: str, body: Any = None) -> tuple[int, Any]:
    request = Request(method, "http://127.0.0.1:80", "/_admin/behaviour", body=orjson.dumps(body or {}))
    response = asyncio.run(emulator.handle(request))
    assert isinstance(response.body, bytes)
    return response.status, orjson.loads(response.body)


def test_changing_it(emulator: Emulator) -> None:
    assert admin(emulator, "GET")[1]["copy_polls"] == 2
    changes = {"copy_polls": 5, "delta_lag": 3, "delta_repeats": True, "batch_order": "kept"}
    status, now = admin(emulator, "POST", changes)
    assert (status, {name: now[name] for name in changes}) == (200, changes)
    assert emulator.world.behaviour.copy_polls == 5


@pytest.mark.parametrize(
    "wrong", [{"no_such": 1}, {"copy_polls": "2"}, {"copy_polls": True}, {"delta_repeats": 1}]
)
def test_what_it_does_not_know(emulator: Emulator, wrong: dict[str, Any]) -> None:
    status, answer = admin(emulator, "POST", {"delta_lag": 9.0, **wrong})
    assert status == 400
    assert next(iter(wrong)) in answer["error"]
    assert emulator.behaviour.delta_lag == 0.0
