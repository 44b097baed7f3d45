"""INSERT, UPDATE and DELETE on the tables that can be written, out of their clauses: the query for the rows, and what is done
with each. Pure.

`verb` is the place of the statement's verb among its words.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlglot.tokenizer_core import TokenType

from driveql.errors import SqlNotSupportedError, SqlSyntaxError
from driveql.sql.syntax import closing
from driveql.sql.writing.clauses import NAMES, Words
from driveql.sql.writing.forms import Delete, Insert, Update
from driveql.sql.writing.targets import TARGETS

_SOURCES = frozenset({TokenType.SELECT, TokenType.VALUES, TokenType.WITH, TokenType.FROM, TokenType.TABLE})


def insert(words: Words, verb: int) -> Insert | None:
    """Return an INSERT into such a table; None for one into another. Raises SqlSyntaxError, SqlNotSupportedError."""
    conflict = {"OR REPLACE": "replace", "OR IGNORE": "skip"}.get(
        f"{words.word(verb + 1)} {words.word(verb + 2)}"
    )
    target = words.find({TokenType.INTO}, verb) + 1
    table = _target(words, target)
    if table is None:
        if words.type(target) is TokenType.STRING and is_target(words.tokens[target].text):
            raise SqlNotSupportedError("INSERT INTO takes a table, and no file.",
                                       hint="COPY (SELECT ...) TO 'onedrive:/...' (APPEND) adds rows to a file.")  # fmt: skip
        return None
    written = TARGETS[table]
    end = words.find({TokenType.RETURNING}, target)
    last, do_nothing = _conflict_clause(words, target, end)
    if do_nothing:
        conflict = conflict or "skip"
    start = target + 1
    columns: tuple[str, ...] | None = None
    if words.type(start) is TokenType.L_PAREN and words.type(start + 1) not in _SOURCES:
        close = closing(list(words.tokens), start) or last
        names = (words.tokens[first].text for first, _ in words.parts(start + 1, close))
        columns = _once([written.inserted_column(name) for name in names], f"INSERT INTO {table}")
        start = close + 1
    elif words.word(start) == "BY" and words.word(start + 1) == "NAME":
        start += 2
    else:
        raise SqlNotSupportedError(
            f"INSERT INTO {table} has to name its columns.",
            hint=f"INSERT INTO {table} {written.example} ..., or BY NAME; it takes {written.listed(written.inserted)}.",
        )
    if conflict is not None and "path" not in written.settable:
        raise SqlNotSupportedError(f"INSERT INTO {table} can only add rows: nothing there has a name that could be taken.",
                                   hint="UPDATE changes rows.")  # fmt: skip
    if start >= last or words.word(start) == "DEFAULT":
        raise SqlSyntaxError(f"INSERT INTO {table} has no rows.")
    query = " ".join(part for part in (words.text(0, verb), words.text(start, last)) if part)
    return Insert(table, columns, query, conflict or "fail", _returning(words, end))


def _conflict_clause(words: Words, start: int, end: int) -> tuple[int, bool]:
    """Return where the source ends, and whether what exists is to be left alone."""
    for index in words.outermost(start, end):
        if words.word(index) == "ON" and words.word(index + 1) == "CONFLICT":
            if words.word(end - 2) != "DO" or words.word(end - 1) != "NOTHING":
                raise SqlNotSupportedError(
                    "ON CONFLICT can only DO NOTHING here.",
                    hint="INSERT OR REPLACE makes a new version of a file.",
                )
            return index, True
    return end, False


def update(words: Words, verb: int) -> Update | None:
    """Return an UPDATE of such a table; None for one of another. Raises SqlSyntaxError, SqlNotSupportedError."""
    table = _target(words, verb + 1)
    if table is None:
        return None
    written = TARGETS[table]
    set_ = words.find({TokenType.SET}, verb)
    end = words.find({TokenType.RETURNING}, set_)
    where = words.find({TokenType.WHERE}, set_, end)
    from_ = words.find({TokenType.FROM}, set_, where)
    alias = _alias(words, verb + 1, set_) or table
    columns: list[str] = []
    values: list[str] = []
    for start, stop in words.parts(set_ + 1, from_):
        if not words.is_name(start) or words.word(start + 1) != "=" or stop - start < 3:
            raise SqlNotSupportedError(
                f"UPDATE {table}: {words.text(start, stop)!r} is not `column = value`.",
                hint=f"It sets {written.listed(written.settable)}.",
            )
        columns.append(written.set_column(words.tokens[start].text))
        values.append(f"({words.text(start + 2, stop)})")
    _once(columns, f"UPDATE {table}")
    if "path" in columns and {"name", "parent_path"} & set(columns):
        raise SqlNotSupportedError("UPDATE sets path, or name and parent_path, not both.")
    _needs_where(where, end, f"UPDATE {table}")
    more = f", {words.text(from_ + 1, where)}" if from_ < where else ""
    head = " ".join(part for part in (words.text(0, verb), "SELECT") if part)
    before = f"{head} {', '.join(values)}"
    after = f"FROM {table} AS {_quoted(alias)}{more} {words.text(where, end)}"
    return Update(
        table, alias, tuple(columns), before, after, _guarded(words, where, end), _returning(words, end)
    )


def delete(words: Words, verb: int) -> Delete | None:
    """Return a DELETE of such a table; None for one of another. Raises SqlSyntaxError, SqlNotSupportedError."""
    table = _target(words, verb + 2) if words.word(verb + 1) == "FROM" else None
    if table is None:
        return None
    end = words.find({TokenType.RETURNING}, verb)
    where = words.find({TokenType.WHERE}, verb, end)
    using = words.find({TokenType.USING}, verb, where)
    alias = _alias(words, verb + 2, using) or table
    _needs_where(where, end, f"DELETE FROM {table}")
    more = f", {words.text(using + 1, where)}" if using < where else ""
    head = " ".join(part for part in (words.text(0, verb), "SELECT") if part)
    after = f"FROM {table} AS {_quoted(alias)}{more} {words.text(where, end)}"
    return Delete(table, alias, head, after, _guarded(words, where, end), _returning(words, end))


def is_target(text: str) -> bool:
    """Return True for a place in OneDrive, to which COPY writes."""
    return text.lower().startswith(("onedrive:", "driveql:", "https://"))


def _target(words: Words, index: int) -> str | None:
    if words.type(index) not in NAMES or words.type(index + 1) is TokenType.DOT:
        return None
    name = words.tokens[index].text.lower()
    return name if name in TARGETS else None


def _alias(words: Words, table: int, end: int) -> str | None:
    index = table + 2 if words.word(table + 1) == "AS" else table + 1
    if index >= end:
        return None
    if index != end - 1 or words.type(index) not in NAMES:
        raise SqlSyntaxError(f"{words.text(table, end)!r} is not a table and its alias.")
    return words.tokens[index].text


def _once(columns: Sequence[str], what: str) -> tuple[str, ...]:
    if len({name.casefold() for name in columns}) != len(columns):
        raise SqlSyntaxError(f"{what} names a column twice.")
    return tuple(columns)


def _needs_where(where: int, end: int, what: str) -> None:
    if where >= end:
        raise SqlNotSupportedError(
            f"{what} without WHERE would reach everything there is.",
            hint="Say which rows; WHERE true says that all of them are meant.",
        )


def _guarded(words: Words, where: int, end: int) -> bool:
    return any(words.word(index) == "E_TAG" for index in range(where, end))


def _returning(words: Words, index: int) -> str | None:
    if index >= len(words):
        return None
    if words.parameters(index + 1, len(words)):
        raise SqlNotSupportedError("RETURNING takes no parameters.")
    if index + 1 >= len(words):
        raise SqlSyntaxError("RETURNING names no columns.")
    return words.text(index + 1, len(words))


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
