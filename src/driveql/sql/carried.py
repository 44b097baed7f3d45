"""Types that Arrow has no values for: their columns leave the engine as text.

DuckDB gives `UHUGEINT` as a signed number that wraps, `TIME WITH TIME ZONE` without its zone, and `BIT`, `BIGNUM` and `VARIANT`
as bytes of its own making; nobody behind could tell. As text they say what they are. A `VARIANT` is JSON.
"""

from __future__ import annotations

import duckdb

from driveql.sql.syntax import quoted_name

_WRITTEN = {
    "bit": "VARCHAR",
    "uhugeint": "VARCHAR",
    "bignum": "VARCHAR",
    "time with time zone": "VARCHAR",
    "variant": "JSON",
}
Type = duckdb.sqltypes.DuckDBPyType


def carried(relation: duckdb.DuckDBPyRelation) -> duckdb.DuckDBPyRelation:
    """Return a query's rows with such values as text, also those within lists, structs, maps and unions."""
    types = [written(type_) for type_ in relation.types]
    if not any(types):
        return relation
    columns = (
        (f"CAST(#{number} AS {type_})" if type_ else f"#{number}") + f" AS {quoted_name(name)}"
        for number, (name, type_) in enumerate(zip(relation.columns, types, strict=True), 1)
    )
    return relation.project(", ".join(columns))


def written(type_: Type) -> str | None:
    """Return the type as which a type's values are given away; None where they stay as they are."""
    kind = type_.id
    if kind not in _NESTED:
        return _WRITTEN.get(kind)
    inner = [(name, child, written(child)) for name, child in inner_of(type_)]
    if not any(changed for _, _, changed in inner):
        return None
    parts = [(name, changed or str(child)) for name, child, changed in inner]
    match kind:
        case "list":
            return f"{parts[0][1]}[]"
        case "array":
            return f"{parts[0][1]}[{dict(type_.children)['size']}]"
        case "map" | "tuple":
            return f"{kind.upper()}({', '.join(part for _, part in parts)})"
        case _:
            return f"{kind.upper()}({', '.join(f'{quoted_name(name)} {part}' for name, part in parts)})"


def inner_of(type_: Type) -> list[tuple[str, Type]]:
    """Return the types of the values within a list, struct, tuple, map or union, with their names."""
    if type_.id not in _NESTED:
        return []
    children: list[tuple[str, Type]] = [
        (name, child) for name, child in type_.children if isinstance(child, Type)
    ]
    # A union's first one is the number of the member that it holds.
    return children[1:] if type_.id == "union" else children


_NESTED = frozenset({"list", "array", "struct", "tuple", "map", "union"})
