"""Calls of readers with arguments of ours, and JSON below a root: pure, against a naive reading."""

from __future__ import annotations

import gzip
import io
import json
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from driveql.errors import SqlError
from driveql.sql.planning import prepare
from driveql.sql.reading import json_root
from driveql.sql.reading.archives import split
from driveql.sql.reading.reader_call import CSV_BUFFER_BYTES

SIZED = f"read_csv_auto('{{}}', buffer_size = {CSV_BUFFER_BYTES})"


@pytest.mark.parametrize(
    ("written", "wanted"),
    [
        ("FROM read_csv('onedrive:/a')", f"FROM read_csv('onedrive:///a', buffer_size = {CSV_BUFFER_BYTES})"),
        ("FROM read_csv('onedrive:///a', buffer_size = 1)", "FROM read_csv('onedrive:///a', buffer_size = 1)"),
        ("FROM read_csv('onedrive:///a', max_line_size = 1)", "FROM read_csv('onedrive:///a', max_line_size = 1)"),
        ("FROM read_csv('local.csv')", "FROM read_csv('local.csv')"),
        ("FROM 'onedrive:/b/a c.csv.gz'", f"FROM {SIZED.format('onedrive:///b/a c.csv.gz')} AS \"a c\""),
        ("FROM t JOIN 'onedrive:a.tsv' x USING (i)", f"FROM t JOIN {SIZED.format('onedrive:///a.tsv')} x USING (i)"),
        ("FROM 'onedrive:///a.csv' AS x", f"FROM {SIZED.format('onedrive:///a.csv')} AS x"),
        ("FROM 'onedrive:///a.csv' WHERE 1", f"FROM {SIZED.format('onedrive:///a.csv')} AS \"a\" WHERE 1"),
        ("FROM 'a.csv'", "FROM 'a.csv'"),
        ("FROM 'onedrive:///a.json'", "FROM 'onedrive:///a.json'"),
    ],
)  # fmt: skip
def test_csv_in_onedrive_is_read_in_moderate_pieces(written: str, wanted: str) -> None:
    assert prepare(f"SELECT * {written}").sql == f"SELECT * {wanted}"


def test_what_is_copied_from_a_file_is_no_query() -> None:
    assert prepare("COPY t FROM 'onedrive:/a.csv'").sql == "COPY t FROM 'onedrive:///a.csv'"


def test_what_a_call_says() -> None:
    prepared = prepare(
        "SELECT * FROM READ_JSON(['onedrive:/a', 'onedrive:/b'], Root := '$.v[*]', columns = {x: 'INT'},"
        " filename = 'src', file_columns => true, on_file_error = 'skip') j"
    )
    assert prepared.sql == "SELECT * FROM __driveql_reader_0 j"
    call = prepared.readers["__driveql_reader_0"]
    assert (call.function, call.places, call.root) == (
        "read_json",
        ("onedrive:/a", "onedrive:/b"),
        ("v", None),
    )
    assert call.rest == ("columns = {x: 'INT'}",)
    assert (call.filename, call.file_columns, call.skips) == ("src", True, True)


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("onedrive:///a/b.zip/c/d.csv", ("onedrive:///a/b.zip", "c/d.csv")),
        ("onedrive:///*.ZIP/**", ("onedrive:///*.ZIP", "**")),
        ("onedrive:///a.zip/b.zip/c", ("onedrive:///a.zip", "b.zip/c")),
        ("onedrive:///a.zip", None),
        ("onedrive:///.zip/a", None),
        ("onedrive:///a.zipped/b", None),
    ],
)
def test_places_in_archives(path: str, found: tuple[str, str] | None) -> None:
    assert split(path) == found


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=3),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["a", "b", "item", "a.b", ""]), inner, max_size=3)
    ),
    max_leaves=12,
)  # fmt: skip
STEPS = st.lists(st.sampled_from(["a", "b", "item", "a.b", "", None]), max_size=3).map(tuple)


class WrongError(Exception):
    """Nothing there, or an array where an element is meant."""


def naive(value: Any, steps: tuple[str | None, ...], last: str | None = "") -> list[Any] | None:
    """Return what is selected; None where nothing is at that place."""
    if not steps:
        if isinstance(value, list) and last is not None:
            raise WrongError
        return [value]
    found: list[Any] | None = None
    if steps[0] is None:
        inner = value if isinstance(value, list) else []
        found = [] if isinstance(value, list) and len(steps) == 1 else None
    else:
        inner = [value[steps[0]]] if isinstance(value, dict) and steps[0] in value else []
    for each in inner:
        part = naive(each, steps[1:], steps[0])
        found = found if part is None else [*(found or []), *part]
    return found


@given(VALUES, STEPS)
def test_a_root_selects_what_a_naive_reading_does(document: Any, steps: tuple[str | None, ...]) -> None:
    text = io.BytesIO(json.dumps(document).encode())
    try:
        expected = naive(document, steps)
    except WrongError:
        expected = None
    if expected is None:
        with pytest.raises(SqlError):
            list(json_root.lines(text, steps, "x"))
    else:
        lines = b"".join(json_root.lines(text, steps, "x")).splitlines()
        assert [json.loads(line) for line in lines] == expected


@given(STEPS)
def test_a_root_is_read_as_it_is_written(steps: tuple[str | None, ...]) -> None:
    assert json_root.parse(json_root.written(steps)) == steps


def selected(document: bytes) -> bytes:
    return b"".join(json_root.lines(io.BytesIO(document), (None,), "x.json"))


@pytest.mark.parametrize("text", [r"\ud83d\ude00", r"\\ud83d", r"\\\ud83d\ude00", r"\\\\ud83d", r"\u00e9\\"])
@pytest.mark.parametrize("escaped", [True, False])
def test_no_text_is_changed_wherever_a_piece_of_it_ends(text: str, escaped: bool) -> None:
    for before in range(65536 - 24, 65536):
        document = '["' + "a" * before + text + ("\\n" if escaped else "é") + '"]'
        assert json.loads(selected(document.encode())) == json.loads(document)[0]


@pytest.mark.parametrize("text", [r"\ud83d", r"\ude00", r"\ud83d\n", r"\ud83d\u0041", r"\\\ud83d"])
def test_half_of_a_pair_is_an_error_wherever_a_piece_ends(text: str) -> None:
    for before in (*range(3), *range(65536 - 16, 65536)):
        with pytest.raises(SqlError, match=r"x\.json .*half of a surrogate pair"):
            selected(('["' + "a" * before + text + ' "]').encode())


@pytest.mark.parametrize(
    ("document", "says"),
    [
        ('["é"]'.encode("latin-1"), "document: lexical error: invalid bytes in UTF8 string.$"),
        ("[1]".encode("utf-16"), "document: lexical error: invalid char in json text.$"),
        (gzip.compress(b"[1, 2]", mtime=0)[:-9], "cannot be unpacked: Compressed file ended"),
        (pa.Codec("zstd").compress(b"[1, 2]", asbytes=True)[:-3], "cannot be unpacked: Truncated"),
        (b"\x1f\x8b????????????", "cannot be unpacked: "),
    ],
)
def test_what_is_no_document_is_said_in_words(document: bytes, says: str) -> None:
    with pytest.raises(SqlError, match=rf"^x\.json (is not a JSON )?{says}"):
        selected(document)


def test_packed_documents() -> None:
    assert selected(gzip.compress(b"\xef\xbb\xbf[1, 2]")) == b"1\n2\n"
    assert selected(pa.Codec("zstd").compress(b"[1, 2]", asbytes=True)) == b"1\n2\n"


def test_a_value_is_handed_on_in_pieces() -> None:
    value = {"list": list(range(20_000)), "empty": [], "in": {"a": [[1], {}]}}
    document = json.dumps({"rows": [value, 5, value]}).encode()
    pieces = list(json_root.lines(io.BytesIO(document), ("rows", None), "x.json"))
    assert [json.loads(line) for line in b"".join(pieces).splitlines()] == [value, 5, value]
    # Two of 114 kB: none is put together as a whole before it is written.
    assert max(map(len, pieces)) < 100_000
