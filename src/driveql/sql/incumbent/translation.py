"""One pass from the incumbent's SQL to ours, on the statement's tokens: the text around what is replaced stays as it was. Pure.

FROM list_folder WITH (FolderId='root:/x:')     a subquery with the incumbent's columns
SELECT ... INTO #t FROM ...                     CREATE OR REPLACE TEMP TABLE "#t" AS SELECT ... FROM ...
<<yyyy-MM-dd,FUN_TODAY>>                        its value
[createdBy_user_email]                          "createdBy_user_email"
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from itertools import pairwise

from sqlglot.tokenizer_core import Token, TokenType

from driveql.errors import SqlNotSupportedError
from driveql.sql.incumbent import actions, clauses, endpoints, placeholders, writing
from driveql.sql.incumbent.clauses import Clause, Named
from driveql.sql.incumbent.columns import FOREIGN, ITEM_COLUMNS
from driveql.sql.syntax import Splice, splice, tokens_of
from driveql.sql.tables import TABLES

KNOWN = frozenset({*endpoints.ENDPOINTS, *actions.EQUIVALENTS})
_SHARED_NAMES = frozenset(KNOWN & set(TABLES))
_OURS = frozenset(name for table in TABLES.values() for name in table.by_name if "_" in name)
_COLUMNS = frozenset(name.lower() for name in ITEM_COLUMNS)
# Nothing else in a statement can be the incumbent's.
_MARKS = re.compile(rf"<<|#|\bWITH\s*\(|\b(?:{'|'.join(sorted(KNOWN))})\b", re.IGNORECASE)
_NAMES = frozenset({TokenType.VAR, TokenType.IDENTIFIER})
_OPERANDS = _NAMES | {TokenType.R_PAREN, TokenType.R_BRACKET, TokenType.STRING}


def translate(sql: str, now: datetime) -> str:
    """Return one statement in our SQL; one that has nothing of the incumbent's comes back as it is.

    Parameters:
        now: the time that placeholders mean, with its zone.

    Raises:
        SqlNotSupportedError: it has what is not translated; the hint says what to write instead.
        SqlSyntaxError, ParameterError: a clause, placeholder or parameter is malformed.
    """
    if not _MARKS.search(sql):
        return sql
    sql = placeholders.replaced(sql, now)
    tokens = tokens_of(sql)
    tables, loose = clauses.find(tokens, KNOWN)
    theirs = [table for table in tables if _is_theirs(table, sql, tokens)]
    if loose and tokens[0].token_type in _QUERIES:
        raise actions.unknown(_table_before(tokens, loose[0]), KNOWN)
    for table in theirs:
        if writing.acts(table, tokens):
            return writing.statement_of(table, sql, tokens, lambda source: translate(source, now))
    if theirs and [token.text.upper() for token in tokens[:2]] == ["SELECT", "TOP"]:
        number = next((token.text for token in tokens if token.token_type is TokenType.NUMBER), "n")
        raise SqlNotSupportedError(
            "SELECT TOP is not translated.", hint=f"LIMIT {number} at the statement's end."
        )
    splices = [*_temporary(tokens), *(_bracketed(tokens) if theirs else ())]
    for table in theirs:
        splices += _subquery(table)
    return splice(sql, splices)


def _table_before(tokens: Sequence[Token], clause: Clause) -> str:
    """Return the name that a clause seems to belong to, for a message."""
    named = "nothing"
    for before, token in pairwise(tokens):
        if before.token_type in {TokenType.FROM, TokenType.JOIN} and token.start < clause.start:
            named = token.text
    return named


def _is_theirs(table: Named, sql: str, tokens: Sequence[Token]) -> bool:
    """Tell the incumbent's `Files` from our `files`: by its clause, or by its spelling and a column that only it has."""
    if table.clause is not None or table.name not in _SHARED_NAMES:
        return True
    if not sql[table.start : table.end].strip('"[')[:1].isupper():
        return False
    words = {token.text.lower() for token in tokens if token.token_type in _NAMES}
    return bool(words & FOREIGN) and not words & _OURS


def _subquery(table: Named) -> list[Splice]:
    parameters = table.clause.parameters if table.clause is not None else {}
    written = table.clause.written if table.clause is not None else {}
    query = endpoints.query_of(table.name, parameters, written)
    alias = "" if table.has_alias else f" AS {table.name}"
    found = [Splice(table.start, table.end, f"({query}){alias}")]
    if table.clause is not None:
        found.append(Splice(table.clause.start, table.clause.end, ""))
    return found


def _temporary(tokens: Sequence[Token]) -> list[Splice]:
    """Quote `#name`, and make SELECT ... INTO #name a table."""
    splices: list[Splice] = []
    into: Token | None = None
    for index, token in enumerate(tokens[:-1]):
        name = tokens[index + 1]
        if (
            token.token_type is not TokenType.HASH
            or name.start != token.end + 1
            or name.token_type not in _NAMES
        ):
            continue
        quoted_name = f'"#{name.text}"'
        before = tokens[index - 1] if index else None
        if before is None or before.token_type is not TokenType.INTO or tokens[0].token_type not in _QUERIES:
            splices.append(Splice(token.start, name.end + 1, quoted_name))
            continue
        if into is not None:
            raise SqlNotSupportedError("A statement has one INTO #name.", hint="Write one statement a table.")
        into = token
        splices.append(Splice(before.start, name.end + 1, ""))
        splices.append(
            Splice(tokens[0].start, tokens[0].start, f"CREATE OR REPLACE TEMP TABLE {quoted_name} AS ")
        )
    return splices


_QUERIES = frozenset({TokenType.SELECT, TokenType.WITH})


def _bracketed(tokens: Sequence[Token]) -> list[Splice]:
    """Quote `[name]` where it can only be a column of the incumbent's, and no element of a list."""
    splices: list[Splice] = []
    for index in range(1, len(tokens) - 2):
        opening, name, closing = tokens[index : index + 3]
        before = tokens[index - 1].token_type
        if (
            opening.token_type is TokenType.L_BRACKET
            and closing.token_type is TokenType.R_BRACKET
            and name.text.lower() in _COLUMNS
            and (before not in _OPERANDS)
        ):
            splices.append(Splice(opening.start, closing.end + 1, f'"{name.text}"'))
    return splices
