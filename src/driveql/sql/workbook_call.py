"""Finds calls of read_xlsx and worksheets in a statement and reads their arguments, which must be literals. Pure.

read_xlsx('onedrive:/Budget.xlsx')                       the first sheet
read_xlsx(['onedrive:/a.xlsx', 'onedrive:/b.xlsx'])      several workbooks; 'onedrive:/Reports/*.xlsx' too
    sheet = 'Plan' or 2         by name, or by number from 1
    range = 'A1:F100'           also 'A:F' and 'A3:F'
    header = true or false      whether the first row has the columns' names; found out where it is not said
    all_varchar = true          every value as text
    filename = true             a column with the workbook each row came from; or the column's name
    file_columns = true         columns of the item that each row came from
    on_file_error = 'skip'      workbooks that cannot be read are left out, and told of

worksheets('onedrive:/Budget.xlsx')                      the sheets of one or several workbooks, likewise named
    on_file_error = 'skip'      likewise
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from sqlglot.tokenizer_core import Token, TokenType

from driveql.errors import SqlNotSupportedError, SqlSyntaxError
from driveql.sql.reading.arguments import Literal, arguments_of, literal_of, name_of, places_of, value_of
from driveql.sql.reading.cell_area import Area
from driveql.sql.reading.file_tables import FileTable
from driveql.sql.syntax import closing

FUNCTION = "read_xlsx"
SHEETS = "worksheets"
_FLAGS = ("header", "all_varchar", "file_columns")
_FILE = re.compile(r"(?:onedrive|driveql):(?:.*/)?(?P<name>[^/*?\[]+)\.(?:xls[xmb]?|ods)", re.IGNORECASE)
_ARGUMENTS = {"sheet", "range", "filename", "on_file_error", *_FLAGS}


@dataclass(frozen=True, slots=True)
class WorkbookCall:
    """One call. `start` and `end` (exclusive) are its place in the text; `sheet` counts from 1 where it is a number.

    `lists_sheets` is set for a call of worksheets, which has its places and `skips`. `name` is what the statement
    may call the table where it gives it no name itself.
    """

    start: int
    end: int
    places: tuple[str, ...]
    sheet: str | int | None = None
    cells: str | None = None
    header: bool | None = None
    all_varchar: bool = False
    filename: bool | str = False
    file_columns: bool = False
    skips: bool = False
    lists_sheets: bool = False
    name: str = ""


def files(tokens: list[Token], tables: Iterable[FileTable]) -> list[WorkbookCall]:
    """Return `FROM 'onedrive:/Budget.xlsx'` and its like as calls of read_xlsx on the first sheet."""
    calls: list[WorkbookCall] = []
    for table in tables:
        token = tokens[table.index]
        match = _FILE.fullmatch(token.text)
        if match is not None:
            name = match["name"] if table.listed and not table.named else ""
            calls.append(WorkbookCall(token.start, token.end + 1, (token.text,), name=name))
    return calls


def find(tokens: list[Token]) -> list[WorkbookCall]:
    """Return every call of read_xlsx and worksheets.

    Raises:
        SqlNotSupportedError: an argument is not a literal, or not one that read_xlsx has.
        SqlSyntaxError: a parenthesis is missing.
    """
    calls: list[WorkbookCall] = []
    for index, token in enumerate(tokens[:-1]):
        function = token.text.lower()
        if function not in {FUNCTION, SHEETS} or tokens[index + 1].token_type is not TokenType.L_PAREN:
            continue
        end = closing(tokens, index + 1)
        if end is None:
            raise SqlSyntaxError(f"The parenthesis after {function} is not closed.")
        arguments, stop = arguments_of(tokens[index + 2 : end]), tokens[end].end + 1
        calls.append(
            _call(token.start, stop, arguments)
            if function == FUNCTION
            else _sheets(token.start, stop, arguments)
        )
    return calls


def _call(start: int, end: int, arguments: list[list[Token]]) -> WorkbookCall:
    if not arguments or name_of(arguments[0]) is not None:
        raise SqlSyntaxError(
            f"{FUNCTION} needs a path first.", hint=f"{FUNCTION}('onedrive:/Budget.xlsx', sheet='Plan')"
        )
    return _checked(start, end, places_of(FUNCTION, arguments[0]), _given(FUNCTION, arguments[1:]))


def _given(function: str, arguments: list[list[Token]]) -> dict[str, Literal]:
    given: dict[str, Literal] = {}
    for argument in arguments:
        name = name_of(argument)
        if name is None:
            example = "sheet='Plan'" if function == FUNCTION else "on_file_error='skip'"
            raise SqlSyntaxError(
                f"{function} takes one path, or a list of paths; every other argument has a name.",
                hint=f"{function}('onedrive:/Budget.xlsx', {example})",
            )
        given[name] = literal_of(function, value_of(argument), name)
    return given


def _sheets(start: int, end: int, arguments: list[list[Token]]) -> WorkbookCall:
    if not arguments or name_of(arguments[0]) is not None:
        raise SqlSyntaxError(
            f"{SHEETS} takes one path, or a list of paths.", hint=f"{SHEETS}('onedrive:/Budget.xlsx')"
        )
    places, given = places_of(SHEETS, arguments[0]), _given(SHEETS, arguments[1:])
    if set(given) - {"on_file_error"}:
        raise SqlSyntaxError(
            f"{SHEETS} takes one path, or a list of paths, and on_file_error; no other argument."
        )
    return WorkbookCall(start, end, places, skips=_skips(SHEETS, given), lists_sheets=True)


def _skips(function: str, given: dict[str, Literal]) -> bool:
    policy = given.get("on_file_error", "fail")
    if policy not in {"fail", "skip"}:
        raise SqlNotSupportedError(f"{function}: on_file_error = {policy!r}: it is 'fail' or 'skip'.")
    return policy == "skip"


def _checked(start: int, end: int, places: tuple[str, ...], given: dict[str, Literal]) -> WorkbookCall:
    unknown = sorted(set(given) - _ARGUMENTS)
    if unknown:
        raise SqlNotSupportedError(
            f"{FUNCTION} has no argument {unknown[0]!r}.",
            hint=f"It has {', '.join(sorted(_ARGUMENTS))}.",
        )
    sheet, cells = given.get("sheet"), given.get("range")
    if (
        isinstance(sheet, bool)
        or not isinstance(sheet, str | int | None)
        or (isinstance(sheet, int) and sheet < 1)
    ):
        raise SqlNotSupportedError(f"sheet={sheet!r}: a sheet is its name, or its number from 1.")
    if not isinstance(cells, str | None):
        raise SqlNotSupportedError(f"range={cells!r}: a range is text such as 'A1:F100'.")
    if cells:
        Area.of(cells)
    filename = given.get("filename")
    if not isinstance(filename, bool | str | None):
        raise SqlNotSupportedError(f"filename={filename!r}: it is true, false, or the column's name.")
    flags: dict[str, bool | None] = {}
    for name in _FLAGS:
        flag = given.get(name)
        if not isinstance(flag, bool | None):
            raise SqlNotSupportedError(f"{name}={flag!r}: it is true or false.")
        flags[name] = flag
    return WorkbookCall(
        start,
        end,
        places,
        sheet,
        cells,
        flags["header"],
        flags["all_varchar"] or False,
        filename or False,
        flags["file_columns"] or False,
        _skips(FUNCTION, given),
    )
