"""Writes a statement's places, CSV files and named parameters in the form that DuckDB takes. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from sqlglot.tokenizer_core import Token, TokenType

from driveql.sql.key_queries import READER
from driveql.sql.parameters import Parameters
from driveql.sql.reading import reader_call
from driveql.sql.reading.file_tables import FileTable
from driveql.sql.reading.place_forms import is_short, long_form
from driveql.sql.syntax import Splice, closing, quoted

_NAMED = frozenset({TokenType.VAR, TokenType.IDENTIFIER})


def written_for_engine(tokens: list[Token], tables: list[FileTable], parameters: Parameters) -> list[Splice]:
    """Return what writes places and parameters as DuckDB takes them, and says how CSV files are read."""
    files = reader_call.csv_files(tokens, tables)
    taken = {file.start for file in files}
    return [
        *(part for part in _short_forms(tokens, tables) if part.start not in taken),
        *files,
        *_named_parameters(tokens, parameters),
        *reader_call.csv_buffers(tokens),
    ]


def _short_forms(tokens: list[Token], tables: Iterable[FileTable]) -> list[Splice]:
    """Replace the short form of a place where a file name is expected: in a reader's arguments, and in place of a table."""
    expected = {table.index for table in tables}
    for index, token in enumerate(tokens[:-1]):
        if tokens[index + 1].token_type is TokenType.L_PAREN and READER.fullmatch(token.text):
            end = closing(tokens, index + 1)
            expected.update(range(index + 2, end if end is not None else len(tokens)))
    return [
        Splice(tokens[index].start, tokens[index].end + 1, quoted(long_form(tokens[index].text)))
        for index in sorted(expected)
        if _is_text(tokens[index]) and is_short(tokens[index].text)
    ]


def _is_text(token: Token) -> bool:
    # A quoted identifier in place of a table names a file too, where no table has that name.
    return token.token_type in {TokenType.STRING, TokenType.IDENTIFIER}


def _named_parameters(tokens: list[Token], parameters: Parameters) -> list[Splice]:
    """Replace `:name` by `$name`, where `name` is one of the parameters and a value may stand."""
    if not isinstance(parameters, Mapping):
        return []
    splices: list[Splice] = []
    for index, token in enumerate(tokens[:-1]):
        following = tokens[index + 1]
        if (
            token.token_type is not TokenType.COLON
            or following.start != token.end + 1
            or following.text not in parameters
        ):
            continue
        before = tokens[index - 1] if index else None
        if before is None or not (before.token_type in _VALUES and before.end + 1 == token.start):
            splices.append(Splice(token.start, token.end + 1, "$"))
    return splices


_VALUES = _NAMED | {
    TokenType.STRING,
    TokenType.NUMBER,
    TokenType.R_PAREN,
    TokenType.R_BRACKET,
    TokenType.COLON,
}
