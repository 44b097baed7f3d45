"""Stand-ins for values that EXPLAIN does not compute: a plan is made with them, and its text says what they mean. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from driveql.sql.key_queries import Keyed
from driveql.sql.plans import Hint
from driveql.sql.predicates import Compare, Predicate, conjunction
from driveql.sql.tables import GraphTable

_MARK = "00000000-0000-4000-8000-{:012d}"


@dataclass(frozen=True, slots=True)
class Marks:
    """What each mark stands for, and the hints that have marks, by the name of their scan."""

    words: Mapping[str, str]
    hints: Mapping[str, Hint]

    def told(self, text: str) -> str:
        """Return a text with what the marks stand for in their place."""
        for mark, words in self.words.items():
            text = text.replace(mark, f"{{{words}}}")
        return text


def marks_of(keyed: Keyed, scans: Mapping[str, tuple[GraphTable, Hint]], left: frozenset[str]) -> Marks:
    """Return marks for the values that a statement's scans will be given.

    Parameters:
        scans: table and hint of each scan by its name. left: sides from which no values are taken.
    """
    words: dict[str, str] = {}
    hints = {name: hint for name, (_, hint) in scans.items()}
    for key in keyed.keys:
        if key.side in left:
            continue
        marked: list[Predicate] = []
        for column, said in zip(key.columns, key.words, strict=True):
            mark = _MARK.format(len(words) + 1)
            if column == "owner":
                mark = f"/users/{mark}"
            elif column.endswith("path"):
                mark = f"/{mark}"
            elif column == "since":
                mark = f"9999-01-01T00:00:00.{len(words):06d}Z"
            words[mark] = said
            marked.append(Compare(column, "=", mark))
        hint = hints[key.scan]
        told = f"{', '.join(key.columns)} = {', '.join(key.words)}"
        hints[key.scan] = replace(
            hint,
            predicate=conjunction(hint.predicate, *marked),
            keys=(*hint.keys, told),
            skips=hint.skips or key.needed > 0,
        )
    return Marks(words, hints)
