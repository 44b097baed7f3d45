"""The words of SQL that the shell completes; those of functions, tables and columns come from the engine."""

from __future__ import annotations

KEYWORDS: tuple[str, ...] = (
    "ALL", "ALTER", "ANALYZE", "AND", "ANTI", "ARRAY", "AS", "ASC", "ASOF", "BEGIN", "BETWEEN", "BY",
    "CALL", "CASE", "CAST", "COLUMN", "COMMIT", "COPY", "CREATE", "CROSS", "CURRENT_DATE",
    "CURRENT_TIMESTAMP", "DELETE", "DESC", "DESCRIBE", "DISTINCT", "DROP", "ELSE", "END", "EXCEPT",
    "EXCLUDE", "EXISTS", "EXPLAIN", "FALSE", "FETCH", "FILTER", "FIRST", "FROM", "FULL", "GROUP", "HAVING",
    "ILIKE", "IN", "INNER", "INSERT", "INTERSECT", "INTERVAL", "INTO", "IS", "JOIN", "LAST", "LATERAL",
    "LEFT", "LIKE", "LIMIT", "MACRO", "NATURAL", "NOT", "NULL", "NULLS", "OFFSET", "ON", "OR", "ORDER",
    "OUTER", "OVER", "PARTITION", "PIVOT", "QUALIFY", "RECURSIVE", "REPLACE", "RESET", "RETURNING", "RIGHT",
    "ROLLBACK", "ROWS", "SAMPLE", "SELECT", "SEMI", "SET", "SHOW", "SUMMARIZE", "TABLE", "TABLES", "TEMP",
    "THEN", "TO", "TRUE", "UNION", "UNPIVOT", "UPDATE", "USING", "VALUES", "VIEW", "WHEN", "WHERE",
    "WINDOW", "WITH",
)  # fmt: skip
# What follows these names a table.
BEFORE_TABLES = frozenset({"FROM", "JOIN", "INTO", "UPDATE", "TABLE", "DESCRIBE", "DESC", "SUMMARIZE"})
# After these, an empty word is completed by columns.
BEFORE_COLUMNS = frozenset(
    {"SELECT", "WHERE", "AND", "OR", "BY", "ON", "NOT", "HAVING", "SET", "RETURNING", "DISTINCT"}
)
