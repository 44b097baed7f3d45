"""DuckDB's bound plan of a query, read for one thing: which columns of which scans its conditions look at. Pure.

Every operator's output is a list of columns by position; each is known by the scans' columns that it is made of, however views,
common table expressions and aliases renamed them on the way.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

Node = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class ScanColumn:
    """A column of one scan. `scan` tells scans of the same table apart; `bare` is False for what was computed of it."""

    scan: int
    table: str
    column: str
    bare: bool = True


Made = frozenset[ScanColumn]
_NOTHING: Made = frozenset()


@dataclass(frozen=True, slots=True)
class BoundCondition:
    """A condition, and what each position that it refers to is made of."""

    node: Node
    columns: Callable[[Node], Made]


@dataclass(slots=True)
class BoundPlan:
    """A plan's conditions, and its scans with the tables that they read, found by walking it once."""

    conditions: list[BoundCondition] = field(default_factory=list)
    _common: dict[int, list[Made]] = field(default_factory=dict)
    scans: dict[int, str] = field(default_factory=dict)

    def walk(self, node: Node) -> list[Made]:
        """Return what an operator's output columns are made of, and note the conditions on the way."""
        kind, children = node["type"], node.get("children", [])
        if kind in {"LOGICAL_MATERIALIZED_CTE", "LOGICAL_RECURSIVE_CTE"} and len(children) == 2:
            first = self.walk(children[0])
            self._common[node["table_index"]] = first
            rest = self.walk(children[1])
            return first if kind == "LOGICAL_RECURSIVE_CTE" else rest
        inputs = [self.walk(child) for child in children]
        if kind == "LOGICAL_GET" and not children:
            return self._scan(node)
        if kind == "LOGICAL_CTE_REF":
            return self._common.get(node["cte_index"], [])
        whole = [column for one in inputs for column in one]
        if "JOIN" in kind:
            return self._join(node, inputs, whole)
        if kind == "LOGICAL_FILTER":
            self._note(node.get("expressions", ()), whole)
            return _mapped(whole, node.get("projection_map"))
        if kind == "LOGICAL_PROJECTION":
            return [made_of(expression, whole) for expression in node["expressions"]]
        if kind == "LOGICAL_AGGREGATE_AND_GROUP_BY":
            groups = [made_of(expression, whole) for expression in node.get("groups", ())]
            return groups + [_NOTHING] * len(node.get("expressions", ()))
        if kind in {"LOGICAL_UNION", "LOGICAL_EXCEPT", "LOGICAL_INTERSECT"}:
            return [frozenset().union(*parts) for parts in zip(*inputs, strict=False)]
        return whole

    def _scan(self, node: Node) -> list[Made]:
        number = len(self.scans)
        names = node.get("names", [])
        table = (node.get("function_data") or {}).get("table", "")
        self.scans[number] = table
        indexes = [column["index"] for column in node.get("column_indexes", ())]
        kept = _mapped(indexes, node.get("projection_ids"))
        return [
            frozenset({ScanColumn(number, table, names[index])}) if index < len(names) else _NOTHING
            for index in kept
        ]

    def _join(self, node: Node, inputs: Sequence[list[Made]], whole: list[Made]) -> list[Made]:
        left, right = inputs[0], inputs[1] if len(inputs) > 1 else []
        for condition in node.get("conditions", ()):
            if "right" in condition:
                sides = {id(condition["left"]): left, id(condition["right"]): right}
                compared = {
                    "type": condition["comparison"],
                    "children": [condition["left"], condition["right"]],
                }
                self.conditions.append(BoundCondition(compared, _of_sides(sides)))
            else:
                # What is no comparison of both sides stands alone, as "left", over the columns of both.
                self._note([condition.get("left", condition)], whole)
        self._note([node["condition"]] if "condition" in node else (), whole)
        kept = _mapped(left, node.get("left_projection_map"))
        match node.get("join_type"):
            case "SEMI" | "ANTI":
                return kept
            case "MARK":
                return [*kept, _NOTHING]
            case "RIGHT_SEMI" | "RIGHT_ANTI":
                return _mapped(right, node.get("right_projection_map"))
            case _:
                return kept + _mapped(right, node.get("right_projection_map"))

    def _note(self, expressions: Sequence[Node], columns: list[Made]) -> None:
        self.conditions += [
            BoundCondition(expression, lambda node: made_of(node, columns)) for expression in expressions
        ]


def made_of(node: Node, columns: Sequence[Made]) -> Made:
    """Return the scans' columns that an expression is made of."""
    if node.get("type") == "BOUND_REF":
        index = node["index"]
        return columns[index] if index < len(columns) else _NOTHING
    found = frozenset(column for part in parts_of(node) for column in made_of(part, columns))
    return frozenset(ScanColumn(c.scan, c.table, c.column, bare=False) for c in found)


def has_columns(node: Node) -> bool:
    """Return whether an expression looks at any column: one that does not is the same for every row."""
    return node.get("type") == "BOUND_REF" or any(has_columns(part) for part in parts_of(node))


def parts_of(node: Node) -> Iterator[Node]:
    """Yield the expressions directly within an expression."""
    for key, value in node.items():
        if key in {"return_type", "arguments", "function_data"}:
            continue
        for part in value if isinstance(value, list) else [value]:
            if isinstance(part, dict) and ("expression_class" in part or "type" in part):
                yield part
            elif isinstance(part, dict):
                yield from parts_of(part)


def _of_sides(sides: Mapping[int, list[Made]]) -> Callable[[Node], Made]:
    def columns(node: Node) -> Made:
        if id(node) in sides:
            return made_of(node, sides[id(node)])
        return frozenset(c for part in parts_of(node) for c in columns(part))

    return columns


def _mapped(values: list[Any], places: Sequence[int] | None) -> list[Any]:
    return [values[place] for place in places if place < len(values)] if places else values
