"""Dollar signs: parameters that stand close to one another are no texts, and texts stay texts."""

from __future__ import annotations

import duckdb
import pytest

from driveql.sql.parameters import numbered
from driveql.sql.syntax import split, tokens_of, tree_of

STATEMENTS = (
    ("SELECT $1,$2", [1, 2]),
    ("SELECT $1,'$', $2||$1||'$1,$2'", ["a", "b"]),
    ('SELECT $a,$b+$a AS "$x,$"', {"a": 1, "b": 2}),
    ("SELECT [$1,$2], $t$ $1,$2 $t$, $$ $1,$ $$, $1 /* $1,$ /* $ */ */,$2 -- $1,$2", [1, 2]),
    ("SELECT $1 = ''", ["a"]),
    ("SELECT e'\\'$1,$', $1,x$y FROM (SELECT $2 AS x$y)", [1, 2]),
)


@pytest.mark.parametrize(("sql", "values"), STATEMENTS)
def test_parameters_and_texts_are_what_they_are_for_duckdb(sql: str, values: object) -> None:
    assert split(f"{sql}\n; SELECT 1") == [sql, "SELECT 1"]
    tokens = tokens_of(sql)
    words = "".join(sql[token.start : token.end + 1] + ("" if token.text == "$" else " ") for token in tokens)
    assert tree_of(sql) is not None
    with duckdb.connect() as engine:
        assert engine.execute(words, values).fetchall() == engine.execute(sql, values).fetchall()


def test_marks_that_stand_close_can_be_numbered() -> None:
    assert split(numbered("SELECT ?,?,'?'||?", [1, 2, "x"])) == ["SELECT $1,$2,'?'||$3"]
