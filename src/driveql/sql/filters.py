"""Reads a pyarrow filter expression into the algebra of `predicates`, through Substrait, never through its text.

What Substrait cannot carry becomes `Unknown`: nothing is then asked of Graph for it, and the exact filter decides.
Source: https://substrait.io/expressions/scalar_functions/
"""

from __future__ import annotations

import importlib.util
import sys
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

_COMPARISONS = {"equal": "=", "not_equal": "<>", "lt": "<", "lte": "<=", "gt": ">", "gte": ">="}
_MIRRORED = {"=": "=", "<>": "<>", "<": ">", "<=": ">=", ">": "<", ">=": "<="}


def read(expression: pc.Expression | None, schema: pa.Schema) -> Predicate:
    """Return the predicate that an expression over `schema` states.

    Parameters:
        expression: a boolean expression, None for "every row".
    """
    if expression is None:
        return Always()
    _make_substrait_importable()
    from substrait.extended_expression_pb2 import ExtendedExpression

    message = ExtendedExpression()
    try:
        message.ParseFromString(bytes(expression.to_substrait(schema)))
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError, pa.ArrowKeyError):
        return Unknown()
    functions = {
        extension.extension_function.function_anchor: extension.extension_function.name.partition(":")[0]
        for extension in message.extensions
    }
    return _Reader(functions, schema.names).predicate(message.referred_expr[0].expression)


def _make_substrait_importable() -> None:
    # pyarrow imports `substrait.proto` as soon as any `substrait` package is installed, but only to hand out objects that
    # are not used here. The package substrait-protobuf, which has the messages themselves, has no such module.
    if "substrait.proto" not in sys.modules and importlib.util.find_spec("substrait.proto") is None:
        from types import ModuleType

        sys.modules["substrait.proto"] = ModuleType("substrait.proto")


class _Reader:
    def __init__(self, functions: dict[int, str], names: list[str]) -> None:
        self._functions = functions
        self._names = names

    def predicate(self, node: Any) -> Predicate:
        """Return what a Substrait expression of type boolean states."""
        kind = node.WhichOneof("rex_type")
        if kind == "scalar_function":
            return self._function(node.scalar_function)
        if kind == "singular_or_list":
            return self._one_of(node.singular_or_list)
        if kind == "if_then":
            return self._guarded(node)
        if kind == "selection":
            column = self._column(node)
            return Compare(column, "=", True) if column else self._unknown(node)
        if kind == "literal" and node.literal.WhichOneof("literal_type") == "boolean":
            return Always() if node.literal.boolean else Never()
        if kind == "literal" and node.literal.WhichOneof("literal_type") == "null":
            return Never()
        return self._unknown(node)

    def _function(self, call: Any) -> Predicate:
        name = self._functions.get(call.function_reference, "")
        values = [argument.value for argument in call.arguments]
        if name == "and":
            return And(tuple(self.predicate(value) for value in values))
        if name == "or":
            return Or(tuple(self.predicate(value) for value in values))
        if name == "not":
            return Not(self.predicate(values[0]))
        if name in _COMPARISONS:
            return self._comparison(_COMPARISONS[name], values[0], values[1]) or self._unknown(*values)
        column = self._column(values[0]) if values else None
        if column and name in {"is_null", "is_not_null"}:
            return IsNull(column, negated=name == "is_not_null")
        if column and name == "starts_with":
            prefix = _literal(values[1])
            if isinstance(prefix, str):
                return StartsWith(column, prefix)
        return self._unknown(*values)

    def _comparison(self, op: str, left: Any, right: Any) -> Predicate | None:
        column, value = self._column(left), _literal(right)
        if column is None:
            column, value, op = self._column(right), _literal(left), _MIRRORED[op]
        return Compare(column, op, value) if column is not None and value is not None else None

    def _one_of(self, node: Any) -> Predicate:
        column = self._column(node.value)
        values = [_literal(option) for option in node.options]
        known = tuple(value for value in values if value is not None)
        return OneOf(column, known) if column and len(known) == len(values) else self._unknown(node.value)

    def _guarded(self, node: Any) -> Predicate:
        # DuckDB writes `c IN (..)` as "if c is not null then c in (..) else null", which is true where the IN is.
        clauses, otherwise = node.if_then.ifs, getattr(node.if_then, "else")
        is_null = otherwise.literal.WhichOneof("literal_type") == "null"
        if len(clauses) == 1 and is_null:
            guard = self.predicate(getattr(clauses[0], "if"))
            inner = self.predicate(clauses[0].then)
            if isinstance(inner, OneOf) and guard == IsNull(inner.column, negated=True):
                return inner
        return self._unknown(node)

    def _column(self, node: Any) -> str | None:
        if node.WhichOneof("rex_type") == "cast":
            return None
        if node.WhichOneof("rex_type") != "selection" or not node.selection.HasField("direct_reference"):
            return None
        reference = node.selection.direct_reference
        if reference.WhichOneof("reference_type") != "struct_field" or reference.struct_field.HasField(
            "child"
        ):
            return None
        name: str = self._names[reference.struct_field.field]
        return name

    def _unknown(self, *nodes: Any) -> Unknown:
        columns: set[str] = set()
        for node in nodes:
            columns |= self._mentioned(node)
        return Unknown(frozenset(columns))

    def _mentioned(self, message: Any) -> set[str]:
        """Return every column that a message refers to, at any depth."""
        column = (
            self._column(message) if hasattr(message, "rex_type") or hasattr(message, "selection") else None
        )
        if column is not None:
            return {column}
        found: set[str] = set()
        for field, value in message.ListFields():
            if field.message_type is None:
                continue
            for part in value if isinstance(value, list) or hasattr(value, "append") else [value]:
                found |= self._mentioned(part)
        return found


def _literal(node: Any) -> Value | None:
    if node.WhichOneof("rex_type") == "cast":
        return _literal(node.cast.input)
    if node.WhichOneof("rex_type") != "literal":
        return None
    kind = node.literal.WhichOneof("literal_type")
    if kind in {"string", "boolean", "i8", "i16", "i32", "i64", "fp32", "fp64"}:
        value: Value = getattr(node.literal, kind)
        return value
    if kind == "var_char":
        return str(node.literal.var_char.value)
    return None
