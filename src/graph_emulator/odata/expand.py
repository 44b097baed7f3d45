"""$expand: what is shown beside an object, each with options of its own: `columns(select=name),items(expand=fields)`."""

from __future__ import annotations

import re
from collections.abc import Iterator

from graph_emulator.errors import GraphError, not_implemented
from graph_emulator.odata.options import Options, parse_options

_TERM = re.compile(r"\s*([\w.]+)\s*(?:\((.*)\))?\s*$", re.DOTALL)


def parse_expand(written: str, *known: str) -> dict[str, Options]:
    """Return the expansions by name, each with its options.

    Raises GraphError 400 for one that cannot be read, 501 for one that is not among `known`.
    """
    found: dict[str, Options] = {}
    for term in _split(written, ","):
        match = _TERM.match(term)
        if match is None:
            raise GraphError(400, "BadRequest", f"Invalid $expand clause: {written[:200]}")
        if match[1] not in known:
            raise not_implemented(f"$expand={match[1][:100]} here")
        pairs = (
            part.replace("%", "%25").replace("&", "%26").replace("+", "%2B")
            for part in _split(match[2] or "", ";")
        )
        found[match[1]] = parse_options("&".join(pair.strip() for pair in pairs))
    return found


def _split(text: str, separator: str) -> Iterator[str]:
    """Yield the parts of `text` between separators that stand in no parentheses."""
    depth, start = 0, 0
    for position, character in enumerate(text):
        depth += {"(": 1, ")": -1}.get(character, 0)
        if character == separator and depth == 0:
            yield text[start:position]
            start = position + 1
    if text[start:].strip():
        yield text[start:]
