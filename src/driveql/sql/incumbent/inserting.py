"""The incumbent's INSERT INTO an endpoint: a row of parameters for an action, or rows that become a CSV or JSON file. Pure.

INSERT INTO create_csv_file SELECT ... WITH (TargetFilePath='/x.csv')            COPY (SELECT ...) TO 'onedrive:///x.csv'
INSERT INTO upload_file (SourceFilePath, TargetFilePath) VALUES ('a', '/b')      the action with these parameters
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from sqlglot.tokenizer_core import Token, TokenType

from driveql.errors import SqlNotSupportedError
from driveql.sql.incumbent import file_place
from driveql.sql.incumbent.clauses import Named
from driveql.sql.incumbent.item_listings import folder_path
from driveql.sql.syntax import closing, quoted

# The actions that rows for these tables stand for.
ACTIONS: Mapping[str, str] = {"files": "upload_file", "folders": "create_folder"}
_FILES = {"create_csv_file": "FORMAT csv, HEADER", "create_json_file": "FORMAT json"}
_LITERALS = frozenset({TokenType.STRING, TokenType.NUMBER, TokenType.TRUE, TokenType.FALSE})
_TAKEN = frozenset({"targetfilepath", "driveid", "grouporuserid", "conflictbehavior"})


@dataclass(frozen=True, slots=True)
class Source:
    """The rows of an INSERT: the columns that it names, its text, and its one row of literals by column, where it is one."""

    columns: tuple[str, ...]
    text: str
    is_values: bool
    row: Mapping[str, str] | None


def source_of(table: Named, sql: str, tokens: Sequence[Token]) -> Source | None:
    """Return the rows of an INSERT INTO a table; None where it has none."""
    end = table.clause.start if table.clause is not None else tokens[-1].end + 1
    if table.clause is not None and tokens[-1].end + 1 != table.clause.end:
        return None
    inner = [token for token in tokens if table.end <= token.start < end]
    columns: tuple[str, ...] = ()
    if len(inner) > 1 and inner[0].token_type is TokenType.L_PAREN and inner[1].token_type not in _QUERIES:
        close = closing(inner, 0) or 0
        columns = tuple(token.text for token in inner[1:close] if token.token_type is not TokenType.COMMA)
        inner = inner[close + 1 :]
    if not inner:
        return None
    is_values = inner[0].token_type is TokenType.VALUES
    text = sql[inner[0].start : inner[-1].end + 1]
    return Source(columns, text, is_values, _row(inner[1:], columns) if is_values else None)


def copied(name: str, source: Source, given: Mapping[str, str], read: Callable[[str], str]) -> str | None:
    """Return the COPY that an INSERT INTO create_csv_file or create_json_file is; None for another endpoint.

    Raises:
        SqlNotSupportedError: a parameter is missing, or there is another.
    """
    if name not in _FILES:
        return None
    unknown = sorted(set(given) - _TAKEN)
    target = given.get("targetfilepath")
    if unknown or target is None or (source.is_values and not source.columns):
        problem = (
            f"has no parameter {unknown[0]!r}" if unknown else "needs TargetFilePath, and VALUES with columns"
        )
        raise SqlNotSupportedError(
            f"{name} {problem} here.",
            hint=f"INSERT INTO {name} SELECT ... WITH (TargetFilePath='/x'), or COPY (SELECT ...) TO 'onedrive:/x'."
            " The clause belongs to the last endpoint before it: one that is read stands in a subquery.",
        )
    path = folder_path(target if target.lower().startswith("root:") else "/" + target.lstrip("/"))
    place = file_place.plain(given.get("driveid"), given.get("grouporuserid"), path or "/")
    if place is None:
        raise SqlNotSupportedError("A file of a site is written by its DriveId.", hint="DriveId='b!...'")
    names = f" AS t({', '.join(source.columns)})" if source.columns else " AS t"
    rows = source.text if source.is_values else read(source.text)
    query = f"SELECT * FROM ({rows}){names}"
    conflict = given.get("conflictbehavior", "fail").lower()
    return f"COPY ({query}) TO {quoted(place)} ({_FILES[name]}, CONFLICT {conflict})"


_QUERIES = frozenset({TokenType.SELECT, TokenType.VALUES, TokenType.WITH, TokenType.FROM})


def _row(inner: Sequence[Token], columns: Sequence[str]) -> dict[str, str] | None:
    """Return the one row of literals that VALUES has, by column."""
    if len(inner) != 2 * len(columns) + 1 or not columns:
        return None
    values, between = inner[1:-1:2], inner[2:-1:2]
    if any(token.token_type not in _LITERALS for token in values):
        return None
    if any(token.token_type is not TokenType.COMMA for token in between):
        return None
    return {name.lower(): value.text for name, value in zip(columns, values, strict=True)}
