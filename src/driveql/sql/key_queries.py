"""Demands for values as queries: what each side is in the engine, what is asked of it, what stands in its place. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from sqlglot.tokenizer_core import Token, TokenType

from driveql.sql.join_keys import Demand
from driveql.sql.parameters import Parameters
from driveql.sql.sides import Side
from driveql.sql.syntax import Splice, closing, splice, tokens_of
from driveql.sql.tables import GraphTable

LIVE = "_live"
READER = re.compile(r"(read_\w+|query_table|sniff_csv|glob|parquet_\w+|\w+_scan)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class SideRelation:
    """A side as a relation of its own, which the statement reads in its place.

    Parameters:
        query: gives its rows. scan: the name of the scan that `query` reads, where it is a table of Graph objects.
        plain: it is no more than a name: a table, a view, or a common table expression.
        reads_files: it may read the contents of files.
    """

    name: str
    query: str
    scan: str | None
    table: GraphTable | None
    plain: bool
    reads_files: bool


@dataclass(frozen=True, slots=True)
class KeyQuery:
    """What gives columns of one scan their values.

    Parameters:
        scan: the scan's name. columns: its columns. query: gives a row for each set of values. side: the relation it reads.
        needed: how many of the columns, from the first on, decide which drives are meant.
        words: the expressions as people read them.
    """

    scan: str
    columns: tuple[str, ...]
    query: str
    side: str
    needed: int
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Keyed:
    """All that a statement needs to know before its scans begin. `parameters` are those of the whole statement."""

    sides: Mapping[str, SideRelation] = field(default_factory=dict)
    keys: tuple[KeyQuery, ...] = ()
    splices: tuple[Splice, ...] = ()
    parameters: Parameters = None


def keyed(
    demands: Iterable[Demand],
    names: Mapping[int, str],
    splices: Sequence[Splice],
    sql: str,
    tokens: list[Token],
    parameters: Parameters = None,
) -> Keyed:
    """Return the queries that meet demands.

    Parameters:
        names: the name of each scan by where its table's name stands in `sql`. splices: the other replacements in `sql`.
    """
    demands = list(demands)
    sides = {demand.side.start: demand.side for demand in demands}
    texts = [side for side in sides.values() if side.table is None]
    own = [Splice(side.start, side.end, _standing(side)) for side in texts]
    common = _common(tokens)
    relations: dict[str, SideRelation] = {}
    for side in sides.values():
        name = names[side.start] if side.table is not None else side.name
        inner = [part for part in (*splices, *own) if not (part.start == side.start and part.end == side.end)]
        text = _part(sql, inner, side.start, side.end)
        prefix = _part(sql, [*splices, *own], *common) + " " if side.common and common else ""
        relations[name] = _relation(side, name, text, prefix)
    queries = tuple(_key_query(demand, names) for demand in demands)
    return Keyed(relations, queries, tuple(own), parameters)


def without_covered(splices: Sequence[Splice]) -> list[Splice]:
    """Return the replacements that lie within no other one."""
    return [
        part
        for part in splices
        if not any(
            other is not part and other.start <= part.start and part.end <= other.end
            and (other.start, other.end) != (part.start, part.end)
            for other in splices
        )
    ]  # fmt: skip


def _part(sql: str, splices: Iterable[Splice], start: int, end: int) -> str:
    within = [
        Splice(p.start - start, p.end - start, p.text) for p in splices if start <= p.start and p.end <= end
    ]
    return splice(sql[start:end], without_covered(within))


def _standing(side: Side) -> str:
    if side.query:
        return f'SELECT * FROM "{side.name}"'
    return f'"{side.name}"' if side.named else f'"{side.name}" AS "{side.alias}"'


def _relation(side: Side, name: str, text: str, prefix: str) -> SideRelation:
    plain = not side.query and "(" not in text
    if side.query:
        query = f"{prefix}SELECT * FROM ({text})"
    else:
        columns = ", ".join(f'"{column}"' for column in side.columns or ()) or "*"
        source = f'"{name}{LIVE}"' if side.table is not None else text
        where = f" WHERE {side.where}" if side.where else ""
        renamed = ", ".join(f'"{name}"' for name in side.renamed)
        alias = f'"{side.alias}"({renamed})' if renamed else f'"{side.alias}"'
        query = f"{prefix}SELECT {columns} FROM {source} AS {alias}{where}"
    scan = name if side.table is not None else None
    return SideRelation(name, query, scan, side.table, plain, reads_files=_reads_files(tokens_of(text)))


def _reads_files(tokens: Sequence[Token]) -> bool:
    """Return whether a query names a file in place of a table, or calls a function that reads files."""
    places = any(
        before.token_type in {TokenType.FROM, TokenType.JOIN} and token.token_type is TokenType.STRING
        for before, token in pairwise(tokens)
    )
    return places or any(READER.fullmatch(token.text) for token in tokens)


def _key_query(demand: Demand, names: Mapping[int, str]) -> KeyQuery:
    side = demand.side
    name = names[side.start] if side.table is not None else side.name
    shown = ", ".join(demand.expressions)
    if not side.query:
        where = f" WHERE {side.where}" if side.where else ""
        query = f'SELECT DISTINCT {shown} FROM "{name}" AS "{side.alias}"{where}'
    elif shown == "*":
        query = f'SELECT DISTINCT * FROM "{name}"'
    else:
        query = f"SELECT {shown}"
    words = tuple("(SELECT ...)" if side.query else text for text in demand.expressions)
    return KeyQuery(names[demand.start], demand.columns, query, name, demand.needed, words)


def _common(tokens: list[Token]) -> tuple[int, int] | None:
    """Return the place of the statement's WITH clause."""
    depth = 0
    for index, token in enumerate(tokens):
        depth += (token.token_type is TokenType.L_PAREN) - (token.token_type is TokenType.R_PAREN)
        if token.token_type is not TokenType.WITH or depth:
            continue
        at = index
        while at < len(tokens):
            at = next(
                (i for i in range(at, len(tokens)) if tokens[i].token_type is TokenType.ALIAS), len(tokens)
            )
            at = next(
                (i for i in range(at, len(tokens)) if tokens[i].token_type is TokenType.L_PAREN), len(tokens)
            )
            end = closing(tokens, at) if at < len(tokens) else None
            if end is None:
                return None
            if end + 1 < len(tokens) and tokens[end + 1].token_type is TokenType.COMMA:
                at = end + 1
                continue
            return token.start, tokens[end].end + 1
    return None
