"""A small algebra of predicates, and what a predicate implies about one column. Pure.

Every implication is a superset: rows that satisfy the predicate have the implied property; others may have it too. `Unknown`
stands for whatever could not be read, and implies nothing. NULL follows SQL: a comparison with NULL is never true, so
"not (a = 1)" may be turned into "a <> 1", which NULL does not satisfy either.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

Value = str | int | float | bool


@dataclass(frozen=True, slots=True)
class Always:
    """True for every row."""


@dataclass(frozen=True, slots=True)
class Never:
    """True for no row."""


@dataclass(frozen=True, slots=True)
class Unknown:
    """A predicate that could not be read; `columns` are those it may look at, None where even that is unknown."""

    columns: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class Compare:
    """`column op value`, op one of = <> < <= > >=."""

    column: str
    op: str
    value: Value


@dataclass(frozen=True, slots=True)
class OneOf:
    """`column IN (values)`."""

    column: str
    values: tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class StartsWith:
    """`column LIKE 'prefix%'`, with regard to case."""

    column: str
    prefix: str


@dataclass(frozen=True, slots=True)
class IsNull:
    """`column IS NULL`, or `IS NOT NULL` where `negated`."""

    column: str
    negated: bool = False


@dataclass(frozen=True, slots=True)
class And:
    """All parts."""

    parts: tuple[Predicate, ...]


@dataclass(frozen=True, slots=True)
class Or:
    """Any part."""

    parts: tuple[Predicate, ...]


@dataclass(frozen=True, slots=True)
class Not:
    """The part is false (not: unknown)."""

    part: Predicate


Predicate = Always | Never | Unknown | Compare | OneOf | StartsWith | IsNull | And | Or | Not

_OPPOSITE = {"=": "<>", "<>": "=", "<": ">=", ">=": "<", ">": "<=", "<=": ">"}


def conjunction(*parts: Predicate) -> Predicate:
    """Return all parts as one predicate."""
    kept = tuple(part for part in parts if not isinstance(part, Always))
    if not kept:
        return Always()
    return kept[0] if len(kept) == 1 else And(kept)


def positive(predicate: Predicate) -> Predicate:
    """Return the predicate with NOT pushed down to the comparisons, where it disappears into the operator."""
    match predicate:
        case And(parts):
            return And(tuple(positive(part) for part in parts))
        case Or(parts):
            return Or(tuple(positive(part) for part in parts))
        case Not(part):
            return _negated(part)
        case _:
            return predicate


def _negated(predicate: Predicate) -> Predicate:
    match predicate:
        case Always():
            return Never()
        case Never():
            return Always()
        case Compare(column, op, value):
            return Compare(column, _OPPOSITE[op], value)
        case IsNull(column, negated):
            return IsNull(column, not negated)
        case And(parts):
            return Or(tuple(_negated(part) for part in parts))
        case Or(parts):
            return And(tuple(_negated(part) for part in parts))
        case Not(part):
            return positive(part)
        case OneOf(column, values):
            return And(tuple(Compare(column, "<>", value) for value in values))
        case StartsWith(column):
            return Unknown(frozenset({column}))
        case _:
            return predicate


def columns_of(predicate: Predicate) -> frozenset[str] | None:
    """Return the columns a predicate looks at; None where that is unknown."""
    found: set[str] = set()
    for leaf in leaves(predicate):
        if isinstance(leaf, Unknown):
            if leaf.columns is None:
                return None
            found |= leaf.columns
        elif isinstance(leaf, Compare | OneOf | StartsWith | IsNull):
            found.add(leaf.column)
    return frozenset(found)


def leaves(predicate: Predicate) -> Iterator[Predicate]:
    """Yield the parts of a predicate that have no parts."""
    match predicate:
        case And(parts) | Or(parts):
            for part in parts:
                yield from leaves(part)
        case Not(part):
            yield from leaves(part)
        case _:
            yield predicate


def values_of(predicate: Predicate, column: str) -> frozenset[Value] | None:
    """Return a finite set that holds the column's value in every row that satisfies the predicate; None where there is none."""
    return _values(positive(predicate), column)


def _values(predicate: Predicate, column: str) -> frozenset[Value] | None:
    match predicate:
        case Never():
            return frozenset()
        case Compare(name, "=", value) if name == column:
            return frozenset({value})
        case OneOf(name, values) if name == column:
            return frozenset(values)
        case And(parts):
            known = [found for part in parts if (found := _values(part, column)) is not None]
            return frozenset.intersection(*known) if known else None
        case Or(parts):
            sets = [_values(part, column) for part in parts]
            return (
                None
                if any(found is None for found in sets)
                else frozenset().union(*(s for s in sets if s is not None))
            )
        case _:
            return None


def prefixes_of(predicate: Predicate, column: str) -> frozenset[str]:
    """Return texts with one of which the column's value begins in every row that satisfies the predicate.

    The empty set where no row can satisfy it; `{""}` where nothing is known.
    """
    return _prefixes(positive(predicate), column)


_NOTHING_KNOWN = frozenset({""})


def _prefixes(predicate: Predicate, column: str) -> frozenset[str]:
    match predicate:
        case Never():
            return frozenset()
        case Compare(name, "=", str() as value) if name == column:
            return frozenset({value})
        case OneOf(name, values) if name == column:
            return frozenset(str(value) for value in values)
        case StartsWith(name, prefix) if name == column:
            return frozenset({prefix})
        case And(parts):
            known = [*(_prefixes(part, column) for part in parts), frozenset({_range_prefix(parts, column)})]
            return max(known, key=_tightness)
        case Or(parts):
            return frozenset().union(*(_prefixes(part, column) for part in parts))
        case _:
            return _NOTHING_KNOWN


def _tightness(prefixes: frozenset[str]) -> tuple[int, int]:
    """Order sets of prefixes by how much they exclude: none at all first, then long ones, then few."""
    if not prefixes:
        return (1 << 30, 0)
    return (min(len(prefix) for prefix in prefixes), -len(prefixes))


def constants_of(predicate: Predicate, column: str) -> frozenset[Value]:
    """Return every value that the predicate compares the column with for equality, wherever it stands."""
    found: set[Value] = set()
    for leaf in leaves(predicate):
        if isinstance(leaf, Compare) and leaf.column == column and leaf.op == "=":
            found.add(leaf.value)
        elif isinstance(leaf, OneOf) and leaf.column == column:
            found |= set(leaf.values)
    return frozenset(found)


def _range_prefix(parts: tuple[Predicate, ...], column: str) -> str:
    """Return the text that all values between a lower and an upper bound begin with."""
    flat = [leaf for part in parts for leaf in (part.parts if isinstance(part, And) else (part,))]
    lows = [
        leaf.value
        for leaf in flat
        if isinstance(leaf, Compare) and leaf.column == column and leaf.op in {">", ">="}
    ]
    highs = [
        leaf
        for leaf in flat
        if isinstance(leaf, Compare) and leaf.column == column and leaf.op in {"<", "<="}
    ]
    best = ""
    for low in lows:
        for high in highs:
            if isinstance(low, str) and isinstance(high.value, str):
                best = max(best, _between(low, high.value, strict=high.op == "<"), key=len)
    return best


def _between(low: str, high: str, *, strict: bool) -> str:
    length = next(
        (i for i, (a, b) in enumerate(zip(low, high, strict=False)) if a != b), min(len(low), len(high))
    )
    shared = low[:length]
    rest_low, rest_high = low[len(shared) :], high[len(shared) :]
    # '/Reports/' <= x < '/Reports0': the upper bound is the lower one with its last character raised by one.
    if strict and len(rest_low) >= 1 and len(rest_high) == 1 and ord(rest_high) == ord(rest_low[0]) + 1:
        return shared + rest_low[0]
    return shared


def renamed(predicate: Predicate, cut: int) -> Predicate:
    """Return the predicate with the first `cut` characters of every column's name taken away."""
    match predicate:
        case And(parts):
            return And(tuple(renamed(part, cut) for part in parts))
        case Or(parts):
            return Or(tuple(renamed(part, cut) for part in parts))
        case Not(part):
            return Not(renamed(part, cut))
        case Compare(column, op, value):
            return Compare(column[cut:], op, value)
        case OneOf(column, values):
            return OneOf(column[cut:], values)
        case StartsWith(column, prefix):
            return StartsWith(column[cut:], prefix)
        case IsNull(column, negated):
            return IsNull(column[cut:], negated)
        case Unknown(columns) if columns is not None:
            return Unknown(frozenset(column[cut:] for column in columns))
        case _:
            return predicate
