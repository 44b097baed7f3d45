"""Recognises the statements that write, and takes them apart into queries and names. Pure: nothing is opened or asked.

INSERT [OR REPLACE | OR IGNORE] INTO items (columns) VALUES ... | SELECT ...  [ON CONFLICT DO NOTHING]  [RETURNING ...]
UPDATE items [AS i] SET column = value, ... [FROM ...] [WHERE ...]  [RETURNING ...]
DELETE FROM items [AS i] [USING ...] WHERE ...  [RETURNING ...]
COPY (query) | table TO 'onedrive:/...' (options)
CALL procedure(argument => value, ...)
SET driveql.setting = value;  RESET driveql.setting
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from sqlglot.tokenizer_core import TokenType

from driveql.errors import SqlNotSupportedError, SqlSyntaxError
from driveql.sql.syntax import closing
from driveql.sql.writing.clauses import Words

TABLES = ("items", "files", "folders")
INSERTED = (
    "path", "parent_path", "name", "is_folder", "content", "local_path", "conflict", "owner", "drive_id",
)  # fmt: skip
SETTABLE = ("name", "parent_path", "path", "description")
_NAMES = frozenset({TokenType.VAR, TokenType.IDENTIFIER})
_SOURCES = frozenset({TokenType.SELECT, TokenType.VALUES, TokenType.WITH, TokenType.FROM, TokenType.TABLE})


@dataclass(frozen=True, slots=True)
class Insert:
    """Rows for a table. `columns` is None where the query's own names count.

    `conflict` is `fail`, `replace` or `skip`. RETURNING calls the rows by the table's name.
    """

    table: str
    columns: tuple[str, ...] | None
    query: str
    conflict: str
    returning: str | None


@dataclass(frozen=True, slots=True)
class Update:
    """Items that change. `query` begins with the settings' values, to which the target's columns are added.

    Parameters:
        columns: what is set, in the order of the values. before, after: the query's text around the target's columns.
        alias: the name by which the query knows the target. guarded: its condition names the eTag.
    """

    table: str
    alias: str
    columns: tuple[str, ...]
    before: str
    after: str
    guarded: bool
    returning: str | None


@dataclass(frozen=True, slots=True)
class Delete:
    """Items that go; the fields are as in `Update`."""

    table: str
    alias: str
    before: str
    after: str
    guarded: bool
    returning: str | None


@dataclass(frozen=True, slots=True)
class Call:
    """A call of a procedure: its arguments' expressions by name, or by position (blank name)."""

    procedure: str
    arguments: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class SetOption:
    """A setting of driveql's own; `value` is None for RESET."""

    name: str
    value: str | None


@dataclass(frozen=True, slots=True)
class CopyTo:
    """Rows for a file. `source` is the query without its parentheses, or a table with its columns (`is_query` is False).

    `options` are the written options, each as its name in capitals and its text.
    """

    source: str
    is_query: bool
    target: str
    options: Mapping[str, str] = field(default_factory=dict)


Writing = Insert | Update | Delete | Call | SetOption | CopyTo


def recognise(sql: str, procedures: Callable[[str], bool]) -> Writing | None:
    """Return the writing statement that a text is, None for every other statement.

    Parameters:
        procedures: tells whether a name, in lower case, is one of driveql's procedures.

    Raises:
        SqlSyntaxError, SqlNotSupportedError: it writes to OneDrive, but not in a form that can be carried out.
    """
    words = Words.of(sql)
    first = words.word(0)
    if first in {"SET", "RESET"}:
        return _setting(words)
    if first == "CALL":
        return _call(words, procedures)
    if first == "COPY":
        return _copy(words)
    if first not in {"WITH", "INSERT", "UPDATE", "DELETE"}:
        return None
    verb = words.find({TokenType.INSERT, TokenType.UPDATE, TokenType.DELETE}, 0)
    match words.word(verb):
        case "INSERT":
            return _insert(words, verb)
        case "UPDATE":
            return _update(words, verb)
        case "DELETE":
            return _delete(words, verb)
    return None


def _setting(words: Words) -> SetOption | None:
    index = 2 if words.word(1) in {"GLOBAL", "SESSION", "LOCAL"} else 1
    if words.word(index) != "DRIVEQL" or words.type(index + 1) is not TokenType.DOT:
        return None
    name = words.word(index + 2).lower()
    if words.word(0) == "RESET":
        return SetOption(name, None)
    if words.word(index + 3) not in {"=", "TO"} or len(words) != index + 5:
        raise SqlSyntaxError(
            "A setting has one literal value.",
            hint="SET driveql.dry_run = true; SET driveql.audit_log = 'path'",
        )
    return SetOption(name, words.tokens[index + 4].text)


def _call(words: Words, procedures: Callable[[str], bool]) -> Call | None:
    name = words.word(1).lower()
    if not procedures(name) or words.type(2) is not TokenType.L_PAREN:
        return None
    end = closing(list(words.tokens), 2)
    if end is None or end != len(words) - 1:
        raise SqlSyntaxError(f"CALL {name}: its arguments stand in one pair of parentheses.")
    arguments: list[tuple[str, str]] = []
    for start, stop in words.parts(3, end):
        sign = words.word(start + 1) if stop - start > 2 else ""
        # A name may be a keyword of SQL; `=` alone also compares columns.
        if words.word(start).isidentifier() and (
            sign in {"=>", ":="} or (sign == "=" and words.type(start) in _NAMES)
        ):
            arguments.append((words.word(start).lower(), words.text(start + 2, stop)))
        elif not arguments or not arguments[-1][0]:
            arguments.append(("", words.text(start, stop)))
        else:
            raise SqlSyntaxError(f"CALL {name}: arguments without a name come before those with one.")
    return Call(name, tuple(arguments))


def _insert(words: Words, verb: int) -> Insert | None:
    conflict = {"OR REPLACE": "replace", "OR IGNORE": "skip"}.get(
        f"{words.word(verb + 1)} {words.word(verb + 2)}"
    )
    target = words.find({TokenType.INTO}, verb) + 1
    table = _target(words, target)
    if table is None:
        return None
    end = words.find({TokenType.RETURNING}, target)
    last, do_nothing = _conflict_clause(words, target, end)
    if do_nothing:
        conflict = conflict or "skip"
    start = target + 1
    columns: tuple[str, ...] | None = None
    if words.type(start) is TokenType.L_PAREN and words.type(start + 1) not in _SOURCES:
        close = closing(list(words.tokens), start) or last
        columns = tuple(words.word(first).lower() for first, _ in words.parts(start + 1, close))
        start = close + 1
    elif words.word(start) == "BY" and words.word(start + 1) == "NAME":
        start += 2
    else:
        raise SqlNotSupportedError(
            f"INSERT INTO {table} has to name its columns.",
            hint=f"INSERT INTO {table} (path, content) ..., or BY NAME; it takes {', '.join(INSERTED)}.",
        )
    _known(columns or (), INSERTED, f"INSERT INTO {table}", "description is set by UPDATE afterwards.")
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


def _update(words: Words, verb: int) -> Update | None:
    table = _target(words, verb + 1)
    if table is None:
        return None
    set_ = words.find({TokenType.SET}, verb)
    end = words.find({TokenType.RETURNING}, set_)
    where = words.find({TokenType.WHERE}, set_, end)
    from_ = words.find({TokenType.FROM}, set_, where)
    alias = _alias(words, verb + 1, set_) or table
    columns: list[str] = []
    values: list[str] = []
    for start, stop in words.parts(set_ + 1, from_):
        if words.type(start) not in _NAMES or words.word(start + 1) != "=" or stop - start < 3:
            raise SqlNotSupportedError(
                f"UPDATE {table}: {words.text(start, stop)!r} is not `column = value`.",
                hint=f"It sets {', '.join(SETTABLE)}.",
            )
        columns.append(words.word(start).lower())
        values.append(f"({words.text(start + 2, stop)})")
    _known(columns, SETTABLE, f"UPDATE {table}", "INSERT OR REPLACE writes a file's content anew.")
    if "path" in columns and {"name", "parent_path"} & set(columns):
        raise SqlNotSupportedError("UPDATE sets path, or name and parent_path, not both.")
    _needs_where(where, end, "UPDATE")
    more = f", {words.text(from_ + 1, where)}" if from_ < where else ""
    head = " ".join(part for part in (words.text(0, verb), "SELECT") if part)
    before = f"{head} {', '.join(values)}"
    after = f"FROM {table} AS {_quoted(alias)}{more} {words.text(where, end)}"
    return Update(
        table, alias, tuple(columns), before, after, _guarded(words, where, end), _returning(words, end)
    )


def _delete(words: Words, verb: int) -> Delete | None:
    table = _target(words, verb + 2) if words.word(verb + 1) == "FROM" else None
    if table is None:
        return None
    end = words.find({TokenType.RETURNING}, verb)
    where = words.find({TokenType.WHERE}, verb, end)
    using = words.find({TokenType.USING}, verb, where)
    alias = _alias(words, verb + 2, using) or table
    _needs_where(where, end, "DELETE")
    more = f", {words.text(using + 1, where)}" if using < where else ""
    head = " ".join(part for part in (words.text(0, verb), "SELECT") if part)
    after = f"FROM {table} AS {_quoted(alias)}{more} {words.text(where, end)}"
    return Delete(table, alias, head, after, _guarded(words, where, end), _returning(words, end))


def _copy(words: Words) -> CopyTo | None:
    to = next((index for index in words.outermost(1) if words.word(index) == "TO"), len(words))
    if words.type(to + 1) is not TokenType.STRING:
        return None
    target = words.tokens[to + 1].text
    if not target.lower().startswith(("onedrive:", "driveql:", "https://")):
        return None
    is_query = words.type(1) is TokenType.L_PAREN and closing(list(words.tokens), 1) == to - 1
    source = words.text(2, to - 1) if is_query else words.text(1, to)
    options: dict[str, str] = {}
    start = to + 3 if words.word(to + 2) == "WITH" else to + 2
    if start < len(words):
        end = closing(list(words.tokens), start) if words.type(start) is TokenType.L_PAREN else None
        if end != len(words) - 1:
            raise SqlSyntaxError("The options of COPY stand in one pair of parentheses at its end.")
        for first, last in words.parts(start + 1, len(words) - 1):
            options[words.word(first)] = words.text(first + 1, last)
    return CopyTo(source, is_query, target, options)


def _target(words: Words, index: int) -> str | None:
    if words.type(index) not in _NAMES or words.type(index + 1) is TokenType.DOT:
        return None
    name = words.tokens[index].text.lower()
    return name if name in TABLES else None


def _alias(words: Words, table: int, end: int) -> str | None:
    index = table + 2 if words.word(table + 1) == "AS" else table + 1
    if index >= end:
        return None
    if index != end - 1 or words.type(index) not in _NAMES:
        raise SqlSyntaxError(f"{words.text(table, end)!r} is not a table and its alias.")
    return words.tokens[index].text


def _known(columns: object, allowed: tuple[str, ...], what: str, hint: str) -> None:
    assert isinstance(columns, list | tuple)
    for column in columns:
        if column not in allowed:
            raise SqlNotSupportedError(
                f"{what} does not take {column!r}; it takes {', '.join(allowed)}.", hint=hint
            )
    if len(set(columns)) != len(columns):
        raise SqlSyntaxError(f"{what} names a column twice.")


def _needs_where(where: int, end: int, what: str) -> None:
    if where >= end:
        raise SqlNotSupportedError(
            f"{what} without WHERE would reach everything in the drive.",
            hint="Say which rows; WHERE true says that all of them are meant.",
        )


def _guarded(words: Words, where: int, end: int) -> bool:
    return any(words.word(index) == "E_TAG" for index in range(where, end))


def _returning(words: Words, index: int) -> str | None:
    if index >= len(words):
        return None
    if words.parameters(index + 1, len(words)):
        raise SqlNotSupportedError("RETURNING takes no parameters.")
    return words.text(index + 1, len(words)) or None


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
