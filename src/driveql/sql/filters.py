"""Reads a pyarrow filter expression into the algebra of `predicates`, through the form in which Arrow pickles it, never through
its text.

That form is a record batch: its metadata are the expression's tokens in order (`call`, `end`, `literal` ...), its
columns the literals. It is as long as the expression; Substrait's doubles with every AND or OR around it.
What is not understood becomes `Unknown`: nothing is then asked of Graph for it, and the exact filter decides.
Source: https://github.com/apache/arrow/blob/main/cpp/src/arrow/compute/expression.cc (Serialize)
"""

from __future__ import annotations

import ctypes
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

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
    Value,
)

_COMPARISONS = {
    "equal": "=", "not_equal": "<>", "less": "<", "less_equal": "<=", "greater": ">", "greater_equal": ">=",
}  # fmt: skip
_MIRRORED = {"=": "=", "<>": "<>", "<": ">", "<=": ">=", ">": "<", ">=": "<="}
_AND = frozenset({"and", "and_kleene"})
_OR = frozenset({"or", "or_kleene"})
# Alternations of AND and OR beyond this many say nothing that would save a request.
_DEEPEST = 40


@dataclass(slots=True)
class _Call:
    """A call of one of Arrow's functions; `options` are its own, None where it has none."""

    name: str
    arguments: list[_Node] = field(default_factory=list)
    options: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class _Field:
    name: str


@dataclass(frozen=True, slots=True)
class _Literal:
    value: Any


_Node = _Call | _Field | _Literal


def read(expression: pc.Expression | None, schema: pa.Schema) -> Predicate:
    """Return the predicate that an expression over `schema` states.

    Parameters:
        expression: a boolean expression, None for "every row".
    """
    if expression is None:
        return Always()
    try:
        root = _parsed(expression)
    except (pa.ArrowException, NotImplementedError, LookupError):
        return Unknown()
    return _predicate(root, 0) if _fields(root) <= set(schema.names) else Unknown()


def _parsed(expression: pc.Expression) -> _Node:
    """Return the expression's tree. Raises LookupError for a token that is not known here."""
    (pickled,) = expression.__reduce__()[1]
    batch = pa.ipc.open_file(pickled).get_batch(0)
    whole = _Call("")
    open_calls = [whole]
    for kind, text in _metadata(batch.schema):
        here = open_calls[-1]
        if kind == "call":
            call = _Call(text)
            here.arguments.append(call)
            open_calls.append(call)
        elif kind == "end":
            open_calls.pop()
        elif kind == "field_ref":
            here.arguments.append(_Field(text))
        elif kind == "literal":
            here.arguments.append(_Literal(batch.column(int(text))[0].as_py()))
        elif kind == "options":
            here.options = batch.column(int(text))[0].as_py()
        else:
            raise LookupError(kind)
    (root,) = whole.arguments
    return root


class _CSchema(ctypes.Structure):
    """The beginning of Arrow's C data interface of a schema: https://arrow.apache.org/docs/format/CDataInterface.html."""

    _fields_ = (("format", ctypes.c_char_p), ("name", ctypes.c_char_p), ("metadata", ctypes.c_void_p))


_pointer = ctypes.pythonapi.PyCapsule_GetPointer
_pointer.restype, _pointer.argtypes = ctypes.c_void_p, (ctypes.py_object, ctypes.c_char_p)


def _metadata(schema: pa.Schema) -> list[tuple[str, str]]:
    """Return all pairs of a schema's metadata in their order; `schema.metadata` has each key but once."""
    capsule = schema.__arrow_c_schema__()
    place = _CSchema.from_address(_pointer(capsule, b"arrow_schema")).metadata
    if place is None:
        raise LookupError("metadata")

    def number() -> int:
        nonlocal place
        found = ctypes.c_int32.from_address(place).value
        place += 4
        return found

    def text() -> str:
        nonlocal place
        length = number()
        found = ctypes.string_at(place, length).decode()
        place += length
        return found

    return [(text(), text()) for _ in range(number())]


def _predicate(node: _Node, depth: int) -> Predicate:
    match node:
        case _Field(name):
            return Compare(name, "=", True)
        case _Literal(value):
            return Always() if value is True else Never() if value in (False, None) else Unknown()
        case _Call(name) if name in _AND | _OR and depth < _DEEPEST:
            parts = tuple(_predicate(part, depth + 1) for part in _flat(node, _AND if name in _AND else _OR))
            return And(parts) if name in _AND else Or(parts)
        case _Call("invert", [inner]) if depth < _DEEPEST:
            return Not(_predicate(inner, depth + 1))
        case _Call(name, [left, right]) if name in _COMPARISONS:
            return _comparison(_COMPARISONS[name], left, right) or _unknown(node)
        case _Call("is_null", [_Field(column)]):
            return IsNull(column)
        case _Call("is_valid", [_Field(column)]):
            return IsNull(column, negated=True)
        case _Call("starts_with", [_Field(column)], {"pattern": str(prefix), "ignore_case": False}):
            return StartsWith(column, prefix)
        case _Call("is_in", [_Field(column)], {"value_set": list(values)}) if all(map(_is_value, values)):
            return OneOf(column, tuple(values))
        # DuckDB writes `c IN (..)` as "if c is not null then c in (..) else null", which is true where the IN is.
        case _Call("if_else", [_Call("is_valid", [_Field(guarded)]), inner, _Literal(None)]):
            found = _predicate(inner, depth)
            return found if isinstance(found, OneOf) and found.column == guarded else _unknown(node)
        case _:
            return _unknown(node)


def _comparison(op: str, left: _Node, right: _Node) -> Predicate | None:
    match left, right:
        case _Field(column), _Literal(value) if _is_value(value):
            return Compare(column, op, value)
        case _Literal(value), _Field(column) if _is_value(value):
            return Compare(column, _MIRRORED[op], value)
        case _:
            return None


def _is_value(found: object) -> bool:
    return isinstance(found, Value)


def _flat(node: _Node, names: frozenset[str]) -> Iterator[_Node]:
    """Yield what a chain of one operator combines: however long it is, it is no deeper than one."""
    waiting = [node]
    while waiting:
        part = waiting.pop()
        if isinstance(part, _Call) and part.name in names:
            waiting.extend(reversed(part.arguments))
        else:
            yield part


def _unknown(node: _Node) -> Unknown:
    return Unknown(frozenset(_fields(node)))


def _fields(node: _Node) -> set[str]:
    """Return every column that an expression looks at, at any depth."""
    found: set[str] = set()
    waiting = [node]
    while waiting:
        part = waiting.pop()
        if isinstance(part, _Field):
            found.add(part.name)
        elif isinstance(part, _Call):
            waiting.extend(part.arguments)
    return found
