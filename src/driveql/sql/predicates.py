"""A small algebra of predicates. Pure.

`Unknown` stands for whatever could not be read, and implies nothing. NULL follows SQL: a comparison with NULL is never true, so
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
