"""JSON objects as rows: a column for each property, those of an inner object as `outer_inner`, lists as JSON text. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

import pyarrow as pa


def table_of(objects: Iterable[Any]) -> pa.Table:
    """Return objects as a table; a column whose values are of several types is text.

    No objects at all give a table with one column, `value`, and no rows; what is no object is in that column.
    """
    rows = [_flat(one, "") if isinstance(one, Mapping) else {"value": _plain(one)} for one in objects]
    names = list(dict.fromkeys(name for row in rows for name in row)) or ["value"]
    return pa.table({name: _column([row.get(name) for row in rows]) for name in names})


def _flat(value: Mapping[str, Any], prefix: str) -> dict[str, Any]:
    row: dict[str, Any] = {}
    for name, inner in value.items():
        if isinstance(inner, Mapping) and inner:
            row |= _flat(inner, f"{prefix}{name}_")
        else:
            row[f"{prefix}{name}"] = _plain(inner)
    return row


def _plain(value: Any) -> Any:
    if isinstance(value, list | Mapping):
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return value


def _column(values: list[Any]) -> pa.Array:
    kinds = {type(value) for value in values if value is not None}
    if kinds <= {int} and all(-(2**63) <= value < 2**63 for value in values if value is not None):
        return pa.array(values, pa.int64() if kinds else pa.string())
    if kinds == {bool}:
        return pa.array(values, pa.bool_())
    if float in kinds and kinds <= {int, float}:
        return pa.array([None if value is None else float(value) for value in values], pa.float64())
    texts = [value if value is None or isinstance(value, str) else json.dumps(value) for value in values]
    return pa.array(texts, pa.string())
