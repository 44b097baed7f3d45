"""The retry decision: never more tries than configured, never a wait under the server's floor, never a final status again."""

from __future__ import annotations

from email.utils import formatdate

import pytest
from hypothesis import given
from hypothesis import strategies as st
from multidict import CIMultiDict

from driveql.graph.retry import Answered, GiveUp, Lost, RetryPolicy, Wait, retry_after

statuses = st.sampled_from(
    [400, 401, 403, 404, 408, 409, 412, 416, 423, 429, 500, 501, 502, 503, 504, 507, 509]
)
failures = st.builds(Answered, statuses, st.none() | st.floats(0, 1e9)) | st.builds(Lost, st.booleans())
policies = st.builds(
    RetryPolicy,
    enabled=st.booleans(),
    any_failure=st.booleans(),
    status_codes=st.frozensets(statuses),
    count_max=st.integers(0, 8),
    multiply=st.booleans(),
    time_budget=st.floats(0, 1000),
)
jitters = st.floats(0, 1, exclude_max=True)


@given(policies, failures, st.integers(1, 12), st.floats(0, 2000), st.booleans(), jitters)
def test_no_decision_breaks_a_parameter(
    policy: RetryPolicy, failure: Answered | Lost, tries: int, elapsed: float, safe: bool, jitter: float
) -> None:
    decision = policy.decide(failure, tries=tries, elapsed=elapsed, safe_to_repeat=safe, jitter=jitter)
    if isinstance(decision, GiveUp):
        assert decision.reason
        return
    assert policy.enabled
    assert tries <= policy.count_max
    assert elapsed + decision.seconds <= policy.time_budget
    assert decision.seconds >= 0
    if isinstance(failure, Lost):
        assert safe or not failure.sent
    else:
        assert failure.status not in {501, 507}
        assert failure.status in policy.status_codes or policy.any_failure
        assert decision.seconds >= (failure.retry_after or 0)


@given(st.floats(0, 250), st.integers(1, 5), jitters, st.booleans())
def test_retry_after_is_a_floor_for_every_method(floor: float, tries: int, jitter: float, safe: bool) -> None:
    decision = RetryPolicy().decide(
        Answered(429, floor), tries=tries, elapsed=0, safe_to_repeat=safe, jitter=jitter
    )
    assert isinstance(decision, Wait)
    assert decision.seconds >= floor


@given(st.integers(1, 7), jitters)
def test_the_wait_doubles_where_asked(tries: int, jitter: float) -> None:
    policy = RetryPolicy(count_max=9)
    first = policy.decide(Lost(False), tries=tries, elapsed=0, safe_to_repeat=True, jitter=jitter)
    second = policy.decide(Lost(False), tries=tries + 1, elapsed=0, safe_to_repeat=True, jitter=jitter)
    assert isinstance(first, Wait)
    assert isinstance(second, Wait)
    assert second.seconds == pytest.approx(min(2 * first.seconds, 120 * (0.5 + jitter / 2)))


def test_a_lost_answer_to_an_unsafe_request_is_never_repeated() -> None:
    policy = RetryPolicy(any_failure=True)
    decision = policy.decide(Lost(True), tries=1, elapsed=0, safe_to_repeat=False, jitter=0)
    assert isinstance(decision, GiveUp)
    assert "may have been carried out" in decision.reason
    assert isinstance(
        policy.decide(Answered(502), tries=1, elapsed=0, safe_to_repeat=False, jitter=0), GiveUp
    )
    assert isinstance(policy.decide(Answered(503), tries=1, elapsed=0, safe_to_repeat=False, jitter=0), Wait)


NOW = 1_780_000_000.0


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"Retry-After": "12"}, 12.0),
        ({"retry-after": "2.128"}, 2.128),
        ({"Retry-After": formatdate(NOW + 30, usegmt=True)}, 30.0),
        ({"Retry-After": formatdate(NOW + 30, usegmt=True), "Date": formatdate(NOW + 20, usegmt=True)}, 10.0),
        ({"Retry-After": formatdate(NOW - 30, usegmt=True)}, 0.0),
        ({"Retry-After": "-5"}, 0.0),
        ({"Retry-After": "5", "RateLimit-Reset": "31"}, 31.0),
        ({"RateLimit-Remaining": "0", "RateLimit-Reset": "9"}, 9.0),
        ({"RateLimit-Remaining": "90", "RateLimit-Reset": "9"}, None),
        ({"Retry-After": "soon"}, None),
        ({"Retry-After": "nan"}, None),
        ({"Retry-After": "inf"}, None),
        ({}, None),
    ],
)
def test_every_form_of_retry_after(headers: dict[str, str], seconds: float | None) -> None:
    assert retry_after(CIMultiDict(headers), NOW) == (pytest.approx(seconds) if seconds is not None else None)


@given(st.text(max_size=40), st.text(max_size=40), st.text(max_size=40))
def test_no_header_however_mangled_breaks_the_reading(after: str, reset: str, date: str) -> None:
    found = retry_after(CIMultiDict({"Retry-After": after, "RateLimit-Reset": reset, "Date": date}), NOW)
    assert found is None or found >= 0
