"""What comes from a server is text and nothing else, whatever it holds; sizes and times are read easily."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from driveql.cli import text
from driveql.cli.formats import csv_line, json_object


@given(st.text())
def test_escaped_text_has_no_control_character_and_no_direction_mark(value: str) -> None:
    shown = text.escaped(value)
    assert not any(ord(c) < 32 or 0x7F <= ord(c) < 0xA0 or c in "\u202e\u2066\u200f\u2028" for c in shown)
    shown.encode()


@given(st.text(st.characters(categories=("L", "N", "P", "S", "Zs"), exclude_characters="\\")))
def test_ordinary_text_is_left_alone(value: str) -> None:
    assert text.escaped(value) == value


def test_an_escape_sequence_is_written_out() -> None:
    assert text.escaped("\x1b[2Jgone\n\x9b1m") == "\\x1b[2Jgone\\n\\x9b1m"


@given(st.dictionaries(st.text(), st.one_of(st.text(), st.integers(), st.none(), st.booleans())))
def test_a_json_line_is_one_line_and_says_the_same(record: dict[str, object]) -> None:
    line = text.json_line(record)
    assert not any(ord(c) < 32 or 0x7F <= ord(c) < 0xA0 for c in line)
    assert json.loads(line) == record


@pytest.mark.parametrize(
    ("size", "shown"),
    [
        (0, "0 B"),
        (1023, "1023 B"),
        (1024, "1.0 KiB"),
        (1024**2 - 1, "1.0 MiB"),
        (5 * 1024**4, "5.0 TiB"),
        (2**70, "1048576.0 PiB"),
    ],
)
def test_sizes_for_people(size: int, shown: str) -> None:
    assert text.human_size(size) == shown


def test_times_for_programs_are_utc() -> None:
    moment = datetime(2026, 1, 2, 3, 4, 5, tzinfo=timezone(timedelta(hours=2)))
    assert text.plain(moment) == "2026-01-02T01:04:05Z"


CELL = st.one_of(st.none(), st.text(st.characters(exclude_categories=("Cs",))), st.integers(), st.booleans())


@given(st.lists(CELL, min_size=1))
def test_a_csv_record_is_read_back_by_another_reader(row: list[object]) -> None:
    assert _read_csv(csv_line(row)) == [["" if value is None else text.plain(value) for value in row]]


def _read_csv(content: str) -> list[list[str]]:
    """RFC 4180's grammar, character by character: the standard library's reader is more lenient than the grammar."""
    records: list[list[str]] = [[]]
    position = 0
    while position < len(content):
        if content[position] == '"':
            field, position = "", position + 1
            while True:
                end = content.index('"', position)
                field += content[position:end]
                position = end + 1
                if content[position : position + 1] != '"':
                    break
                field, position = field + '"', position + 1
        else:
            end = position
            while content[end] not in ',"\r\n':
                end += 1
            assert content[end] != '"', "a quote inside a field that is not quoted"
            field, position = content[position:end], end
        records[-1].append(field)
        if content[position] == ",":
            position += 1
            if content[position : position + 2] == "\r\n":
                records[-1].append("")
        if content[position : position + 2] == "\r\n":
            position += 2
            records.append([])
    return records[:-1]


def test_nothing_and_an_empty_text_differ_in_csv() -> None:
    assert csv_line([None, "", 'a "b"', "c,d", "e\nf", True]) == ',"","a ""b""","c,d","e\nf",true\r\n'


def test_decimals_keep_their_digits_in_json() -> None:
    long = Decimal("12345678901234567890.123456789")
    line = json_object(["a", "b", "c"], (long, float("nan"), [Decimal("1.50")]))
    assert line == '{"a": 12345678901234567890.123456789, "b": null, "c": [1.50]}'
    assert json.loads(line, parse_float=Decimal)["a"] == long
    assert json_object(["t"], (datetime(2026, 1, 1, tzinfo=UTC),)) == '{"t": "2026-01-01T00:00:00Z"}'
