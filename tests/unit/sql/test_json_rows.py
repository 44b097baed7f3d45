"""JSON objects as a table: names, types, and what has neither."""

from __future__ import annotations

from driveql.sql.json_rows import table_of


def test_inner_objects_lists_and_mixed_values() -> None:
    table = table_of(
        [{"a": 1, "b": {"c": "x", "d": {}}, "l": [1, {"e": 2}]}, {"a": 2.5, "m": True}, {"m": "yes"}]
    )
    assert table.to_pylist() == [
        {"a": 1.0, "b_c": "x", "b_d": "{}", "l": '[1,{"e":2}]', "m": None},
        {"a": 2.5, "b_c": None, "b_d": None, "l": None, "m": "true"},
        {"a": None, "b_c": None, "b_d": None, "l": None, "m": "yes"},
    ]
    assert table_of([{"n": 2**70}, {"n": None}]).column("n").to_pylist() == [str(2**70), None]
    assert table_of([1, 2]).column("value").to_pylist() == [1, 2]
    assert table_of([]).column_names == ["value"]
    assert table_of([{"f": True}, {"f": None}]).column("f").to_pylist() == [True, None]
