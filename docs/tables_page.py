"""docs/tables.md: the SQL tables and their columns, from their declarations."""

from __future__ import annotations

from docs.markdown import cell, code, table

from driveql.sql import catalogue
from driveql.sql.tables import TABLES, Column, Match, Takes


def text() -> str:
    """Return the page."""
    parts = [
        "# SQL tables\n",
        "What Graph can answer is asked of Graph; everything else is computed here, so that a query's rows are the same"
        " either way. *Asked of Graph* names the predicates that are; those marked *narrowed* bring a superset that is then"
        " filtered here. `driveql sql --explain` shows it for a query.\n",
        "Names in OneDrive are compared by the service without regard to case; SQL's `=` regards it.\n",
    ]
    for name, declared in TABLES.items():
        parts += [
            f"\n## {name}\n",
            f"{declared.description}.\n",
            table(
                ["column", "type", "Graph property", "asked of Graph", "meaning"], map(_row, declared.columns)
            ),
        ]
    return "\n\n".join(part.strip() for part in parts)


def _row(column: Column) -> list[str]:
    asked = ", ".join(code(takes.value) for takes in Takes if takes in column.takes)
    if asked and column.match is Match.LOOSE:
        asked += " (narrowed)"
    return [
        code(column.name),
        code(catalogue.sql_type(column.type)),
        code(column.graph),
        asked,
        cell(column.description),
    ]
