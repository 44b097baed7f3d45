"""The incumbent's statements that write, as statements of ours, whose every row has an outcome.

An endpoint that acts stands alone: SELECT * FROM upload_file WITH (...). What has no plain meaning here is refused. Pure.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from sqlglot.tokenizer_core import Token, TokenType

from driveql.sql.incumbent import acting, actions, inserting
from driveql.sql.incumbent.clauses import Named
from driveql.sql.incumbent.columns import ITEM_COLUMNS
from driveql.sql.incumbent.endpoints import ENDPOINTS
from driveql.sql.syntax import Splice, quoted, splice

Parameters = Mapping[str, str]
_TABLES = {"files": "files", "folders": "folders", "filesfolders": "items"}
_OURS = {theirs.lower(): ours for theirs, ours in ITEM_COLUMNS.items()}
_DIALOG = frozenset({"searchtype", "searchpath", "targettype", "operation"})
_LITERALS = frozenset({TokenType.STRING, TokenType.NUMBER, TokenType.TRUE, TokenType.FALSE})


def acts(table: Named, tokens: Sequence[Token]) -> bool:
    """Return True where a table of the incumbent's is one that a statement writes, and not one that it reads."""
    if table.verb not in {TokenType.FROM, TokenType.JOIN} or table.name not in ENDPOINTS:
        return True
    parameters = table.clause.parameters if table.clause is not None else {}
    method = parameters.get("requestmethod") or parameters.get("httpmethod") or "GET"
    return table.name == "generic_request" and method.upper() != "GET" and _stands_alone(table, tokens)


def statement_of(table: Named, sql: str, tokens: Sequence[Token], read: Callable[[str], str]) -> str:
    """Return the statement of ours that does what one of the incumbent's does.

    Parameters:
        read: translates a query that is part of the statement.

    Raises:
        SqlNotSupportedError: it has no plain meaning here; the hint says what to write instead.
    """
    parameters = table.clause.parameters if table.clause is not None else {}
    given = {name: value for name, value in parameters.items() if value.strip() and name not in _DIALOG}
    if table.verb in {TokenType.DELETE, TokenType.UPDATE} and table.name in _TABLES:
        return _change(table, sql, tokens, given)
    name = table.name
    if table.verb is TokenType.INTO:
        source = inserting.source_of(table, sql, tokens)
        written = source and inserting.copied(name, source, given, read)
        if written is not None and written:
            return written
        name = inserting.ACTIONS.get(name, name)
        row = source.row if source is not None else None
        given = {**given, **row} if row is not None else {}
    elif table.verb in {TokenType.DELETE, TokenType.UPDATE}:
        assigned = _assigned(table, tokens)
        given = {**given, **assigned} if assigned is not None else {}
    elif not _stands_alone(table, tokens):
        raise actions.refuse(table, given)
    translate, takes = acting.ACTIONS.get(name, (None, frozenset()))
    if translate is None or set(given) - takes:
        raise actions.refuse(table, given, takes)
    statement = translate(given)
    if statement is None:
        raise actions.refuse(table, given)
    return statement


def _assigned(table: Named, tokens: Sequence[Token]) -> dict[str, str] | None:
    """Return what SET and WHERE say as `name = literal`; None where they say anything else."""
    end = table.clause.start if table.clause is not None else tokens[-1].end + 1
    inner = [token for token in tokens if table.end <= token.start < end]
    found: dict[str, str] = {}
    between = {TokenType.SET, TokenType.WHERE, TokenType.COMMA, TokenType.AND}
    while inner:
        kinds = [token.token_type for token in inner[:4]]
        if (
            len(kinds) < 4
            or kinds[0] not in between
            or kinds[2] is not TokenType.EQ
            or kinds[3] not in _LITERALS
        ):
            return None
        found[inner[1].text.lower()] = inner[3].text
        inner = inner[4:]
    return found


def _stands_alone(table: Named, tokens: Sequence[Token]) -> bool:
    head = [token.token_type for token in tokens[:3]]
    return (
        head == [TokenType.SELECT, TokenType.STAR, TokenType.FROM]
        and tokens[3].start == table.start
        and table.clause is not None
        and tokens[-1].end + 1 == table.clause.end
        and not _is_apart(table, tokens)
    )


def _is_apart(table: Named, tokens: Sequence[Token]) -> bool:
    """Return True where anything stands between a table and its clause."""
    assert table.clause is not None
    return any(table.end <= token.start < table.clause.start for token in tokens)


def _change(table: Named, sql: str, tokens: Sequence[Token], given: Parameters) -> str:
    """Return an UPDATE or DELETE on our table, with the drive that the clause names as a condition."""
    where = next((token for token in tokens if token.token_type is TokenType.WHERE), None)
    unknown = set(given) - {"driveid", "grouporuserid"}
    if where is None or unknown or table.clause is None or tokens[-1].end + 1 != table.clause.end:
        raise actions.refuse(table, given)
    renamed = [
        Splice(token.start, token.end + 1, _OURS[token.text.lower()])
        for token in tokens
        if token.token_type in {TokenType.VAR, TokenType.IDENTIFIER} and token.text.lower() in _OURS
    ]
    conditions = [f"{name} = {quoted(value)}" for name, value in acting.whose(given).items()]
    opening = f"WHERE {''.join(f'{condition} AND ' for condition in conditions)}("
    ours = [
        Splice(table.start, table.end, _TABLES[table.name]),
        Splice(where.start, where.end + 1, opening),
        Splice(table.clause.start, table.clause.end, ")"),
    ]
    inside = [part for part in renamed if table.end <= part.start < table.clause.start]
    return splice(sql, [*inside, *ours])
