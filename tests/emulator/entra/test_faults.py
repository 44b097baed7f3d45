"""A fault happens where it was planned, as often as it was planned, and the plan tells."""

from __future__ import annotations

import json
from email.utils import parsedate_to_datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from multidict import CIMultiDict

from graph_emulator.clock import Clock
from graph_emulator.faults import (
    ClaimsChallenge,
    Delay,
    Drop,
    DropBefore,
    Effect,
    EmptyBody,
    EmptyPage,
    ExpiredUrl,
    Fault,
    FaultPlan,
    ForeignNextLink,
    IgnoreRange,
    Locked,
    NotFoundAfterCreate,
    NotJson,
    Refuse,
    RepeatedNextLink,
    Truncate,
)
from graph_emulator.faults.entry import KINDS
from graph_emulator.messages import Request, Response, json_response

GRAPH = "https://graph.microsoft.com"
CHILDREN = "/drives/{drive-id}/items/{item-id}/children"
TARGET = "/v1.0/drives/d/items/i/children?$top=2"
PAGE = {"value": [{"id": "1"}], "@odata.nextLink": f"{GRAPH}{TARGET}&$skiptoken=s"}
NOW = 1_780_000_000.0


def get(target: str = TARGET, method: str = "GET", **headers: str) -> Request:
    return Request(method, GRAPH, target, CIMultiDict(headers))


@pytest.fixture
def plan() -> FaultPlan:
    return FaultPlan(Clock(fixed=NOW))


def content(response: Response | None) -> Any:
    assert response is not None
    assert isinstance(response.body, bytes)
    return json.loads(response.body)


async def sent(plan: FaultPlan, request: Request, answer: Response, route: str = CHILDREN) -> Response:
    """Return what the client gets when the tenant would answer `answer`."""
    early = await plan.before(request, route)
    return await plan.after(request, route, early or answer)


@pytest.mark.parametrize(
    ("refuse", "header"),
    [
        (Refuse(429, retry_after=2), "2"),
        (Refuse(503, retry_after=2.128), "2.128"),
        (Refuse(429), None),
    ],
)
async def test_retry_after_in_its_forms(plan: FaultPlan, refuse: Refuse, header: str | None) -> None:
    plan.add(refuse)
    response = await plan.before(get(), CHILDREN)
    assert response is not None
    assert response.status == refuse.status
    assert response.headers.get("Retry-After") == header


async def test_retry_after_as_a_date_and_rate_limit_headers(plan: FaultPlan) -> None:
    plan.add(Refuse(429, retry_after=30, as_date=True, rate_limit=(1250, 0, 42)))
    response = await plan.before(get(), CHILDREN)
    assert response is not None
    assert parsedate_to_datetime(response.headers["Retry-After"]).timestamp() == NOW + 30
    assert response.headers["RateLimit-Reset"] == "42"
    assert content(response)["error"]["code"] == "activityLimitReached"


@pytest.mark.parametrize(
    ("shape", "code", "inner"),
    [(1, "resourceLocked", None), (2, "notAllowed", "resourceLocked"), (3, "accessDenied", None)],
)
async def test_locked_in_three_shapes(plan: FaultPlan, shape: Any, code: str, inner: str | None) -> None:
    plan.add(Locked(shape))
    response = await plan.before(get(method="PATCH"), None)
    assert response is not None
    assert response.status == 423
    error = content(response)["error"]
    assert error["code"] == code
    assert error["innerError"].get("code") == inner


async def test_claims_challenge(plan: FaultPlan) -> None:
    plan.add(ClaimsChallenge())
    response = await plan.before(get(), CHILDREN)
    assert response is not None
    assert response.status == 401
    assert 'error="insufficient_claims", claims="' in response.headers["www-authenticate"]


async def test_only_the_nth_and_only_so_often(plan: FaultPlan) -> None:
    fault = plan.add(Refuse(500), route="/children$", nth=3, count=2)
    statuses = [(await sent(plan, get(), Response(200))).status for _ in range(6)]
    assert statuses == [200, 200, 500, 500, 200, 200]
    assert (fault.seen, fault.fired) == (6, 2)


async def test_only_what_matches(plan: FaultPlan) -> None:
    plan.add(Refuse(500), method="get", route="/children$", target=r"top=2\b")
    assert await plan.before(get(method="POST"), CHILDREN) is None
    assert await plan.before(get(), "/users") is None
    assert await plan.before(get(), None) is None
    assert await plan.before(get("/v1.0/drives/d/items/i/children?$top=20"), CHILDREN) is None
    with pytest.raises(AssertionError, match=r"refuse \(0 of 1\)"):
        plan.assert_consumed()
    assert await plan.before(get(), CHILDREN) is not None
    plan.assert_consumed()
    assert plan.pending() == []
    assert plan.consumed()[0]["fired"] == 1


async def test_entries_act_in_order_until_one_answers(plan: FaultPlan) -> None:
    plan.add(Delay(0.0))
    plan.add(Refuse(503))
    plan.add(Refuse(504))
    statuses = [(await sent(plan, get(), Response(200))).status for _ in range(3)]
    assert statuses == [503, 504, 200]


async def test_empty_page_leads_to_the_page_that_was_asked_for(plan: FaultPlan) -> None:
    plan.add(EmptyPage(), count=2)
    assert await plan.before(get(method="POST"), CHILDREN) is None
    first = content(await plan.before(get(), CHILDREN))
    assert first["value"] == []
    second = content(await plan.before(get(first["@odata.nextLink"].removeprefix(GRAPH)), CHILDREN))
    assert second["@odata.nextLink"].startswith(GRAPH + TARGET)
    last = get(second["@odata.nextLink"].removeprefix(GRAPH))
    assert await plan.before(last, CHILDREN) is None
    assert last.target == TARGET
    plan.assert_consumed()


@pytest.mark.parametrize("target", ["/v1.0/users", "/v1.0/users?$top=1"])
async def test_the_mark_of_an_empty_page_is_taken_off_whole(plan: FaultPlan, target: str) -> None:
    plan.add(EmptyPage())
    page = content(await plan.before(get(target), "/users"))
    again = get(page["@odata.nextLink"].removeprefix(GRAPH))
    assert again.target != target
    await plan.before(again, "/users")
    assert again.target == target


async def test_next_link_that_repeats_or_leads_away(plan: FaultPlan) -> None:
    plan.add(RepeatedNextLink(), count=None)
    assert content(await sent(plan, get(), json_response(200, PAGE)))["@odata.nextLink"] == GRAPH + TARGET
    plan.clear()
    plan.add(ForeignNextLink("https://evil.example"))
    assert (await sent(plan, get(), json_response(200, {"id": "an item, no page"}))).status == 200
    link = content(await sent(plan, get(), json_response(200, PAGE)))["@odata.nextLink"]
    assert link == f"https://evil.example{TARGET}&$skiptoken=s"
    plan.assert_consumed()


async def test_damaged_answers(plan: FaultPlan) -> None:
    answer = json_response(200, PAGE)
    plan.add(Drop())
    assert (await sent(plan, get(), answer)).drop
    plan.add(DropBefore())
    assert (await sent(plan, get(), answer)).drop
    plan.add(NotJson())
    page = await sent(plan, get(), answer)
    assert page.headers["Content-Type"].startswith("text/html")
    plan.add(EmptyBody())
    assert (await sent(plan, get(), Response(404))).status == 404
    empty = await sent(plan, get(), answer)
    assert (empty.status, empty.body) == (200, b"")
    plan.add(Truncate(7))
    assert (await sent(plan, get(), answer)).truncate_after == 7
    plan.assert_consumed()


async def test_range_is_ignored_where_one_was_asked(plan: FaultPlan) -> None:
    plan.add(IgnoreRange())
    await plan.before(get(), CHILDREN)
    assert plan.pending()
    ranged = get(Range="bytes=5-")
    assert await plan.before(ranged, CHILDREN) is None
    assert "Range" not in ranged.headers
    plan.assert_consumed()


async def test_expired_url(plan: FaultPlan) -> None:
    for status in (401, 403, 404):
        plan.add(ExpiredUrl(status), target="^/_content/")  # type: ignore[arg-type]
        assert await plan.before(get(), CHILDREN) is None
        response = await plan.before(get("/_content/x?tempauth=y"), None)
        assert response is not None
        assert response.status == status


ITEM = {"id": "01ABC", "name": "A b.txt", "parentReference": {"id": "01P", "path": "/drives/d/root:/x%20y"}}


@pytest.mark.parametrize(
    "target",
    [
        "/v1.0/drives/d/items/01ABC",
        "/v1.0/drives/d/items/01ABC/content",
        "/v1.0/drives/d/root:/x%20y/A%20b.txt",
        "/v1.0/drives/d/root:/X%20Y/a%20B.txt:/content",
        "/v1.0/drives/d/items/01P:/A%20b.txt:",
    ],
)
async def test_what_was_just_created_is_not_found_at_first(plan: FaultPlan, target: str) -> None:
    plan.add(NotFoundAfterCreate(requests=2), method="PUT")
    assert (await sent(plan, get("/v1.0/x", "PUT"), json_response(201, ITEM))).status == 201
    assert await plan.before(get("/v1.0/drives/d/root:/x%20y/A%20b.txt2"), CHILDREN) is None
    assert await plan.before(get("/v1.0/drives/d/items/01P/children"), CHILDREN) is None
    statuses = [(await sent(plan, get(target), Response(200))).status for _ in range(4)]
    assert statuses == [404, 404, 200, 200]


async def test_not_found_for_some_seconds() -> None:
    clock = Clock(fixed=NOW)
    plan = FaultPlan(clock)
    plan.add(NotFoundAfterCreate(seconds=5))
    await sent(plan, get("/v1.0/x", "POST"), json_response(201, ITEM))
    target = "/v1.0/drives/d/items/01ABC"
    assert (await sent(plan, get(target), Response(200))).status == 404
    clock.advance(4.9)
    assert (await sent(plan, get(target), Response(200))).status == 404
    clock.advance(0.2)
    assert (await sent(plan, get(target), Response(200))).status == 200


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_every_effect_survives_its_json_form(kind: str) -> None:
    entry = Fault(KINDS[kind](), method="GET", route="/x$", target="y", nth=2, count=None)
    written = json.loads(json.dumps(entry.as_json()))
    told = {name: written.pop(name) for name in ("seen", "fired")}
    assert told == {"seen": 0, "fired": 0}
    assert Fault.from_json(written) == entry


def test_json_form_of_a_refusal() -> None:
    entry = Fault.from_json(
        {
            "effect": {"kind": "refuse", "status": 429, "retry_after": 1.5, "rate_limit": [10, 0, 9]},
            "count": 2,
        }
    )
    assert entry.effect == Refuse(429, retry_after=1.5, rate_limit=(10, 0, 9))


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        ({}, "effect.kind must be one of"),
        ({"effect": "refuse"}, "effect.kind"),
        ({"effect": {"kind": "magic"}}, "effect.kind"),
        ({"effect": {"kind": "refuse", "statsu": 500}}, "unknown field 'statsu'"),
        ({"effect": {"kind": "not_found_after_create", "hidden": []}}, "unknown field 'hidden'"),
        ({"effect": {"kind": "drop"}, "rout": "x"}, "unknown field 'rout'"),
        ({"effect": {"kind": "drop"}, "route": "("}, "route is not a regular expression"),
        ({"effect": {"kind": "drop"}, "nth": 0}, "nth must be"),
        ({"effect": {"kind": "drop"}, "count": "two"}, "count must be"),
        ({"effect": {"kind": "drop"}, "method": 5}, "method must be"),
        ({"effect": {"kind": "delay", "seconds": "long"}}, "seconds must be"),
        ({"effect": {"kind": "refuse", "status": "429"}}, "status must be"),
        ({"effect": {"kind": "refuse", "rate_limit": [1, 2]}}, "rate_limit must be"),
        ({"effect": {"kind": "refuse", "inner": [1]}}, "inner must be"),
        ({"effect": {"kind": "locked", "shape": 4}}, "shape must be"),
        ({"effect": {"kind": "expired_url", "status": 410}}, "status must be"),
    ],
)
def test_a_plan_that_is_wrong_is_refused_whole(plan: FaultPlan, entry: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        plan.add_json([{"effect": {"kind": "drop"}}, entry])
    assert plan.pending() == []


@given(nth=st.integers(1, 5), count=st.integers(1, 5) | st.none(), requests=st.integers(0, 12))
async def test_counting(nth: int, count: int | None, requests: int) -> None:
    plan = FaultPlan(Clock(fixed=NOW))
    fault = plan.add(Refuse(500), nth=nth, count=count)
    refused = [await plan.before(get(), CHILDREN) is not None for _ in range(requests)]
    last = requests if count is None else min(requests, nth - 1 + count)
    assert refused == [nth <= number <= last for number in range(1, requests + 1)]
    assert fault.spent is (sum(refused) == (count or 1) or (count is None and any(refused)))


def test_effects_are_listed() -> None:
    assert {kind.__name__ for kind in KINDS.values()} == {
        kind.__name__ for kind in _all(Effect) if kind.__module__.startswith("graph_emulator.")
    }


def _all(kind: type[Effect]) -> set[type[Effect]]:
    return {leaf for child in kind.__subclasses__() for leaf in ({child} | _all(child))}
