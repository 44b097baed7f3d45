"""Finds calls of read_xlsx and worksheets in a statement and reads their arguments, which must be literals. Pure.

read_xlsx('onedrive:/Budget.xlsx')                       the first sheet
read_xlsx(['onedrive:/a.xlsx', 'onedrive:/b.xlsx'])      several workbooks; 'onedrive:/Reports/*.xlsx' too
    sheet = 'Plan' or 2         by name, or by number from 1
    range = 'A1:F100'           also 'A:F' and 'A3:F'
    header = true or false      whether the first row has the columns' names; found out where it is not said
    all_varchar = true          every value as text
    filename = true             a column with the workbook each row came from

worksheets('onedrive:/Budget.xlsx')                      the sheets of one or several workbooks, likewise named
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlglot.tokenizer_core import Token, TokenType

from driveql.errors import SqlNotSupportedError, SqlSyntaxError
from driveql.sql.syntax import closing

FUNCTION = "read_xlsx"
SHEETS = "worksheets"
Literal = str | int | float | bool | None


@dataclass(frozen=True, slots=True)
class WorkbookCall:
    """One call. `start` and `end` (exclusive) are its place in the text; `sheet` counts from 1 where it is a number.

    `lists_sheets` is set for a call of worksheets, which has no other arguments than its places.
    """

    start: int
    end: int
    places: tuple[str, ...]
    sheet: str | int | None = None
    cells: str | None = None
    header: bool | None = None
    all_varchar: bool = False
    filename: bool = False
    lists_sheets: bool = False


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
        arguments, stop = _arguments(tokens[index + 2 : end]), tokens[end].end + 1
        calls.append(
            _call(token.start, stop, arguments)
            if function == FUNCTION
            else _sheets(token.start, stop, arguments)
        )
    return calls


def _arguments(tokens: list[Token]) -> list[list[Token]]:
    """Split at the commas that are in no inner parenthesis."""
    arguments: list[list[Token]] = [[]]
    depth = 0
    for token in tokens:
        if token.token_type in {TokenType.L_PAREN, TokenType.L_BRACKET, TokenType.L_BRACE}:
            depth += 1
        elif token.token_type in {TokenType.R_PAREN, TokenType.R_BRACKET, TokenType.R_BRACE}:
            depth -= 1
        if token.token_type is TokenType.COMMA and depth == 0:
            arguments.append([])
        else:
            arguments[-1].append(token)
    return [argument for argument in arguments if argument]


def _call(start: int, end: int, arguments: list[list[Token]]) -> WorkbookCall:
    if not arguments or _name(arguments[0]) is not None:
        raise SqlSyntaxError(
            f"{FUNCTION} needs a path first.", hint=f"{FUNCTION}('onedrive:/Budget.xlsx', sheet='Plan')"
        )
    places = _places(arguments[0])
    given: dict[str, Literal] = {}
    for argument in arguments[1:]:
        name = _name(argument)
        if name is None:
            raise SqlSyntaxError(
                f"{FUNCTION} takes one path; every other argument has a name.",
                hint=f"{FUNCTION}('a.xlsx', sheet='Plan')",
            )
        given[name] = _literal(argument[_value_at(argument) :], name)
    return _checked(start, end, places, given)


def _sheets(start: int, end: int, arguments: list[list[Token]]) -> WorkbookCall:
    if len(arguments) != 1 or _name(arguments[0]) is not None:
        raise SqlSyntaxError(
            f"{SHEETS} takes one path, or a list of paths.", hint=f"{SHEETS}('onedrive:/Budget.xlsx')"
        )
    return WorkbookCall(start, end, _places(arguments[0]), lists_sheets=True)


def _checked(start: int, end: int, places: tuple[str, ...], given: dict[str, Literal]) -> WorkbookCall:
    unknown = sorted(set(given) - {"sheet", "range", "header", "all_varchar", "filename"})
    if unknown:
        raise SqlNotSupportedError(
            f"{FUNCTION} has no argument {unknown[0]!r}.",
            hint="It has sheet, range, header, all_varchar and filename.",
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
    flags: dict[str, bool | None] = {}
    for name in ("header", "all_varchar", "filename"):
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
        flags["filename"] or False,
    )


def _name(argument: list[Token]) -> str | None:
    """Return the argument's name, where it has one (`sheet = ...`, `sheet := ...`, `sheet => ...`)."""
    return (
        argument[0].text.lower() if len(argument) > 2 and argument[1].text in {"=", ":=", "=>", ":"} else None
    )


def _value_at(argument: list[Token]) -> int:
    return 3 if argument[1].text == ":" and argument[2].text == "=" else 2


def _places(argument: list[Token]) -> tuple[str, ...]:
    inner = argument
    if argument[0].token_type is TokenType.L_BRACKET and argument[-1].token_type is TokenType.R_BRACKET:
        inner = [token for token in argument[1:-1] if token.token_type is not TokenType.COMMA]
    if (
        not inner
        or any(token.token_type is not TokenType.STRING for token in inner)
        or (inner is argument and len(inner) > 1)
    ):
        raise _not_literal("its path", argument)
    return tuple(token.text for token in inner)


def _literal(tokens: list[Token], name: str) -> Literal:
    if len(tokens) == 1:
        token = tokens[0]
        if token.token_type is TokenType.STRING:
            return token.text
        if token.token_type is TokenType.NUMBER:
            return int(token.text) if token.text.isdigit() else float(token.text)
        word = token.text.lower()
        if word in {"true", "false"}:
            return word == "true"
        if word == "null":
            return None
    raise _not_literal(name, tokens)


def _not_literal(what: str, tokens: list[Token]) -> SqlNotSupportedError:
    shown = " ".join(token.text for token in tokens)
    return SqlNotSupportedError(
        f"{FUNCTION}: {what} is {shown!r}, which is not a literal. The workbook is read before the rest of the statement is.",
        hint="Write the value as text or number; put values that change into the statement's text, with quotes doubled.",
    )
