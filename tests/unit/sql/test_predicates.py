"""What a predicate implies about a column: never too little."""

from __future__ import annotations

from functools import reduce
from operator import or_

import pyarrow as pa
import pyarrow.compute as pc
import pytest

from driveql.sql import filters
from driveql.sql.implications import constants_of, prefixes_of, values_of
from driveql.sql.predicates import (
    Always,
    And,
    Compare,
    IsNull,
    Never,
    Not,
    OneOf,
    Or,
    Predicate,
    StartsWith,
    Unknown,
    columns_of,
)

SCHEMA = pa.schema(
    [("n", pa.int64()), ("t", pa.string()), ("f", pa.bool_()), ("at", pa.timestamp("us", tz="UTC"))]
)
N, T, F = pc.field("n"), pc.field("t"), pc.field("f")
IN = pc.if_else(T.is_valid(), pc.is_in(T, pa.array(["a", "b"])), pa.scalar(None, pa.bool_()))


@pytest.mark.parametrize(
    ("expression", "predicate"),
    [
        (None, Always()),
        (T == "x", Compare("t", "=", "x")),
        (pa.scalar(3) < N, Compare("n", ">", 3)),
        (~(N >= 5), Not(Compare("n", ">=", 5))),
        (IN, OneOf("t", ("a", "b"))),
        (T.is_null(), IsNull("t")),
        (T.is_valid(), IsNull("t", negated=True)),
        (F, Compare("f", "=", True)),
        (pc.starts_with(T, "ab"), StartsWith("t", "ab")),
        ((T == "x") & (N != 1), And((Compare("t", "=", "x"), Compare("n", "<>", 1)))),
        ((T == "x") | F, Or((Compare("t", "=", "x"), Compare("f", "=", True)))),
        (pc.field("at") > pa.scalar(5, pa.timestamp("us", "UTC")), Unknown(frozenset({"at"}))),
        (T == T, Unknown(frozenset({"t"}))),
        (pc.match_like(T, "a%"), Unknown(frozenset({"t"}))),
        (pc.is_in(T, pa.array(["a", None])), Unknown(frozenset({"t"}))),
        (pc.field("s", "t") == "x", Unknown(None)),
        (T.cast(pa.int64()) == 1, Unknown(frozenset({"t"}))),
        (pc.scalar(None), Never()),
    ],
    ids=str,
)
def test_filters_are_read_as_arrow_pickles_them(
    expression: pc.Expression | None, predicate: Predicate
) -> None:
    assert filters.read(expression, SCHEMA) == predicate


def test_a_long_filter_is_read_and_a_deep_one_left_alone() -> None:
    chain = reduce(or_, (pc.field("t") == str(number) for number in range(900)))
    assert values_of(filters.read(chain, SCHEMA), "t") == {str(number) for number in range(900)}
    deep = reduce(lambda inner, number: (inner & (number < N)) | (T == "x"), range(400), F)
    assert columns_of(filters.read(deep, SCHEMA)) == {"t", "n", "f"}


@pytest.mark.parametrize(
    ("predicate", "values"),
    [
        (Always(), None),
        (Never(), []),
        (Compare("t", "=", "x"), ["x"]),
        (Compare("t", "<>", "x"), None),
        (Not(Compare("t", "<>", "x")), ["x"]),
        (Compare("u", "=", "x"), None),
        (And((OneOf("t", ("a", "b")), OneOf("t", ("b", "c")))), ["b"]),
        (And((OneOf("t", ("a", "b")), Unknown())), ["a", "b"]),
        (Or((Compare("t", "=", "a"), Compare("t", "=", "b"))), ["a", "b"]),
        (Or((Compare("t", "=", "a"), Compare("u", "=", "b"))), None),
        (Or((Compare("t", "=", "a"), Unknown())), None),
        (Not(Or((Compare("t", "<>", "a"), Unknown()))), ["a"]),
        (Not(OneOf("t", ("a",))), None),
    ],
    ids=str,
)
def test_values(predicate: Predicate, values: list[str] | None) -> None:
    assert values_of(predicate, "t") == (None if values is None else set(values))


@pytest.mark.parametrize(
    ("predicate", "prefixes"),
    [
        (Always(), [""]),
        (Never(), []),
        (StartsWith("t", "/R/"), ["/R/"]),
        (Not(StartsWith("t", "/R/")), [""]),
        (Or((StartsWith("t", "/R/"), Compare("t", "=", "/S/a"))), ["/R/", "/S/a"]),
        (Or((StartsWith("t", "/R/"), Unknown())), ["/R/", ""]),
        (And((StartsWith("t", "/R/"), StartsWith("t", "/R/x/"))), ["/R/x/"]),
        (And((Compare("t", ">=", "/R/"), Compare("t", "<", "/R0"))), ["/R/"]),
        (And((Compare("t", ">=", "/R/"), Compare("t", "<=", "/R0"))), ["/R"]),
        (And((Compare("t", ">", "ab1"), Compare("t", "<", "ab5"))), ["ab"]),
        (And((Compare("t", ">", "a"), Compare("u", "<", "a"))), [""]),
    ],
    ids=str,
)
def test_prefixes(predicate: Predicate, prefixes: list[str]) -> None:
    assert prefixes_of(predicate, "t") == set(prefixes)


def test_columns_and_constants() -> None:
    predicate = Or((Compare("t", "=", "a"), Not(OneOf("u", ("b",))), IsNull("v")))
    assert columns_of(predicate) == {"t", "u", "v"}
    assert columns_of(And((predicate, Unknown()))) is None
    assert constants_of(predicate, "t") == {"a"}
    assert constants_of(predicate, "u") == {"b"}
