"""The values of a statement's parameters: what the engine can take of them, and which are missing or too many."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any

from sqlglot.tokenizer_core import TokenType

from driveql.errors import DriveqlError, SqlError, SqlSyntaxError
from driveql.sql.dbapi.errors import programming_error
from driveql.sql.parameters import Parameters
from driveql.sql.syntax import tokens_of

_FORMATTED = re.compile(r"%s|%\(\w+\)s")
_NAME = re.compile(r"\w+")
_HINT = "Parameters are written ? with a sequence of values, or :name and $name with a mapping."


def taken(parameters: object) -> Parameters:
    """Return parameters with numpy's numbers as Python's, which the engine takes.

    Raises:
        ProgrammingError: they are neither a sequence nor a mapping.
    """
    # A text is a sequence too, of its characters; nobody means that.
    if isinstance(parameters, str | bytes | bytearray) or not isinstance(
        parameters, Sequence | Mapping | None
    ):
        raise programming_error(
            f"Parameters are a sequence or a mapping, not {type(parameters).__name__}.",
            "A single value is passed in a tuple: (value,).",
        )
    if isinstance(parameters, Mapping):
        return {name: _plain(value) for name, value in parameters.items()}
    return None if parameters is None else [_plain(value) for value in parameters]


@contextlib.contextmanager
def fitting(sql: str, parameters: Parameters) -> Iterator[None]:
    """Raise, in place of what a statement failed for, that its values do not fit its parameters, where they do not."""
    try:
        yield
    except SqlError as error:
        raise mismatch(sql, parameters, error) or error from error.__cause__


def _plain(value: Any) -> Any:
    if isinstance(value, list | tuple):
        return type(value)(map(_plain, value)) if type(value) in {list, tuple} else value
    dtype = getattr(value, "dtype", None)
    if getattr(dtype, "kind", None) in {"b", "i", "u", "f"} and getattr(value, "ndim", 1) == 0:
        return value.item()
    return value


def mismatch(sql: str, parameters: Parameters, error: SqlError) -> DriveqlError | None:
    """Return what a statement failed for, where its values do not fit its parameters; None where they do."""
    if error.code == "tooLong":
        return None
    try:
        # A colon stands in slices too; one that the engine stumbled over has no value.
        marks, names = _written(sql, parameters, with_colons='near ":"' in error.message)
    except SqlSyntaxError:
        return None
    given = len(parameters or ())
    if not marks and not names:
        found = _FORMATTED.search(sql) if given else None
        if found is not None:
            return programming_error(f"{found[0]} is no parameter here.", _HINT)
        return (
            programming_error(f"The statement has no parameters, and {_values(given)} given.", _HINT)
            if given
            else None
        )
    if isinstance(parameters, Mapping):
        return _missing(marks, names, parameters)
    if names and not all(name.isdigit() for name in names):
        listed = ", ".join(f":{name}" for name in names)
        return programming_error(
            f"The statement names its parameters ({listed}), and {_sequence(parameters)}.", _HINT
        )
    wanted = marks or max(map(int, names))
    if wanted == given:
        return None
    return programming_error(
        f"The statement has {wanted} parameter{'s' * (wanted != 1)}, and {_values(given)} given.", _HINT
    )


def _missing(marks: int, names: list[str], parameters: Mapping[str, Any]) -> DriveqlError | None:
    if marks:
        return programming_error("The statement has ?, and the values were given by name.", _HINT)
    missing = [name for name in names if name not in parameters]
    if missing:
        listed = ", ".join(parameters) or "none"
        return programming_error(f"No value was given for :{missing[0]}; there are {listed}.", _HINT)
    unused = [name for name in parameters if name not in names]
    return programming_error(f"The statement has no parameter :{unused[0]}.", _HINT) if unused else None


def _written(sql: str, parameters: Parameters, *, with_colons: bool) -> tuple[int, list[str]]:
    given = parameters if isinstance(parameters, Mapping) else {}
    tokens = tokens_of(sql)
    marks = sum(token.token_type is TokenType.PLACEHOLDER and token.text == "?" for token in tokens)
    names = [
        following.text
        for token, following in pairwise(tokens)
        if following.start == token.end + 1
        and _NAME.fullmatch(following.text)
        and (
            token.token_type is TokenType.PARAMETER
            or (token.token_type is TokenType.COLON and (with_colons or following.text in given))
        )
    ]
    return marks, list(dict.fromkeys(names))


def _values(number: int) -> str:
    return "1 value was" if number == 1 else f"{number or 'no'} values were"


def _sequence(parameters: Sequence[Any] | None) -> str:
    return "no values were given" if parameters is None else "the values were given by position"
