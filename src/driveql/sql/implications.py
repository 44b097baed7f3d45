"""What a predicate implies about one column: a finite set of values, or texts that its value begins with. Pure.

Every implication is a superset: rows that satisfy the predicate have the implied property; others may have it too.
"""

from __future__ import annotations

from collections.abc import Mapping

from driveql.sql.predicates import (
    And,
    Compare,
    Never,
    OneOf,
    Or,
    Predicate,
    StartsWith,
    Value,
    leaves,
    positive,
)


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


def pairs_of(predicate: Predicate, first: str, second: str) -> frozenset[tuple[Value, Value]] | None:
    """Return a finite set that holds two columns' values in every row that satisfies the predicate; None where there is none."""
    return _pairs(positive(predicate), first, second)


def _pairs(predicate: Predicate, first: str, second: str) -> frozenset[tuple[Value, Value]] | None:
    firsts, seconds = _values(predicate, first), _values(predicate, second)
    if firsts is None or seconds is None:
        return None
    found: frozenset[tuple[Value, Value]] | None = None
    if isinstance(predicate, And):
        known = [pairs for part in predicate.parts if (pairs := _pairs(part, first, second)) is not None]
        found = frozenset.intersection(*known) if known else None
    elif isinstance(predicate, Or):
        several = [_pairs(part, first, second) for part in predicate.parts]
        found = frozenset().union(*(pairs for pairs in several if pairs is not None))
    if found is None:
        return frozenset((one, other) for one in firsts for other in seconds)
    return frozenset(pair for pair in found if pair[0] in firsts and pair[1] in seconds)


def narrowed(predicate: Predicate, known: Mapping[str, Value]) -> Predicate:
    """Return the predicate without the alternatives that rows with the known values cannot satisfy."""
    match predicate:
        case And(parts):
            return And(tuple(narrowed(part, known) for part in parts))
        case Or(parts):
            kept = tuple(part for part in parts if _may_hold(part, known))
            return Or(kept) if kept else Never()
        case _:
            return predicate


def _may_hold(predicate: Predicate, known: Mapping[str, Value]) -> bool:
    for column, value in known.items():
        values = _values(positive(predicate), column)
        if values is not None and value not in values:
            return False
    return True


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
