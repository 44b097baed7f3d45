"""COPY to a place that is a parameter: `COPY (query) TO ?`, `TO $place`. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping

from sqlglot.tokenizer_core import TokenType

from driveql.errors import SqlNotSupportedError
from driveql.sql.parameters import Parameters, numbered, standing_alone, used_by
from driveql.sql.syntax import Splice, quoted, splice
from driveql.sql.writing.clauses import Words
from driveql.sql.writing.item_statements import is_target

_COPY = re.compile(r"\s*copy\b", re.IGNORECASE)
_MARKS = frozenset({TokenType.PARAMETER, TokenType.COLON})


def with_place(sql: str, parameters: Parameters) -> tuple[str, Parameters]:
    """Return a statement with its parameters; one that copies to a parameter's place in OneDrive with the place in it.

    Raises:
        SqlNotSupportedError: the parameter's value is no text.
    """
    if not parameters or not _COPY.match(sql):
        return sql, parameters
    given: Mapping[str, object] = (
        parameters if isinstance(parameters, Mapping) else {str(n): v for n, v in enumerate(parameters, 1)}
    )
    text = numbered(sql, parameters)
    words = Words.of(text)
    to = next((index for index in words.outermost(1) if words.word(index) == "TO"), len(words))
    if words.type(to + 1) not in _MARKS or to + 2 >= len(words):
        return sql, parameters
    mark, name = words.tokens[to + 1], words.tokens[to + 2].text
    if name not in given:
        return sql, parameters
    place = given[name]
    if not isinstance(place, str):
        raise SqlNotSupportedError(
            f"COPY ... TO {text[mark.start : words.tokens[to + 2].end + 1]}: a place is a text, not {type(place).__name__}.",
            hint="Give a text such as 'onedrive:/Reports/a.csv'.",
        )
    if not is_target(place):
        return sql, parameters
    text = splice(text, [Splice(mark.start, words.tokens[to + 2].end + 1, quoted(place))])
    if not isinstance(parameters, Mapping):
        return standing_alone(text, parameters)
    # Any other that the statement has no use for stays, to be told of.
    used = used_by(text, parameters) or {}
    return text, {key: value for key, value in parameters.items() if key != name or key in used}
