"""The tests that are left out, by the start of their names, with the reasons that docs/python.md gives."""

from __future__ import annotations

LEFT_OUT = {
    "a table that refers to itself is emptied at once, which DuckDB's foreign keys refuse": ["CTETest."],
    "they want transactions that roll back, and a level other than AUTOCOMMIT": [
        "AutocommitIsolationTest.",
        "IsolationLevelTest.test_dialect_user_setting_is_restored",
    ],
    "DuckDB does not keep the names of constraints": [
        "ComponentReflectionTest.test_get_foreign_keys",
        "ComponentReflectionTest.test_get_multi_foreign_keys",
        "LongNameBlowoutTest.test_long_convention_name[pk",
    ],
    "DuckDB does not keep the length of VARCHAR": [
        "ComponentReflectionTestExtra.test_string_length_reflection",
        "ComponentReflectionTest.test_reflect_table_temp_table",
    ],
    "DuckDB divides decimals as DOUBLE": ["TrueDivTest.test_truediv_divisor[numeric_38"],
    "they expect an order of rows that they do not ask for": [
        "WindowFunctionTest.test_window_range-",
        "WindowFunctionTest.test_window_range_numeric",
    ],
}

# Of tests that differ only in a combination of parameters, one in so many is run, unless SQLALCHEMY_SUITE=whole.
COMBINATIONS = {
    "ComponentReflectionTest.test_get_multi_": 24,
    "ComponentReflectionTest.test_metadata": 4,
    "BizarroCharacterTest.": 24,
    "DifficultParametersTest.": 8,
    "JSONTest.": 12,
    "ReturningTest.": 8,
    "TableViaSelectTest.": 10,
}
