"""docs/procedures.md: what CALL knows, from the procedures' declarations."""

from __future__ import annotations

from docs.markdown import cell, code, table

from driveql.sql.writing.arguments import Argument
from driveql.sql.writing.outcome import COLUMNS
from driveql.sql.writing.procedures import PROCEDURES


def text() -> str:
    """Return the page."""
    parts = [
        "# Procedures\n",
        "`CALL copy_item(path => '/a.csv', to_path => '/b.csv')`. Arguments are given by name or in this order, as any"
        " expression or parameter; a `path` is a path in the connection's drive or a place of any other (`onedrive://alice@contoso.com/a.csv`),"
        " and `id` may stand instead of it. A call gives a row with "
        + ", ".join(code(name) for name in COLUMNS)
        + " and the columns that are named here ([what they say](sql.md)).\n",
    ]
    for procedure in PROCEDURES.values():
        parts += [
            f"\n## {procedure.name}\n",
            f"{procedure.description}.\n",
            table(["argument", "type", "default", "meaning"], map(_row, procedure.arguments)),
        ]
        if procedure.columns:
            rows = ([code(name), cell(description)] for name, _, description in procedure.columns)
            parts.append(table(["column", "meaning"], rows))
    return "\n\n".join(part.strip() for part in parts)


def _row(argument: Argument) -> list[str]:
    default = "required" if argument.required else code(_shown(argument.default))
    return [code(argument.name), argument.kind.value, default, cell(argument.description)]


def _shown(value: object) -> str:
    match value:
        case None:
            return ""
        case bool():
            return str(value).lower()
        case str():
            return repr(value)
        case tuple():
            return str(list(value))
    return f"{value:g}" if isinstance(value, float) else str(value)
