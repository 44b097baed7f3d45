"""What may come next in a text that is being typed: words of SQL, names of the catalogue, or a path in OneDrive. Pure.

A path is only named here; `places.py` asks for the folder's names.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from driveql.cli.shell import meta
from driveql.cli.shell.scanner import Kind, Piece, pieces
from driveql.cli.shell.words import BEFORE_COLUMNS, BEFORE_TABLES, KEYWORDS

_PLAIN = re.compile(r"[a-z_][a-z0-9_]*")
_PLACE = re.compile(r"(?:onedrive|driveql):", re.IGNORECASE)
_WILD = re.compile(r"[*?\[]")
_LISTED = frozenset({"(", ",", "[", "=", ">", "<", ":"})
_NAMES = frozenset({Kind.WORD, Kind.NAME})
_TEXTS_OF_OWN = frozenset({"local_path"})


@dataclass(frozen=True, slots=True)
class Names:
    """What can be named: columns by table, functions, arguments by procedure, stored connections."""

    tables: Mapping[str, Sequence[str]] = field(default_factory=dict)
    functions: Sequence[str] = ()
    procedures: Mapping[str, Sequence[str]] = field(default_factory=dict)
    connections: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A text that may replace the last `length` characters before the cursor, and what it is."""

    text: str
    length: int
    kind: str


@dataclass(frozen=True, slots=True)
class WantedPath:
    """The beginning of a path in a quoted text: its folder as it was written, and the beginning of a name in it."""

    folder: str
    beginning: str
    length: int
    folders_only: bool = False

    def suggestion(self, name: str, *, is_folder: bool) -> Suggestion | None:
        """Return a name of the folder as a suggestion, None where it does not begin so."""
        if not name.lower().startswith(self.beginning.lower()) or (self.folders_only and not is_folder):
            return None
        end = "/" if is_folder and not self.folders_only else ""
        return Suggestion(name.replace("'", "''") + end, self.length, "folder" if is_folder else "file")


def complete(
    before: str, after: str, names: Names, *, asked_for: bool = False
) -> list[Suggestion] | WantedPath:
    """Return what may come at the cursor.

    Parameters:
        before, after: the text on both sides of the cursor. asked_for: the person pressed a key for it; else they just type.
    """
    if meta.is_meta(before):
        name, space, argument = before.lstrip().partition(" ")
        if not space:
            return _matching([f"\\{one.name}" for one in meta.COMMANDS], name, "command")
        if name != "\\explain":
            return _argument(name, argument.lstrip(), names)
        before = argument
    found_pieces = list(pieces(before))
    if found_pieces and found_pieces[-1].text.startswith("--") and found_pieces[-1].end == len(before):
        return []
    typed = _last_statement(found_pieces)
    last = typed[-1] if typed else None
    if last is not None and not last.closed:
        return _quoted(typed, names)
    at_word = last is not None and last.kind is Kind.WORD and last.end == len(before)
    prefix = last.text if at_word and last is not None else ""
    earlier = typed[:-1] if at_word else typed
    found = list(_candidates(earlier, prefix, after, names, asked_for=asked_for))
    return [one for kind, words in found for one in _matching(_cased(words, prefix, kind), prefix, kind)]


def suggestions(
    before: str,
    after: str,
    names: Names,
    names_in: Callable[[str], Iterable[tuple[str, bool]]],
    *,
    asked_for: bool = False,
) -> list[Suggestion]:
    """Return what may come at the cursor, paths included.

    Parameters:
        names_in: returns the names in a folder, and whether each is a folder.
    """
    found = complete(before, after, names, asked_for=asked_for)
    if isinstance(found, list):
        return found
    offered = (found.suggestion(name, is_folder=is_folder) for name, is_folder in names_in(found.folder))
    return [one for one in offered if one is not None]


def _candidates(
    earlier: list[Piece], prefix: str, after: str, names: Names, *, asked_for: bool
) -> Iterator[tuple[str, Iterable[str]]]:
    previous = earlier[-1] if earlier else None
    word = previous.text.upper() if previous is not None else ""
    if previous is not None and word == "." and len(earlier) > 1 and earlier[-2].kind in _NAMES:
        yield "column", _columns_of(_bare(earlier[-2]), [*earlier, *pieces(after)], names)
        return
    if not prefix and not asked_for:
        return
    if word == "CALL":
        yield "procedure", names.procedures
    elif word in BEFORE_TABLES:
        yield "table", names.tables
        yield "function", [name for name in names.functions if name.startswith("read_")]
    else:
        yield from _general(earlier, prefix, after, names, word)


def _general(
    earlier: list[Piece], prefix: str, after: str, names: Names, word: str
) -> Iterator[tuple[str, Iterable[str]]]:
    if len(earlier) > 2 and earlier[0].text.upper() == "CALL" and word in {"(", ","}:
        yield "argument", [f"{name} => " for name in names.procedures.get(earlier[1].text.lower(), ())]
        return
    mentioned = set(_mentioned([*earlier, *_first_statement(pieces(after))], names).values())
    if prefix or word in BEFORE_COLUMNS or word in _LISTED:
        tables = mentioned or (names.tables if prefix and earlier else ())
        yield "column", sorted({column for table in tables for column in names.tables[table]})
    yield "keyword", KEYWORDS if prefix or word not in _LISTED else ()
    if prefix:
        yield "function", names.functions
        yield "table", names.tables


def _columns_of(qualifier: str, around: list[Piece], names: Names) -> Sequence[str]:
    table = _mentioned(around, names).get(qualifier.lower(), qualifier.lower())
    return names.tables.get(table, ())


def _mentioned(statement: list[Piece], names: Names) -> dict[str, str]:
    """Return the tables that a statement names, by what they are called there: their alias or their own name."""
    found: dict[str, str] = {}
    for index, piece in enumerate(statement):
        table = _bare(piece).lower() if piece.kind in _NAMES else ""
        if (
            table not in names.tables
            or index == 0
            or statement[index - 1].text not in {".", ","} | _froms(statement[index - 1])
        ):
            continue
        found[table] = table
        following = [one for one in statement[index + 1 : index + 3] if one.text.upper() != "AS"]
        alias = following[0] if following and following[0].kind in _NAMES else None
        if alias is not None and alias.text.upper() not in KEYWORDS:
            found[_bare(alias).lower()] = table
    return found


def _froms(piece: Piece) -> set[str]:
    return {piece.text} if piece.text.upper() in BEFORE_TABLES else set()


def _quoted(typed: list[Piece], names: Names) -> list[Suggestion] | WantedPath:
    """Return what may come within quotes that are still open."""
    last = typed[-1]
    if last.kind is Kind.NAME:
        written = last.text[1:]
        wanted = [*names.tables, *sorted({name for columns in names.tables.values() for name in columns})]
        return [
            Suggestion(one.text + '"', one.length, one.kind) for one in _matching(wanted, written, "name")
        ]
    if last.kind is not Kind.TEXT or not last.text.startswith("'"):
        return []
    written = last.text[1:].replace("''", "'")
    folder, slash, beginning = written.rpartition("/")
    if not slash or _WILD.search(written):
        return []
    length = len(beginning.replace("'", "''"))
    if _PLACE.match(written):
        named = re.match(r"\w+://[^/]*$", folder + slash) is None
        return WantedPath(folder + slash, beginning, length) if named else []
    column = _compared(typed[:-1])
    if not written.startswith("/") or not column.endswith("path") or column in _TEXTS_OF_OWN:
        return []
    return WantedPath(folder + slash, beginning, length, folders_only=column == "parent_path")


def _compared(earlier: list[Piece]) -> str:
    """Return the column or argument that a text is compared with or given to, in lower case; empty where there is none."""
    for piece in reversed(earlier):
        if piece.kind is Kind.WORD and piece.text.upper() in {"LIKE", "ILIKE", "IN", "NOT"}:
            continue
        if piece.kind in _NAMES:
            return _bare(piece).lower()
        if piece.kind is Kind.SIGN and piece.text not in _LISTED:
            return ""
    return ""


def _argument(name: str, argument: str, names: Names) -> list[Suggestion]:
    command = next((one for one in meta.COMMANDS if f"\\{one.name}" == name), None)
    if command is None:
        return []
    choices: Mapping[str, Iterable[str]] = {
        "d": names.tables,
        "df": names.functions,
        "dp": names.procedures,
        "c": names.connections,
    }
    return _matching(choices.get(command.name, command.choices), argument, "argument")


def _matching(words: Iterable[str], prefix: str, kind: str) -> list[Suggestion]:
    return [Suggestion(word, len(prefix), kind) for word in words if word.lower().startswith(prefix.lower())]


def _cased(words: Iterable[str], prefix: str, kind: str) -> Iterable[str]:
    """Return keywords in the letter case that was begun with, and names so that they can be written."""
    if kind == "keyword" and prefix and prefix == prefix.lower():
        return [word.lower() for word in words]
    if kind in {"column", "table"}:
        return [word if _PLAIN.fullmatch(word) else '"' + word.replace('"', '""') + '"' for word in words]
    return words


def _bare(piece: Piece) -> str:
    return piece.text[1:-1].replace('""', '"') if piece.kind is Kind.NAME else piece.text


def _last_statement(typed: list[Piece]) -> list[Piece]:
    start = max((index + 1 for index, piece in enumerate(typed) if _ends(piece)), default=0)
    return [piece for piece in typed[start:] if piece.kind is not Kind.COMMENT or not piece.closed]


def _first_statement(following: Iterable[Piece]) -> Iterator[Piece]:
    for piece in following:
        if _ends(piece):
            return
        yield piece


def _ends(piece: Piece) -> bool:
    return piece.kind is Kind.SIGN and piece.text == ";"
