"""Finds calls of DuckDB's readers that have arguments of ours, which must be literals. Pure.

read_json('onedrive:/a.json', root = '$.value[*]')        the rows are the elements of an array in the file
read_csv('onedrive:/x/*.csv', file_columns = true)        with columns of the item that each row came from
read_parquet('onedrive:/x/*', on_file_error = 'skip')     files that cannot be read are left out, and told of
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from sqlglot.tokenizer_core import Token, TokenType

from driveql.errors import SqlNotSupportedError, SqlSyntaxError
from driveql.sql.reading import json_root
from driveql.sql.reading.arguments import arguments_of, literal_of, name_of, places_of, value_of
from driveql.sql.reading.file_tables import FileTable
from driveql.sql.reading.json_root import Steps
from driveql.sql.reading.place_forms import long_form
from driveql.sql.syntax import Splice, closing, quoted, quoted_name

_JSON = frozenset({"read_json", "read_json_auto", "read_ndjson", "read_ndjson_auto"})
_CSV = frozenset({"read_csv", "read_csv_auto"})
_WHOLE = frozenset({"read_text", "read_blob"})
READERS = _JSON | _CSV | _WHOLE | {"read_parquet", "parquet_scan"}
OURS = frozenset({"root", "file_columns", "on_file_error"})
# DuckDB reads CSV by this much at a time; its own 32 MB, for each thread and once more, are memory without a use here.
CSV_BUFFER_BYTES = 4 << 20
_CSV_FILE = re.compile(
    r"(?:onedrive|driveql):(?:.*/)?(?P<name>[^/*?\[]+)\.[ct]sv(?:\.gz|\.zst)?", re.IGNORECASE
)
_SIZED = frozenset({"buffer_size", "max_line_size", "maximum_line_size"})


@dataclass(frozen=True, slots=True)
class ReaderCall:
    """One call.

    Parameters:
        start, end: its place in the text, `end` exclusive. function: the reader. places: what it reads.
        rest: its arguments that are DuckDB's, as they were written. filename: what is said about that column.
        root: where the rows are in JSON. file_columns: whether columns of the item are wanted.
        skips: whether files that cannot be read are left out.
    """

    start: int
    end: int
    function: str
    places: tuple[str, ...]
    rest: tuple[str, ...] = ()
    filename: bool | str = False
    root: Steps | None = None
    file_columns: bool = False
    skips: bool = False

    @property
    def whole_files(self) -> bool:
        """Whether a row is a file, and has its name anyway."""
        return self.function in _WHOLE


def find(sql: str, tokens: list[Token]) -> list[ReaderCall]:
    """Return every call of a reader that has an argument of ours.

    Raises:
        SqlNotSupportedError: an argument is not a literal, or the reader does not have it.
    """
    calls: list[ReaderCall] = []
    for index, token in enumerate(tokens[:-1]):
        if token.text.lower() not in READERS or tokens[index + 1].token_type is not TokenType.L_PAREN:
            continue
        end = closing(tokens, index + 1)
        if end is None:
            continue
        arguments = arguments_of(tokens[index + 2 : end])
        if any(name_of(argument) in OURS for argument in arguments):
            calls.append(_call(sql, token, tokens[end].end + 1, arguments))
    return calls


def csv_buffers(tokens: list[Token]) -> list[Splice]:
    """Give calls of read_csv on places in OneDrive a buffer of moderate size, where they do not say one."""
    splices: list[Splice] = []
    for index, token in enumerate(tokens[:-1]):
        if token.text.lower() not in _CSV or tokens[index + 1].token_type is not TokenType.L_PAREN:
            continue
        end = closing(tokens, index + 1)
        if end is None:
            continue
        inner = tokens[index + 2 : end]
        ours = any(
            each.token_type is TokenType.STRING
            and each.text.lower().startswith(("onedrive:", "driveql:", "https:"))
            for each in inner
        )
        if ours and not any(name_of(argument) in _SIZED for argument in arguments_of(inner)):
            at = tokens[end].start
            splices.append(Splice(at, at + 1, f", buffer_size = {CSV_BUFFER_BYTES})"))
    return splices


def csv_files(tokens: list[Token], tables: Iterable[FileTable]) -> list[Splice]:
    """Make `FROM 'onedrive:/x.csv'` the call of read_csv that DuckDB would make of it, with that buffer and under its name."""
    if not tokens or tokens[0].text.upper() == "COPY":
        return []
    splices: list[Splice] = []
    for table in tables:
        token = tokens[table.index]
        name = _CSV_FILE.fullmatch(token.text)
        if name is None or not table.listed or token.token_type is not TokenType.STRING:
            continue
        call = f"read_csv_auto({quoted(long_form(token.text))}, buffer_size = {CSV_BUFFER_BYTES})"
        alias = "" if table.named else f" AS {quoted_name(name['name'])}"
        splices.append(Splice(token.start, token.end + 1, call + alias))
    return splices


def whole_files_of(tokens: list[Token], missing: list[str]) -> list[str]:
    """Return which of the places that hold nothing are single files that read_text or read_blob was to read."""
    inside: set[str] = set()
    for index, token in enumerate(tokens[:-1]):
        if token.text.lower() in _WHOLE and tokens[index + 1].token_type is TokenType.L_PAREN:
            end = closing(tokens, index + 1) or len(tokens)
            inside |= {each.text for each in tokens[index + 2 : end] if each.token_type is TokenType.STRING}
    return [place for place in missing if place in inside and not set(place) & set("*?[")]


def _call(sql: str, token: Token, end: int, arguments: list[list[Token]]) -> ReaderCall:
    function = token.text.lower()
    if name_of(arguments[0]) is not None:
        raise SqlSyntaxError(f"{function} needs a path first.", hint=f"{function}('onedrive:/Reports/*.csv')")
    places = places_of(function, arguments[0])
    rest: list[str] = []
    given: dict[str, str | int | float | bool | None] = {}
    for argument in arguments[1:]:
        name = name_of(argument)
        if name in OURS or name == "filename":
            given[str(name)] = literal_of(function, value_of(argument), str(name))
        else:
            rest.append(sql[argument[0].start : argument[-1].end + 1])
    skips = _skips(function, given.get("on_file_error", "fail"))
    if any(each.token_type in _PARAMETERS for argument in arguments for each in argument):
        raise SqlNotSupportedError(
            f"{function}: with root, file_columns or on_file_error no argument can be a parameter.",
            hint="Write the values into the call.",
        )
    filename = given.get("filename", False)
    if not isinstance(filename, bool | str):
        raise SqlNotSupportedError(f"filename = {filename!r}: it is true, false, or the column's name.")
    return ReaderCall(
        token.start,
        end,
        function,
        places,
        tuple(rest),
        filename,
        _root(function, given, rest),
        _flag(given, "file_columns"),
        skips,
    )


_PARAMETERS = frozenset({TokenType.PLACEHOLDER, TokenType.PARAMETER})


def _root(function: str, given: dict[str, str | int | float | bool | None], rest: list[str]) -> Steps | None:
    if "root" not in given:
        return None
    root = given["root"]
    if function not in _JSON or not isinstance(root, str):
        raise SqlNotSupportedError(
            f"{function} has no root {root!r}: it is a JSONPath for read_json.",
            hint="read_json('onedrive:/a.json', root = '$.value[*]')",
        )
    if any(each.replace(" ", "").lower().startswith(("format=", "compression=")) for each in rest):
        raise SqlNotSupportedError(
            "read_json: format and compression are not for a call with root, which reads one JSON document."
        )
    return json_root.parse(root)


def _skips(function: str, policy: object) -> bool:
    if policy not in {"fail", "skip"}:
        raise SqlNotSupportedError(f"{function}: on_file_error = {policy!r}: it is 'fail' or 'skip'.")
    return policy == "skip"


def _flag(given: dict[str, str | int | float | bool | None], name: str) -> bool:
    flag = given.get(name, False)
    if not isinstance(flag, bool):
        raise SqlNotSupportedError(f"{name} = {flag!r}: it is true or false.")
    return flag
