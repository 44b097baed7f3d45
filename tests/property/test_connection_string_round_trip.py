"""What is written as a connection string is read back the same; whatever is read never crashes."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from driveql.connection import connection_string as strings
from driveql.connection.owner import normalise
from driveql.connection.validation import ValueFaultError
from driveql.errors import ParameterError

names = st.from_regex(r"[A-Za-z_][A-Za-z0-9_]{0,11}", fullmatch=True)
values = st.one_of(st.text(), st.text("{};= \t\n}a", max_size=8))


@given(st.lists(st.tuples(names, values), unique_by=lambda pair: pair[0].lower()))
def test_round_trip(pairs: list[tuple[str, str]]) -> None:
    written = strings.write(pairs)
    assert list(strings.parse(written).items()) == pairs
    assert list(strings.parse(f" ; {written} ;").items()) == pairs


@given(st.text("A=b;{} \n", max_size=24))
def test_any_text_is_read_or_refused_and_reading_is_stable(text: str) -> None:
    try:
        found = strings.parse(text)
    except ParameterError:
        return
    assert strings.parse(strings.write(found)) == found


@given(
    st.one_of(
        st.text(max_size=40),
        st.from_regex(r"(https://|/users/|/sites/|/groups/)?[a-z.@:/%#?é-]{0,30}", fullmatch=True),
    )
)
def test_an_owner_has_one_form_or_is_refused(text: str) -> None:
    try:
        kept = normalise(text)
    except ValueFaultError:
        return
    assert kept == "" or kept.startswith(("/users/", "/groups/", "/sites/"))
    assert normalise(kept) == kept
