"""Recognises the statements that write, and takes them apart into queries and names. Pure: nothing is opened or asked.

INSERT [OR REPLACE | OR IGNORE] INTO items (columns) VALUES ... | SELECT ...  [ON CONFLICT DO NOTHING]  [RETURNING ...]
UPDATE items [AS i] SET column = value, ... [FROM ...] [WHERE ...]  [RETURNING ...]
DELETE FROM items [AS i] [USING ...] WHERE ...  [RETURNING ...]
COPY (query) | table TO 'onedrive:/...' (options)
CALL procedure(argument => value, ...)
SET driveql.setting = value;  RESET driveql.setting
"""

from __future__ import annotations

from collections.abc import Callable

from sqlglot.tokenizer_core import TokenType

from driveql.errors import SqlNotSupportedError, SqlSyntaxError
from driveql.sql.syntax import closing
from driveql.sql.writing import item_statements
from driveql.sql.writing.clauses import NAMES, Words
from driveql.sql.writing.forms import Call, CopyTo, SetOption, Writing
from driveql.sql.writing.targets import TARGETS

_VERBS = frozenset({TokenType.INSERT, TokenType.UPDATE, TokenType.DELETE})


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
    if first in {"WITH", "PREPARE", "EXPORT"}:
        _refuse_within(words)
    if first not in {"WITH", "INSERT", "UPDATE", "DELETE"}:
        return None
    words = _without_schema(words)
    verb = words.find(_VERBS, 0)
    match words.word(verb):
        case "INSERT":
            return item_statements.insert(words, verb)
        case "UPDATE":
            return item_statements.update(words, verb)
        case "DELETE":
            return item_statements.delete(words, verb)
    return None


def _target_of(words: Words, verb: int) -> int:
    """Return where the name of the table stands that a verb writes."""
    match words.word(verb):
        case "INSERT":
            return words.find({TokenType.INTO}, verb) + 1
        case "DELETE":
            return verb + 2
    return verb + 1


def _without_schema(words: Words) -> Words:
    """Leave out `main.` before the table that is written."""
    index = _target_of(words, words.find(_VERBS, 0))
    named = words.word(index) == "MAIN" and words.type(index + 1) is TokenType.DOT
    if not named or words.word(index + 2).lower() not in TARGETS:
        return words
    start, end = words.tokens[index].start, words.tokens[index + 2].start
    return Words.of(words.sql[:start] + words.sql[end:])


def _refuse_within(words: Words) -> None:
    """Raise SqlNotSupportedError for a write to OneDrive within another statement, where nothing would carry it out."""
    if words.word(0) == "EXPORT":
        if any(
            token.token_type is TokenType.STRING and item_statements.is_target(token.text)
            for token in words.tokens
        ):
            raise SqlNotSupportedError("EXPORT DATABASE writes to this machine alone.",
                                       hint="COPY a table TO 'onedrive:/...', one statement a table.")  # fmt: skip
        return
    prepared = words.word(0) == "PREPARE"
    for index in range(len(words)):
        if words.type(index) not in _VERBS or not (prepared or words.type(index - 1) is TokenType.L_PAREN):
            continue
        target = _target_of(words, index)
        if words.word(target).lower() in TARGETS and words.type(target + 1) is not TokenType.DOT:
            raise SqlNotSupportedError(
                f"{words.word(index)} on {words.word(target).lower()} stands within another statement; nothing was written.",
                hint="Run it as a statement of its own, with parameters (? or $name) for its values; RETURNING tells its rows.",
            )


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
            sign in {"=>", ":="} or (sign == "=" and words.type(start) in NAMES)
        ):
            arguments.append((words.word(start).lower(), words.text(start + 2, stop)))
        elif not arguments or not arguments[-1][0]:
            arguments.append(("", words.text(start, stop)))
        else:
            raise SqlSyntaxError(f"CALL {name}: arguments without a name come before those with one.")
    return Call(name, tuple(arguments))


def _copy(words: Words) -> CopyTo | None:
    to = next((index for index in words.outermost(1) if words.word(index) == "TO"), len(words))
    if words.type(to + 1) is not TokenType.STRING:
        if words.word(2) == "FROM" and words.word(1).lower() in TARGETS:
            raise SqlNotSupportedError(
                f"COPY {words.word(1).lower()} FROM is not supported: a file is no table of items.",
                hint="INSERT INTO items (path, content) SELECT ... FROM read_csv('...') makes an item of each row.",
            )
        return None
    target = words.tokens[to + 1].text
    if not item_statements.is_target(target):
        return None
    is_query = words.type(1) is TokenType.L_PAREN and closing(list(words.tokens), 1) == to - 1
    source = words.text(2, to - 1) if is_query else words.text(1, to)
    if to == 2 and item_statements.is_target(words.tokens[1].text):
        is_query, source = True, f"FROM {source}"  # a file in place of a table
    options: dict[str, str] = {}
    start = to + 3 if words.word(to + 2) == "WITH" else to + 2
    if start < len(words):
        end = closing(list(words.tokens), start) if words.type(start) is TokenType.L_PAREN else None
        if end != len(words) - 1:
            raise SqlSyntaxError("The options of COPY stand in one pair of parentheses at its end.")
        for first, last in words.parts(start + 1, len(words) - 1):
            if words.word(first) in options:
                raise SqlSyntaxError(f"COPY names the option {words.word(first)} twice.")
            options[words.word(first)] = words.text(first + 1, last)
    return CopyTo(source, is_query, target, options)
