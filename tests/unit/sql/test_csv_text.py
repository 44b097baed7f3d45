"""The dialect of a CSV file, and rows added in it: read back by the csv module, they are the rows that were meant."""

from __future__ import annotations

import codecs
import csv
import io

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from driveql.errors import SqlNotSupportedError
from driveql.sql.writing.csv_text import Dialect, examine

_TEXT = st.text(st.characters(blacklist_categories=["Cs"], blacklist_characters="\0"), max_size=8)
_NAMES = st.lists(_TEXT.filter(str.strip), min_size=1, max_size=4, unique=True)
_MARKS = {"utf-8": b"", "utf-16-le": codecs.BOM_UTF16_LE, "utf-16-be": codecs.BOM_UTF16_BE}


@given(
    names=_NAMES,
    rows=st.lists(st.lists(_TEXT, min_size=4, max_size=4), max_size=3),
    more=st.lists(st.lists(_TEXT, min_size=4, max_size=4), min_size=1, max_size=3),
    delimiter=st.sampled_from(",;\t|"),
    newline=st.sampled_from(["\n", "\r\n"]),
    encoding=st.sampled_from(sorted(_MARKS)),
    ended=st.booleans(),
)
@example(
    names=["a\r\n", "b"], rows=[], more=[["", "", "", ""]], delimiter=",", newline="\r\n", encoding="utf-8", ended=False
)  # fmt: skip
@example(
    names=["\ufeffa"],
    rows=[],
    more=[["", "", "", ""]],
    delimiter=",",
    newline="\n",
    encoding="utf-8",
    ended=True,
)
def test_rows_are_added_in_the_files_own_dialect(
    names: list[str],
    rows: list[list[str]],
    more: list[list[str]],
    delimiter: str,
    newline: str,
    encoding: str,
    ended: bool,
) -> None:
    width = len(names)
    written = io.StringIO()
    writer = csv.writer(written, delimiter=delimiter, lineterminator=newline)
    writer.writerows([names, *(row[:width] for row in rows)])
    text = written.getvalue()
    text = text if ended else text.removesuffix(newline)
    before = _MARKS[encoding] + text.encode(encoding)
    try:
        dialect = examine(io.BytesIO(before), "/a.csv", names)
    except SqlNotSupportedError:
        # A single column does not show the delimiter; a carriage return in a name is not told from a line's end, nor a
        # zero-width space at the beginning from a mark.
        assert any("\r" in name for name in names) or "\n" in text.rstrip("\r\n") or names[0][0] == "\ufeff"
        return
    added = (dialect.newline if dialect.unfinished else "") + "".join(
        dialect.line(row[:width]) for row in more
    )
    whole = before + added.encode(dialect.encoding)
    assert whole.startswith(before)
    content = whole.removeprefix(_MARKS[encoding]).decode(encoding)
    read = list(csv.reader(io.StringIO(content, newline=""), delimiter=dialect.delimiter))
    assert read[-len(more) :] == [row[:width] for row in more]
    # Where only quoted names hold line ends, none shows how lines end.
    if width > 1 and (rows or ended):
        assert (dialect.delimiter, dialect.newline) == (delimiter, newline)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"a,c\n1,2\n", "a, c"),
        (b"b,a\n1,2\n", "another order"),
        (b"a,b,c\n", "a, b, c"),
        (b'a,b\n1,"open\n', "quotes"),
        (b"a,b\r1,2\r", "line ends"),
        ("a,b\nü,2\n".encode("latin-1"), "UTF-8"),
        (b"PK\x03\x04\xff\xfe", "UTF-8"),
    ],
)
def test_what_cannot_be_told_for_sure_is_refused(content: bytes, said: str) -> None:
    with pytest.raises(SqlNotSupportedError, match=said):
        examine(io.BytesIO(content), "/a.csv", ["a", "b"])


def test_without_a_header_the_columns_are_counted() -> None:
    assert examine(io.BytesIO(b"1;2\n"), "/a.csv", ["x", "y"], header=False).delimiter == ";"
    with pytest.raises(SqlNotSupportedError, match="2 columns"):
        examine(io.BytesIO(b"1;2\n"), "/a.csv", ["x"], header=False, delimiter=";")
    assert examine(io.BytesIO(b""), "/a.csv", ["x"]).empty


def test_what_could_be_taken_for_something_else_is_quoted() -> None:
    assert Dialect().line(["a", None, "", " b", 'c"', "d,e", 7]) == 'a,,""," b","c""","d,e",7\n'
    assert Dialect(null="NULL", delimiter=";").line([None, "NULL", "", "a,b"]) == 'NULL;"NULL";;a,b\n'
