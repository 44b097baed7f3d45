"""Resource units: what requests cost, and when an application has spent too much."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph_emulator.clock import Clock
from graph_emulator.identity import TokenClaims
from graph_emulator.throttling import Throttle, price

ITEM = "/drives/{drive-id}/items/{item-id}"
CALLER = TokenClaims("tenant", "client", "principal", frozenset(), 0.0)
OTHER = TokenClaims("tenant", "another", "principal", frozenset(), 0.0)


@pytest.mark.parametrize(
    ("method", "route", "query", "units"),
    [
        ("GET", ITEM, "", 1),
        ("GET", "/users/{user-id}/drive/root:/{path}", "", 1),
        ("GET", f"{ITEM}/content", "", 1),
        ("GET", "/users/{user-id}/drive", "", 1),
        ("GET", "/drives/{drive-id}/root/delta", "token=abc", 1),
        ("GET", "/drives/{drive-id}/root/delta", "", 2),
        ("GET", f"{ITEM}/children", "$top=1000", 2),
        ("PUT", f"{ITEM}/content", "", 2),
        ("POST", f"{ITEM}/createUploadSession", "", 2),
        ("PATCH", ITEM, "", 2),
        ("DELETE", ITEM, "", 2),
        ("GET", f"{ITEM}/permissions", "", 5),
        ("POST", f"{ITEM}/createLink", "", 5),
        ("GET", ITEM, "$expand=permissions", 5),
        ("GET", f"{ITEM}/children", "expand=thumbnails,permissions", 5),
        ("GET", "/users", "", 2),
        ("GET", "/users", "$select=id", 1),
        ("GET", "/users", "%24select=id&%24top=5", 1),
        ("GET", "/users", "$expand=manager", 3),
        ("GET", "/groups/{group-id}/members", "", 3),
        ("GET", "/groups/{group-id}/members", "$top=19", 2),
        ("GET", "/groups/{group-id}/members", "$top=20", 3),
        ("GET", "/groups", "", 1),
    ],
)
def test_prices(method: str, route: str, query: str, units: int) -> None:
    assert price(method, route, query) == units


def test_nothing_is_limited_unless_configured() -> None:
    throttle = Throttle(Clock(fixed=0.0))
    for _ in range(10_000):
        assert throttle.charge(CALLER, "GET", "/users") is None
        assert throttle.charge(CALLER, "GET", ITEM) is None
    assert throttle.headers(CALLER, "GET", ITEM) == {}


def test_files_limit_announces_itself_and_then_refuses() -> None:
    clock = Clock(fixed=1000.0)
    throttle = Throttle(clock, files_per_minute=10)
    for _ in range(7):
        assert throttle.charge(CALLER, "GET", ITEM) is None
    assert throttle.headers(CALLER, "GET", ITEM) == {}
    clock.advance(20)
    assert throttle.charge(CALLER, "GET", ITEM) is None
    assert throttle.headers(CALLER, "GET", ITEM) == {
        "RateLimit-Limit": "10",
        "RateLimit-Remaining": "2",
        "RateLimit-Reset": "40",
    }
    assert throttle.charge(CALLER, "GET", f"{ITEM}/children") is None
    refused = throttle.charge(CALLER, "GET", ITEM)
    assert refused is not None
    assert refused.status == 429
    assert refused.headers["Retry-After"] == "40"
    assert refused.headers["RateLimit-Remaining"] == "0"
    assert throttle.charge(OTHER, "GET", ITEM) is None
    clock.advance(40)
    assert throttle.charge(CALLER, "GET", ITEM) is None


def test_directory_bucket_fills_again() -> None:
    clock = Clock(fixed=1000.0)
    throttle = Throttle(clock, directory_per_window=20)
    for _ in range(10):
        assert throttle.charge(CALLER, "GET", "/users") is None
    assert throttle.headers(CALLER, "GET", "/users") == {
        "x-ms-resource-unit": "2",
        "x-ms-throttle-limit-percentage": "1.00",
    }
    refused = throttle.charge(CALLER, "GET", "/users")
    assert refused is not None
    assert (refused.status, refused.headers["Retry-After"]) == (429, "1")
    assert refused.headers["x-ms-throttle-information"] == "ResourceUnitLimitExceeded"
    assert throttle.charge(CALLER, "GET", ITEM) is None
    clock.advance(1)
    assert throttle.charge(CALLER, "GET", "/users") is None
    assert throttle.charge(CALLER, "GET", "/users") is not None


@given(
    st.lists(st.tuples(st.floats(0, 30), st.sampled_from([ITEM, f"{ITEM}/children", f"{ITEM}/permissions"])))
)
def test_no_minute_lets_more_through_than_its_limit(calls: list[tuple[float, str]]) -> None:
    clock = Clock(fixed=0.0)
    throttle = Throttle(clock, files_per_minute=25)
    spent: dict[float, int] = {}
    window = None
    for pause, route in calls:
        clock.advance(pause)
        if window is None or clock.now() >= window + 60:
            window = clock.now()
        if throttle.charge(CALLER, "GET", route) is None:
            spent[window] = spent.get(window, 0) + price("GET", route, "")
    assert all(units <= 25 for units in spent.values())
