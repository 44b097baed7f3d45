"""$filter: a small recursive-descent parser that turns the clause into a predicate over a resource's properties.

Comparisons of strings are case-insensitive, as the directory's are. What is OData but not known here is refused with
501; what is no OData at all with 400.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from graph_emulator.errors import GraphError, not_implemented

Predicate = Callable[[dict[str, Any]], bool]
_Value = Callable[[dict[str, Any]], Any]

_TOKEN = re.compile(
    r"\s*(?:(?P<string>'(?:[^']|'')*')|(?P<punctuation>[(),])|(?P<word>[^\s(),']+))",
)
_COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "eq": lambda left, right: bool(left == right),
    "ne": lambda left, right: bool(left != right),
    "gt": lambda left, right: left is not None and right is not None and bool(left > right),
    "ge": lambda left, right: left is not None and right is not None and bool(left >= right),
    "lt": lambda left, right: left is not None and right is not None and bool(left < right),
    "le": lambda left, right: left is not None and right is not None and bool(left <= right),
}
_CONSTANTS = {"true": True, "false": False, "null": None}
_TEXT_FUNCTIONS: dict[str, Callable[[str, str], bool]] = {
    "startswith": str.startswith,
    "endswith": str.endswith,
    "contains": str.__contains__,
}


def parse_filter(clause: str, *, known: frozenset[str], functions: frozenset[str]) -> Predicate:
    """Return the predicate of a $filter clause over the properties `known` with the text `functions` given.

    Raises GraphError 400 for a clause that cannot be read or names another property, 501 for what is not known here.
    """
    parser = _Parser(_tokens(clause), clause, known, functions)
    predicate = parser.alternatives()
    if not parser.at_end():
        raise _invalid(clause)
    return predicate


def _tokens(clause: str) -> list[str]:
    tokens, position = [], 0
    clause = clause.strip()
    while position < len(clause):
        match = _TOKEN.match(clause, position)
        if match is None:
            raise _invalid(clause)
        tokens.append(match[0].strip())
        position = match.end()
    return tokens


class _Parser:
    def __init__(
        self, tokens: list[str], clause: str, known: frozenset[str], functions: frozenset[str]
    ) -> None:
        self._tokens = tokens
        self._clause = clause
        self._known = known
        self._functions = functions
        self._position = 0
        self._variables: set[str] = set()

    def at_end(self) -> bool:
        return self._position >= len(self._tokens)

    def alternatives(self) -> Predicate:
        terms = [self._conjunction()]
        while self._accept("or"):
            terms.append(self._conjunction())
        return terms[0] if len(terms) == 1 else lambda row: any(term(row) for term in terms)

    def _conjunction(self) -> Predicate:
        terms = [self._negation()]
        while self._accept("and"):
            terms.append(self._negation())
        return terms[0] if len(terms) == 1 else lambda row: all(term(row) for term in terms)

    def _negation(self) -> Predicate:
        if self._accept("not"):
            inner = self._negation()
            return lambda row: not inner(row)
        if self._accept("("):
            inner = self.alternatives()
            self._expect(")")
            return inner
        if self._position + 1 < len(self._tokens) and self._tokens[self._position + 1] == "(":
            return self._function()
        return self._comparison()

    def _function(self) -> Predicate:
        name = self._next()
        collection, _, quantifier = name.rpartition("/")
        if collection and quantifier == "any":
            return self._any(collection)
        if name not in _TEXT_FUNCTIONS or name not in self._functions:
            raise not_implemented(f"the function {name} in $filter here")
        self._expect("(")
        subject = self._property()
        self._expect(",")
        wanted = str(_literal(self._next(), self._clause)).casefold()
        self._expect(")")
        test = _TEXT_FUNCTIONS[name]
        return lambda row: isinstance(text := subject(row), str) and test(text, wanted)

    def _any(self, collection: str) -> Predicate:
        """Read `any()` and `any(x:clause on x)` over a collection; its elements are known as x inside."""
        elements = self._value_of(collection)
        self._expect("(")
        if self._accept(")"):
            return lambda row: bool(elements(row))
        variable, colon, subject = self._next().partition(":")
        if not colon or not subject:
            raise _invalid(self._clause)
        self._position -= 1
        self._tokens[self._position] = subject
        self._variables.add(variable)
        inner = self.alternatives()
        self._variables.discard(variable)
        self._expect(")")
        return lambda row: any(inner({**row, variable: element}) for element in elements(row) or ())

    def _comparison(self) -> Predicate:
        subject = self._property()
        operator = self._next()
        if operator == "in":
            return self._membership(subject)
        compare = _COMPARISONS.get(operator)
        if compare is None:
            raise _invalid(self._clause)
        wanted = _folded(_literal(self._next(), self._clause))
        if operator in ("eq", "ne") or wanted is not None:
            return lambda row: _compared(compare, subject(row), wanted)
        raise _invalid(self._clause)

    def _membership(self, subject: _Value) -> Predicate:
        self._expect("(")
        wanted = [_folded(_literal(self._next(), self._clause))]
        while self._accept(","):
            wanted.append(_folded(_literal(self._next(), self._clause)))
        self._expect(")")
        return lambda row: subject(row) in wanted

    def _property(self) -> _Value:
        return self._value_of(self._next())

    def _value_of(self, written: str) -> _Value:
        path = written.split("/")
        if path[0] not in self._known and path[0] not in self._variables:
            raise GraphError(
                400, "BadRequest", f"Invalid filter clause: Could not find a property named '{path[0]}'."
            )

        def value(row: dict[str, Any]) -> Any:
            found: Any = row
            for name in path:
                found = found.get(name) if isinstance(found, dict) else None
            return _folded(found)

        return value

    def _next(self) -> str:
        if self.at_end():
            raise _invalid(self._clause)
        self._position += 1
        return self._tokens[self._position - 1]

    def _accept(self, token: str) -> bool:
        if not self.at_end() and self._tokens[self._position].casefold() == token:
            self._position += 1
            return True
        return False

    def _expect(self, token: str) -> None:
        if not self._accept(token):
            raise _invalid(self._clause)


def _literal(token: str, clause: str) -> Any:
    if token.startswith("'"):
        return token[1:-1].replace("''", "'")
    if token in _CONSTANTS:
        return _CONSTANTS[token]
    if re.fullmatch(r"-?\d+(\.\d+)?", token):
        return float(token) if "." in token else int(token)
    if re.fullmatch(r"\d{4}-\d\d-\d\d(T[\d:.]+(Z|[+-]\d\d:\d\d))?", token) or re.fullmatch(
        r"[0-9a-fA-F-]{36}", token
    ):
        return token
    raise _invalid(clause)


def _compared(compare: Callable[[Any, Any], bool], left: Any, right: Any) -> bool:
    try:
        return compare(left, right)
    except TypeError:
        return False


def _folded(value: Any) -> Any:
    return value.casefold() if isinstance(value, str) else value


def _invalid(clause: str) -> GraphError:
    return GraphError(400, "BadRequest", f"Invalid filter clause: {clause[:200]}")
