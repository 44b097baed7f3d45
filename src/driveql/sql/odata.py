"""The strongest OData filter that a predicate implies, from what each column takes. Pure.

Graph compares text without regard to case and knows nothing of SQL's NULL, so a filter may let too much through.
Source: https://learn.microsoft.com/graph/aad-advanced-queries
"""

from __future__ import annotations

from driveql.sql.predicates import And, Compare, OneOf, Or, Predicate, StartsWith, Value, positive
from driveql.sql.tables import GraphTable, Role, Takes

# Graph refuses a filter with more alternatives than this.
MOST_ALTERNATIVES = 15


def filter_of(predicate: Predicate, table: GraphTable) -> str | None:
    """Return the text of `$filter`, or None where Graph can take nothing of the predicate."""
    text, alternatives = _render(positive(predicate), table)
    return text if alternatives <= MOST_ALTERNATIVES else None


def _render(predicate: Predicate, table: GraphTable) -> tuple[str | None, int]:
    match predicate:
        case And(parts):
            rendered = [_render(part, table) for part in parts]
            kept = [
                (text, count) for text, count in rendered if text is not None and count <= MOST_ALTERNATIVES
            ]
            return (
                " and ".join(text for text, _ in kept) or None,
                max((count for _, count in kept), default=0),
            )
        case Or(parts):
            rendered = [_render(part, table) for part in parts]
            texts = [text for text, _ in rendered if text is not None]
            if len(texts) < len(parts):
                return (None, 0)
            return (f"({' or '.join(texts)})", sum(count for _, count in rendered))
        case Compare(column, "=", value) if value != "" and _takes(table, column, Takes.EQUAL):
            return (_equal(table, column, value), 1)
        case OneOf(column, values) if values and "" not in values and _takes(table, column, Takes.IN):
            return (f"({' or '.join(_equal(table, column, value) for value in values)})", len(values))
        case StartsWith(column, prefix) if prefix and _takes(table, column, Takes.PREFIX):
            return (f"startswith({_property(table, column)},{_literal(prefix)})", 1)
        case _:
            return (None, 0)


def _takes(table: GraphTable, column: str, what: Takes) -> bool:
    declared = table.by_name.get(column)
    return declared is not None and declared.role is Role.FILTER and what in declared.takes


def _equal(table: GraphTable, column: str, value: Value) -> str:
    return f"{_property(table, column)} eq {_literal(value)}"


def _property(table: GraphTable, column: str) -> str:
    return table.by_name[column].graph.replace(".", "/")


def _literal(value: Value) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return "'" + value.replace("'", "''") + "'"
    return str(value)
