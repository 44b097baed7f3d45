"""Batches hold every request once; answers in any order find their request, and none may be missing, doubled or foreign."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from driveql.errors import DriveqlError, ProtocolError
from driveql.graph.addresses import Address
from driveql.graph.batch import BatchRequest, answers, body, chunks


@given(st.lists(st.integers(0, 500), unique=True, max_size=90))
def test_every_request_is_in_one_call_of_at_most_twenty(numbers: list[int]) -> None:
    calls = list(chunks(numbers))
    assert [number for call in calls for number in call] == numbers
    assert all(0 < len(call) <= 20 for call in calls)


@given(st.lists(st.integers(200, 599), min_size=1, max_size=20), st.randoms())
def test_answers_in_any_order_find_their_request(statuses: list[int], random: Any) -> None:
    responses = [
        {"id": str(number), "status": status, "headers": {"Retry-After": "3"}, "body": {"n": number}}
        for number, status in enumerate(statuses)
    ]
    random.shuffle(responses)
    found = answers({"responses": responses}, range(len(statuses)))
    assert [found[number].status for number in range(len(statuses))] == statuses
    assert all(found[number].body == b'{"n":%d}' % number for number in found)
    assert all(answer.headers["retry-after"] == "3" for answer in found.values())
    with pytest.raises(ProtocolError):
        answers({"responses": responses[1:]}, range(len(statuses)))
    with pytest.raises(ProtocolError):
        answers({"responses": [*responses, responses[0]]}, range(len(statuses)))
    with pytest.raises(ProtocolError):
        answers({"responses": [*responses[1:], {"id": "99", "status": 200}]}, range(len(statuses)))


mangled = st.recursive(
    st.none() | st.integers() | st.text(max_size=4),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["id", "status", "headers", "body", "responses"]), inner, max_size=5
        )
    ),
    max_leaves=10,
)


@given(mangled)
def test_a_mangled_answer_is_an_error_of_ours(content: object) -> None:
    with pytest.raises(DriveqlError):
        answers({"responses": [content]} if not isinstance(content, dict) else content, [1, 2])


def test_a_request_is_written_as_documented() -> None:
    request = BatchRequest("PATCH", Address("/drives/b!1/items/2"), {"name": "x"}, {"If-Match": "e"})
    assert body({7: request}) == {
        "requests": [
            {
                "id": "7",
                "method": "PATCH",
                "url": "/drives/b!1/items/2",
                "body": {"name": "x"},
                "headers": {"If-Match": "e", "Content-Type": "application/json"},
            }
        ]
    }
