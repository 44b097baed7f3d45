"""A saved query as text: a comment at its top describes it and declares its parameters, the rest is one SELECT. Pure.

    -- Sales of a region in one year.
    -- @param region VARCHAR : as in the files
    -- @param year INTEGER = 2026 : the calendar year
    SELECT date, amount FROM read_csv('onedrive:/Reports/*/*.csv') WHERE region = $region AND year(date) = $year

A value takes its parameter's place as a literal of the declared type, never as text of the statement.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise

from sqlglot.tokenizer_core import Token, TokenType

from driveql.errors import SqlError, SqlSyntaxError
from driveql.sql.syntax import Splice, quoted, splice, split, tokens_of
from driveql.sql.tables import TABLES
from driveql.sql.writing import procedures

TYPES = ("VARCHAR", "INTEGER", "BIGINT", "DOUBLE", "DECIMAL", "BOOLEAN", "DATE", "TIMESTAMP", "TIMESTAMPTZ")
_ENGINE = {"DECIMAL": "DECIMAL(38, 9)"}
_NAME = re.compile(r"[a-z][a-z0-9_]{0,62}")
_PARAMETER = re.compile(
    r"@param\s+(?P<name>\w+)\s+(?P<type>\w+)(?:\s*=\s*(?P<default>'(?:[^']|'')*'|[^\s:']+))?(?:\s*:\s*(?P<about>.*))?",
    re.IGNORECASE,
)
_BEGINS = frozenset({"SELECT", "WITH", "FROM", "VALUES", "("})
_TAKEN = frozenset({"read_xlsx", "worksheets"})


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter. `default` is an SQL literal, None where a value must be given."""

    name: str
    type: str
    default: str | None = None
    description: str = ""

    @property
    def engine_type(self) -> str:
        """DuckDB's name of its type."""
        return _ENGINE.get(self.type, self.type)

    def literal(self, value: str | None) -> str:
        """Return a value, which DuckDB wrote as text, as a literal of this type."""
        if value is None:
            return f"CAST(NULL AS {self.engine_type})"
        if self.type == "VARCHAR":
            return quoted(value)
        if self.type in {"INTEGER", "BIGINT"} and re.fullmatch(r"\d+", value):
            return value
        return f"CAST({quoted(value)} AS {self.engine_type})"


@dataclass(frozen=True, slots=True)
class SavedQuery:
    """A saved query, checked."""

    name: str
    description: str
    parameters: tuple[Parameter, ...]
    sql: str

    @property
    def signature(self) -> str:
        """How it is read: `name`, or `name(parameter TYPE = default, ..)`."""
        if not self.parameters:
            return self.name
        listed = (
            f"{one.name} {one.type}{'' if one.default is None else f' = {one.default}'}"
            for one in self.parameters
        )
        return f"{self.name}({', '.join(listed)})"

    def with_values(self, literals: Mapping[str, str]) -> str:
        """Return its SQL with a literal in place of each parameter."""
        return splice(
            self.sql, (Splice(start, end, literals[name]) for name, start, end in mentioned(self.sql))
        )


def check_name(name: str) -> str:
    """Return the name of a saved query.

    Raises:
        SqlSyntaxError: it cannot be one, or is taken by driveql or by SQL itself.
    """
    problem = None
    if not _NAME.fullmatch(name):
        problem = (
            "its name is lower-case letters, digits and underscores, 63 at most, and begins with a letter"
        )
    elif name in TABLES or procedures.is_known(name) or name in _TAKEN:
        problem = "that is the name of a table or procedure of driveql"
    elif tokens_of(name)[0].token_type is not TokenType.VAR:
        problem = "that is a word of SQL"
    if problem:
        raise SqlSyntaxError(f"The saved query {name!r}: {problem}.", hint="Give it another name.")
    return name


def is_free(name: str) -> bool:
    """Return whether a saved query may have a name."""
    try:
        return check_name(name) == name
    except SqlSyntaxError:
        return False


def parse(name: str, content: str) -> SavedQuery:
    """Return the saved query that a file holds.

    Raises:
        SqlSyntaxError: it is none; the message says why.
    """
    check_name(name)
    head, body = _parted(content)
    described: list[str] = []
    parameters: list[Parameter] = []
    for line in head:
        if line.lower().startswith("@param"):
            parameters.append(_parameter(name, line))
        elif line:
            described.append(line)
    statements = split(body)
    if len(statements) != 1:
        raise _wrong(
            name, "it holds no statement" if not statements else f"it holds {len(statements)} statements"
        )
    query = SavedQuery(name, " ".join(described), tuple(parameters), statements[0])
    _check(query)
    return query


def mentioned(sql: str) -> Iterator[tuple[str, int, int]]:
    """Yield each `$name` of a text: the name in lower case, and where it stands."""
    tokens = tokens_of(sql)
    for token, following in pairwise(tokens):
        if token.token_type is TokenType.PARAMETER and following.start == token.end + 1:
            yield following.text.lower(), token.start, following.end + 1


def _parted(content: str) -> tuple[list[str], str]:
    """Return the lines of the comment at the top, without their dashes, and what follows."""
    lines = content.removeprefix("\ufeff").splitlines()
    count = next(
        (at for at, line in enumerate(lines) if line.strip() and not line.lstrip().startswith("--")),
        len(lines),
    )
    return [line.strip().lstrip("-").strip() for line in lines[:count]], "\n".join(lines[count:])


def _parameter(query: str, line: str) -> Parameter:
    match = _PARAMETER.fullmatch(line)
    if match is None:
        raise _wrong(query, f"{line!r} is not of the form: @param name TYPE = default : description")
    type_ = {"TEXT": "VARCHAR", "STRING": "VARCHAR", "INT": "INTEGER"}.get(
        match["type"].upper(), match["type"].upper()
    )
    if type_ not in TYPES:
        raise _wrong(
            query, f"the parameter {match['name']} has the type {match['type']}; there are {', '.join(TYPES)}"
        )
    default = match["default"]
    if default is not None and len(tokens_of(default.lstrip("+-"))) != 1:
        raise _wrong(query, f"the default of {match['name']} is not a literal")
    return Parameter(match["name"].lower(), type_, default, (match["about"] or "").strip())


def _check(query: SavedQuery) -> None:
    tokens = tokens_of(query.sql)
    if tokens[0].text.upper() not in _BEGINS:
        raise _wrong(query.name, f"it begins with {tokens[0].text.upper()}; only queries are saved")
    if not _balanced(tokens):
        raise _wrong(query.name, "its parentheses do not match")
    if any(token.token_type is TokenType.PLACEHOLDER for token in tokens):
        raise _wrong(query.name, "it has a ?; its parameters have names: $name")
    names = [one.name for one in query.parameters]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice:
        raise _wrong(query.name, f"the parameter {twice} is declared twice")
    unknown = sorted({name for name, _, _ in mentioned(query.sql)} - set(names))
    if unknown:
        raise _wrong(query.name, f"${unknown[0]} is not declared; add a line: -- @param {unknown[0]} VARCHAR")


def _balanced(tokens: list[Token]) -> bool:
    """Return whether no parenthesis is closed that the text did not open, and none stays open."""
    depth = 0
    for token in tokens:
        depth += {TokenType.L_PAREN: 1, TokenType.R_PAREN: -1}.get(token.token_type, 0)
        if depth < 0:
            return False
    return depth == 0


def _wrong(name: str, problem: str) -> SqlError:
    return SqlSyntaxError(
        f"The saved query {name} cannot be used: {problem}.",
        hint=f"driveql query show {name} shows its file.",
    )
