"""The arguments of a function's call, as tokens: split, named, and read where they are literals. Pure."""

from __future__ import annotations

from sqlglot.tokenizer_core import Token, TokenType

from driveql.errors import SqlNotSupportedError

Literal = str | int | float | bool | None
_OPENING = frozenset({TokenType.L_PAREN, TokenType.L_BRACKET, TokenType.L_BRACE})
_CLOSING = frozenset({TokenType.R_PAREN, TokenType.R_BRACKET, TokenType.R_BRACE})


def arguments_of(tokens: list[Token]) -> list[list[Token]]:
    """Split at the commas that are in no inner parenthesis."""
    arguments: list[list[Token]] = [[]]
    depth = 0
    for token in tokens:
        if token.token_type in _OPENING:
            depth += 1
        elif token.token_type in _CLOSING:
            depth -= 1
        if token.token_type is TokenType.COMMA and depth == 0:
            arguments.append([])
        else:
            arguments[-1].append(token)
    return [argument for argument in arguments if argument]


def name_of(argument: list[Token]) -> str | None:
    """Return the argument's name, where it has one (`sheet = ...`, `sheet := ...`, `sheet => ...`)."""
    if len(argument) > 2 and argument[1].text in {"=", ":=", "=>", ":"}:
        return argument[0].text.lower()
    return None


def value_of(argument: list[Token]) -> list[Token]:
    """Return the tokens behind the name."""
    return argument[3 if argument[1].text == ":" and argument[2].text == "=" else 2 :]


def places_of(function: str, argument: list[Token]) -> tuple[str, ...]:
    """Return one literal path, or those of a list.

    Raises:
        SqlNotSupportedError: it is something else.
    """
    inner = argument
    if argument[0].token_type is TokenType.L_BRACKET and argument[-1].token_type is TokenType.R_BRACKET:
        inner = [token for token in argument[1:-1] if token.token_type is not TokenType.COMMA]
    if (
        not inner
        or any(token.token_type is not TokenType.STRING for token in inner)
        or (inner is argument and len(inner) > 1)
    ):
        raise not_literal(function, "its path", argument)
    return tuple(token.text for token in inner)


def literal_of(function: str, tokens: list[Token], name: str) -> Literal:
    """Return a literal's value.

    Raises:
        SqlNotSupportedError: it is something else.
    """
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
    raise not_literal(function, name, tokens)


def not_literal(function: str, what: str, tokens: list[Token]) -> SqlNotSupportedError:
    """Return the error for an argument that is computed."""
    shown = " ".join(token.text for token in tokens)
    return SqlNotSupportedError(
        f"{function}: {what} is {shown!r}, which is not a literal. The file is looked at before the rest of the statement is.",
        hint="Write the value as text or number; put values that change into the statement's text, with quotes doubled.",
    )
