"""A listing is complete or an error: empty pages are followed, loops and foreign hosts refused."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from driveql.errors import ProtocolError
from driveql.graph.paging import MOST_EMPTY_PAGES, Pager, origin

GRAPH = "https://graph.microsoft.com"


@given(st.lists(st.integers(0, 5), min_size=1, max_size=30))
def test_all_items_of_all_pages_arrive_also_after_empty_ones(sizes: list[int]) -> None:
    pager, seen, number = Pager(GRAPH, "GET /users"), 0, 0
    link: str | None = "first"
    while link is not None:
        last = number == len(sizes) - 1
        body = {"value": [{"id": index} for index in range(sizes[number])]}
        if not last:
            body["@odata.nextLink"] = f"{GRAPH}/v1.0/users?$skiptoken={number}"  # type: ignore[assignment]
        page, link = pager.read(body)
        seen += len(page.items)
        number += 1
    assert number == len(sizes)
    assert seen == sum(sizes)


@given(st.lists(st.integers(0, 6), min_size=2, max_size=20))
def test_a_repeated_link_is_an_error_and_never_an_endless_listing(tokens: list[int]) -> None:
    pager, given_links = Pager(GRAPH, "GET /users"), set()
    for token in tokens:
        link = f"{GRAPH}/v1.0/users?$skiptoken={token}"
        body = {"value": [], "@odata.nextLink": link}
        if link in given_links:
            with pytest.raises(ProtocolError, match="repeats"):
                pager.read(body)
            return
        assert pager.read(body)[1] == link
        given_links.add(link)


@pytest.mark.parametrize(
    "link",
    [
        "https://evil.example/v1.0/users?$skiptoken=1",
        "http://graph.microsoft.com/v1.0/users",
        "https://graph.microsoft.com:8443/v1.0/users",
        "https://graph.microsoft.com@evil.example/v1.0/users",
        "https://graph.microsoft.com.evil.example/v1.0",
        "//evil.example/v1.0",
        "/v1.0/users?$skiptoken=1",
        "https://graph.microsoft.com\\@evil.example/v1.0",
        "https://graph.microsoft.com\t.evil.example/v1.0",
        " https://graph.microsoft.com/v1.0",
        "https://[bad/v1.0",
        17,
    ],
)
def test_a_link_to_another_origin_is_refused(link: object) -> None:
    with pytest.raises(ProtocolError):
        Pager(GRAPH, "GET /users").read({"value": [], "@odata.nextLink": link})


def test_empty_pages_without_end_are_an_error() -> None:
    pager = Pager(GRAPH, "GET /users")

    def page(number: int, items: int) -> dict[str, object]:
        return {
            "value": [{"id": str(number)}] * items,
            "@odata.nextLink": f"{GRAPH}/v1.0/users?$skiptoken={number}",
        }

    for number in range(MOST_EMPTY_PAGES):
        pager.read(page(number, 0))
    pager.read(page(-1, 1))
    for number in range(MOST_EMPTY_PAGES, 2 * MOST_EMPTY_PAGES):
        pager.read(page(number, 0))
    with pytest.raises(ProtocolError, match="1001 pages in a row were empty"):
        pager.read(page(2 * MOST_EMPTY_PAGES, 0))


def test_a_link_back_to_the_first_page_is_refused() -> None:
    first = f"{GRAPH}/v1.0/users?$top=5"
    with pytest.raises(ProtocolError, match="page 1 repeats"):
        Pager(GRAPH, "GET /users", first).read({"value": [{"id": "a"}], "@odata.nextLink": first})


@pytest.mark.parametrize("value", [[None], [{"id": "a"}, "b"], [[{}]], [3]])
def test_a_page_that_holds_what_is_no_object_is_an_error(value: list[object]) -> None:
    with pytest.raises(ProtocolError, match="no object"):
        Pager(GRAPH, "GET /users").read({"value": value})


@pytest.mark.parametrize("body", [{}, {"value": None}, {"value": {}}, [], None, "text", {"error": {}}])
def test_an_answer_that_is_no_collection_is_an_error_and_not_an_empty_listing(body: object) -> None:
    with pytest.raises(ProtocolError, match="not a collection"):
        Pager(GRAPH, "GET /users").read(body)


def test_the_default_port_is_the_same_origin() -> None:
    assert origin("https://graph.microsoft.com:443/v1.0") == origin("https://Graph.Microsoft.com/x")
