"""The passes over a statement before DuckDB sees it: refuse, normalise, replace, hint. Pure: nothing is opened or asked.

refuse      writes to tables of Graph objects, and dropping them
normalise   onedrive:/a.csv, as people write it, becomes onedrive:///a.csv, as DuckDB recognises it
replace     read_xlsx(...) becomes the name of a table that the session will fill
hint        a table with a LIKE prefix, a bare flag or a LIMIT becomes a scan of its own that knows it
key         a table that gets values from a join or a subquery becomes a scan of its own, and what gives them a relation
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from sqlglot import exp
from sqlglot.tokenizer_core import Token, TokenType

from driveql.errors import SqlNotSupportedError
from driveql.sql import graph_call, workbook_call
from driveql.sql.graph_call import GraphCall
from driveql.sql.hints import HintedTable, hints_of
from driveql.sql.incumbent import listing_call
from driveql.sql.join_keys import demands_of
from driveql.sql.key_queries import READER, Keyed, keyed, without_covered
from driveql.sql.parameters import numbered, standing_alone
from driveql.sql.reading import file_tables, reader_call
from driveql.sql.reading.file_tables import FileTable
from driveql.sql.reading.reader_call import ReaderCall
from driveql.sql.selects import graph_table
from driveql.sql.syntax import Splice, closing, quoted, quoted_name, splice, tokens_of, tree_of
from driveql.sql.tables import DECIDING
from driveql.sql.workbook_call import WorkbookCall

PREFIX = "__driveql_"
_SHORT = re.compile(r"(?:onedrive|driveql):(?:/(?!/)|(?=[^/]))|driveql://", re.IGNORECASE)
_NAMED = frozenset({TokenType.VAR, TokenType.IDENTIFIER})


@dataclass(frozen=True, slots=True)
class Prepared:
    """A statement as DuckDB will see it.

    Parameters:
        sql: its text. parameters: its parameters.
        scans: hinted tables by the name they have in `sql`. workbooks: calls of read_xlsx by that name.
        requests: calls of read_graph, likewise.
        readers: calls of other readers with arguments of ours, likewise.
        keyed: what gives scans their values, to be computed before it runs.
    """

    sql: str
    parameters: Sequence[Any] | Mapping[str, Any] | None
    scans: Mapping[str, HintedTable] = field(default_factory=dict)
    workbooks: Mapping[str, WorkbookCall] = field(default_factory=dict)
    readers: Mapping[str, ReaderCall] = field(default_factory=dict)
    keyed: Keyed = field(default_factory=Keyed)
    requests: Mapping[str, GraphCall] = field(default_factory=dict)


def prepare(
    sql: str, parameters: Sequence[Any] | Mapping[str, Any] | None = None, *, with_keys: bool = True
) -> Prepared:
    """Return one statement, ready for DuckDB.

    Parameters:
        with_keys: whether joins and subqueries may give scans their values.

    Raises:
        SqlSyntaxError: a quote is not closed.
        SqlNotSupportedError: it writes to a table of Graph objects, or read_xlsx has arguments that are no literals.
    """
    sql = numbered(sql, parameters)
    tokens = tokens_of(sql)
    tree = tree_of(sql)
    if tree is not None:
        refuse(tree)
    runs_now = tree is not None and _runs_now(tree)
    tables = list(file_tables.find(tokens))
    files = reader_call.csv_files(tokens, tables, long_form)
    short = [
        part for part in _short_forms(tokens, tables) if part.start not in {file.start for file in files}
    ]
    splices = [*short, *files, *_named_parameters(tokens, parameters)]
    workbooks: dict[str, WorkbookCall] = {}
    for number, call in enumerate([*workbook_call.find(tokens), *workbook_call.files(tokens, tables)]):
        _refuse_stored(tree, "read_xlsx")
        name = f"{PREFIX}xlsx_{number}"
        workbooks[name] = call
        splices = [part for part in splices if not call.start <= part.start < call.end]
        splices.append(
            Splice(call.start, call.end, f"{name} AS {quoted_name(call.name)}" if call.name else name)
        )
    splices += reader_call.csv_buffers(tokens)
    readers: dict[str, ReaderCall] = {}
    for number, reader in enumerate(reader_call.find(sql, tokens)):
        _refuse_stored(tree, f"{reader.function} with root, file_columns or on_file_error")
        name = f"{PREFIX}reader_{number}"
        readers[name] = reader
        splices = [part for part in splices if not reader.start <= part.start < reader.end]
        splices.append(Splice(reader.start, reader.end, name))
    requests: dict[str, GraphCall] = {}
    for number, request in enumerate(graph_call.find(tokens)):
        _refuse_stored(tree, "read_graph")
        name = f"{PREFIX}graph_{number}"
        requests[name] = request
        splices.append(Splice(request.start, request.end, name))
    scans: dict[str, HintedTable] = {}
    for number, listing in enumerate(listing_call.find(tokens)):
        _refuse_stored(tree, "An endpoint with its WITH clause")
        name = f"{PREFIX}listing_{number}"
        scans[name] = listing
        splices = [part for part in splices if not listing.start <= part.start < listing.end]
        splices.append(Splice(listing.start, listing.end, name))
    demands = demands_of(tree, tokens, sql) if tree is not None and runs_now and with_keys else []
    always = {demand.start for demand in demands}
    always |= {demand.side.start for demand in demands if demand.side.table is not None}
    names: dict[int, str] = {}
    for number, hinted in enumerate(
        hints_of(tree, parameters, always, apart=_chooses(tokens)) if tree is not None and runs_now else ()
    ):
        name = names[hinted.start] = f"{PREFIX}{hinted.table.name}_{number}"
        scans[name] = hinted
        splices.append(
            Splice(hinted.start, hinted.end, name if hinted.alias else f"{name} AS {hinted.table.name}")
        )
    for name, hinted in scans.items():
        scans[name] = replace(hinted, hint=replace(hinted.hint, scan=name))
    known = keyed(demands, names, splices, sql, tokens, parameters)
    text = splice(sql, without_covered([*splices, *known.splices]))
    if known.splices:
        # What became a relation may have taken its parameters along.
        text, parameters = standing_alone(text, parameters)
    return Prepared(text, parameters, scans, workbooks, readers, known, requests)


def refuse(tree: exp.Expression) -> None:
    """Raise SqlNotSupportedError for a statement that writes to a table of Graph objects, or makes another of its name."""
    verb = _WRITES.get(type(tree))
    target = tree.this.this if isinstance(tree.this, exp.Schema) else tree.this
    targets = (
        [*tree.args.get("tables", []), *tree.expressions]
        if isinstance(tree, exp.Drop | exp.TruncateTable)
        else [target]
    )
    table = next(
        (found for node in targets if isinstance(node, exp.Expression) and (found := graph_table(node))), None
    )
    if table is not None and isinstance(tree, exp.Create):
        raise SqlNotSupportedError(
            f"CREATE {table.name} is not supported: {table.name} is a table of OneDrive, which would hide the new one.",
            hint="Choose another name, or a schema of your own: CREATE SCHEMA mine; CREATE TABLE mine.items ...",
        )
    if verb is None or table is None:
        return
    raise SqlNotSupportedError(
        f"{verb} {table.name} is not supported: of the tables of OneDrive, SQL writes items, files, folders, list_items"
        " and permissions, by INSERT, UPDATE and DELETE.",
        hint="Other changes are procedures: docs/procedures.md. Tables that you create can be written.",
    )


_WRITES: Mapping[type[exp.Expression], str] = {
    exp.Insert: "INSERT INTO",
    exp.Update: "UPDATE",
    exp.Delete: "DELETE FROM",
    exp.Merge: "MERGE INTO",
    exp.TruncateTable: "TRUNCATE",
    exp.Drop: "DROP",
    exp.Alter: "ALTER",
}


def _chooses(tokens: Sequence[Token]) -> bool:
    """Return whether a statement may say which drives are wanted."""
    words = {token.text.lower() for token in tokens}
    return bool(words & DECIDING) or ("drives" in words and "id" in words)


def _runs_now(tree: exp.Expression) -> bool:
    """Return True where the statement's own scans run when it runs: a view keeps its text for later."""
    return isinstance(tree, exp.Query) or (
        isinstance(tree, exp.Create) and str(tree.args.get("kind")).upper() == "TABLE"
    )


def _refuse_stored(tree: exp.Expression | None, function: str) -> None:
    if isinstance(tree, exp.Create) and str(tree.args.get("kind")).upper() != "TABLE":
        raise SqlNotSupportedError(
            f"{function} cannot stand in a view or macro: it is read when the statement runs.",
            hint="Make a table of what it returns: CREATE TABLE name AS ...",
        )


def _short_forms(tokens: list[Token], tables: Iterable[FileTable]) -> list[Splice]:
    """Replace the short form of a place where a file name is expected: in a reader's arguments, and in place of a table."""
    expected = {table.index for table in tables}
    for index, token in enumerate(tokens[:-1]):
        if tokens[index + 1].token_type is TokenType.L_PAREN and READER.fullmatch(token.text):
            end = closing(tokens, index + 1)
            expected.update(range(index + 2, end if end is not None else len(tokens)))
    return [
        Splice(tokens[index].start, tokens[index].end + 1, quoted(long_form(tokens[index].text)))
        for index in sorted(expected)
        if _is_text(tokens[index]) and _SHORT.match(tokens[index].text)
    ]


def _is_text(token: Token) -> bool:
    # A quoted identifier in place of a table names a file too, where no table has that name.
    return token.token_type in {TokenType.STRING, TokenType.IDENTIFIER}


def long_form(place: str) -> str:
    """Return a written place in the form that DuckDB recognises: `onedrive:/a` becomes `onedrive:///a`."""
    rest = re.sub(r"^(onedrive|driveql):", "", place, flags=re.IGNORECASE)
    return f"onedrive:{rest}" if rest.startswith("//") else f"onedrive:///{rest.lstrip('/')}"


def _named_parameters(
    tokens: list[Token], parameters: Sequence[Any] | Mapping[str, Any] | None
) -> list[Splice]:
    """Replace `:name` by `$name`, where `name` is one of the parameters and a value may stand."""
    if not isinstance(parameters, Mapping):
        return []
    splices: list[Splice] = []
    for index, token in enumerate(tokens[:-1]):
        following = tokens[index + 1]
        if (
            token.token_type is not TokenType.COLON
            or following.start != token.end + 1
            or following.text not in parameters
        ):
            continue
        before = tokens[index - 1] if index else None
        if before is None or not (before.token_type in _VALUES and before.end + 1 == token.start):
            splices.append(Splice(token.start, token.end + 1, "$"))
    return splices


_VALUES = _NAMED | {
    TokenType.STRING,
    TokenType.NUMBER,
    TokenType.R_PAREN,
    TokenType.R_BRACKET,
    TokenType.COLON,
}
