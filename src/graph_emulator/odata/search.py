"""$search on directory objects: quoted "property:words" terms joined with AND and OR.

Words are matched as the directory's tokenizer does: at the beginning of a token of the property.
"""

from __future__ import annotations

import re
from typing import Any

from graph_emulator.errors import GraphError
from graph_emulator.odata.filter import Predicate

_TERM = re.compile(r'\s*(?:"(?P<term>(?:[^"\\]|\\.)*)"|(?P<word>AND|OR|NOT|\(|\)))')


def parse_search(clause: str) -> Predicate:
    """Return the predicate of a $search clause. Raises GraphError 400 for one that cannot be read."""
    groups: list[list[Predicate]] = [[]]
    position, text = 0, clause.strip()
    while position < len(text):
        match = _TERM.match(text, position)
        if match is None or match["word"] in ("NOT", "(", ")"):
            raise _invalid(clause)
        if match["word"] == "OR":
            groups.append([])
        elif match["term"] is not None:
            groups[-1].append(_term(match["term"], clause))
        position = match.end()
    if not all(groups):
        raise _invalid(clause)
    return lambda row: any(all(term(row) for term in group) for group in groups)


def _term(written: str, clause: str) -> Predicate:
    name, colon, words = written.replace('\\"', '"').partition(":")
    if not colon or not name:
        raise _invalid(clause)
    wanted = _tokens(words)

    def matches(row: dict[str, Any]) -> bool:
        text = row.get(name)
        if not isinstance(text, str):
            return False
        there = _tokens(text)
        return all(any(token.startswith(word) for token in there) for word in wanted)

    return matches


def _tokens(text: str) -> list[str]:
    return [token for token in re.split(r"[\W_]+", text.casefold()) if token]


def _invalid(clause: str) -> GraphError:
    return GraphError(400, "BadRequest", f"Syntax error: in the $search clause {clause[:200]}")
