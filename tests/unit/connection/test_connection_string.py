"""The connection string's grammar, case by case."""

from __future__ import annotations

import pytest

from driveql.connection import connection_string as strings
from driveql.errors import ParameterError


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", {}),
        (" ; ;", {}),
        ("A=1", {"A": "1"}),
        ("A=1;b = 2 ;", {"A": "1", "b": "2"}),
        ("A=;B=x", {"A": "", "B": "x"}),
        ("A=x=y==;B=2", {"A": "x=y==", "B": "2"}),
        ("A={a;b};B=2", {"A": "a;b", "B": "2"}),
        ("A={};B=2", {"A": "", "B": "2"}),
        ("A={ keep };", {"A": " keep "}),
        ("A={a}}b}}};", {"A": "a}b}"}),
        ("A = {x} ;B=1", {"A": "x", "B": "1"}),
        ("A={a=b;c}}", None),
        ("A=b{c}d;", {"A": "b{c}d"}),
        ("A=4|5;B=X:1||Y:2", {"A": "4|5", "B": "X:1||Y:2"}),
        ("A={line\nbreak}", {"A": "line\nbreak"}),
    ],
)
def test_reads_the_odbc_grammar(text: str, expected: dict[str, str] | None) -> None:
    if expected is None:
        with pytest.raises(ParameterError, match="not closed"):
            strings.parse(text)
    else:
        assert strings.parse(text) == expected


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("A=1;hunter2;B=2", "without '=' at character 5"),
        ("A={hunter2", "A: the value's brace is not closed"),
        ("A={x}hunter2;B=1", "A: there is text after the closing brace"),
        ("A=1;a=hunter2", "a is given twice"),
        ("=hunter2", "no parameter name at character 1"),
        ("{A}=hunter2", "no parameter name"),
    ],
)
def test_an_error_names_the_place_and_never_the_value(text: str, message: str) -> None:
    with pytest.raises(ParameterError) as caught:
        strings.parse(text)
    assert message in str(caught.value)
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize("name", ["", " A", "A;", "A=", "{A"])
def test_refuses_to_write_a_name_it_could_not_read(name: str) -> None:
    with pytest.raises(ParameterError):
        strings.write({name: "x"})


def test_writes_braces_only_where_they_are_needed() -> None:
    assert (
        strings.write({"A": "1", "B": "x;y", "C": "{z", "D": " d", "E": "e}"})
        == "A=1;B={x;y};C={{z};D={ d};E=e};"
    )
