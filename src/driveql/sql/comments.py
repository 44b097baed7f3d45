"""Comments as DuckDB reads them: `--` to the end of the line, `/* */` within one another, and either ends an operator. Pure.

sqlglot reads some of them otherwise (`a //* b */`, `/*/* */ */`); then the words that it finds are not those that would run.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

_MARK = re.compile(r"/\*|\*/")
_BEGIN = re.compile(r"--|/\*")
_OPERATOR = re.compile(r"[-+*/<>=~!@#%^&|?:]+")


def is_read_alike(sql: str, words: Iterable[tuple[int, int]]) -> bool:
    """Return whether all between some words is blank or comment for DuckDB too, and no comment begins in a word.

    Parameters:
        words: where each begins and ends, `end` exclusive, in order.
    """
    if not _BEGIN.search(sql):
        return True
    before = 0
    for start, end in words:
        if not _is_passed_over(sql, before, start):
            return False
        # The character behind belongs to the mark of a comment that the word's last one begins.
        if _OPERATOR.fullmatch(sql, start, end) and _BEGIN.search(sql, start, end + 1):
            return False
        before = end
    return _is_passed_over(sql, before, len(sql))


def _is_passed_over(sql: str, start: int, end: int) -> bool:
    while (begin := _BEGIN.search(sql, start, end)) is not None:
        if sql[start : begin.start()].strip():
            return False
        if begin[0] == "--":
            line = sql.find("\n", begin.end())
            start = len(sql) if line < 0 else line
        else:
            start = _closed(sql, begin.end())
        if start > end:
            return False
    return not sql[start:end].strip()


def _closed(sql: str, start: int) -> int:
    """Return where the comment ends whose first mark ends at `start`; behind the text where it does not."""
    depth = 1
    for mark in _MARK.finditer(sql, start):
        depth += 1 if mark[0] == "/*" else -1
        if depth == 0:
            return mark.end()
    return len(sql) + 1
