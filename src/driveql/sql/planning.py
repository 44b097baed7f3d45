"""The passes over a statement before DuckDB sees it: refuse, normalise, replace, hint. Pure: nothing is opened or asked.

refuse      writes to tables of Graph objects, and dropping them
normalise   onedrive:/a.csv, as people write it, becomes onedrive:///a.csv, as DuckDB recognises it
replace     read_xlsx(...) becomes the name of a table that the session will fill
hint        a table with a LIKE prefix, a bare flag or a LIMIT becomes a scan of its own that knows it
key         a table that gets values from a join or a subquery becomes a scan of its own, and what gives them a relation
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol, TypeVar

from sqlglot import exp
from sqlglot.tokenizer_core import Token

from driveql.errors import SqlNotSupportedError
from driveql.sql import graph_call, workbook_call
from driveql.sql.engine_forms import written_for_engine
from driveql.sql.graph_call import GraphCall
from driveql.sql.hints import HintedTable, hints_of
from driveql.sql.incumbent import listing_call
from driveql.sql.join_keys import Demand, demands_of
from driveql.sql.key_queries import Keyed, keyed, without_covered
from driveql.sql.parameters import Parameters, numbered, standing_alone
from driveql.sql.reading import file_tables, reader_call
from driveql.sql.reading.reader_call import ReaderCall
from driveql.sql.selects import graph_table
from driveql.sql.syntax import Splice, quoted_name, splice, tokens_of, tree_of
from driveql.sql.tables import DECIDING
from driveql.sql.workbook_call import WorkbookCall

PREFIX = "__driveql_"


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
    parameters: Parameters
    scans: Mapping[str, HintedTable] = field(default_factory=dict)
    workbooks: Mapping[str, WorkbookCall] = field(default_factory=dict)
    readers: Mapping[str, ReaderCall] = field(default_factory=dict)
    keyed: Keyed = field(default_factory=Keyed)
    requests: Mapping[str, GraphCall] = field(default_factory=dict)


def prepare(sql: str, parameters: Parameters = None, *, with_keys: bool = True) -> Prepared:
    """Return one statement, ready for DuckDB.

    Parameters:
        with_keys: whether joins and subqueries may give scans their values.

    Raises:
        SqlSyntaxError: a quote is not closed.
        SqlNotSupportedError: it writes to a table of Graph objects, or read_xlsx has arguments that are no literals.
    """
    sql = numbered(sql, parameters)
    tokens, tree = tokens_of(sql), tree_of(sql)
    if tree is not None:
        refuse(tree)
    tables = list(file_tables.find(tokens))
    text = _Text(tree, written_for_engine(tokens, tables, parameters))
    workbooks = text.named(
        "xlsx",
        [*workbook_call.find(tokens), *workbook_call.files(tokens, tables)],
        lambda _: "read_xlsx",
        alias=lambda call: call.name,
    )
    readers = text.named(
        "reader",
        reader_call.find(sql, tokens),
        lambda reader: f"{reader.function} with root, file_columns or on_file_error",
    )
    requests = text.named("graph", graph_call.find(tokens), lambda _: "read_graph")
    listings = text.named("listing", listing_call.find(tokens), lambda _: "An endpoint with its WITH clause")
    demands: list[Demand] = []
    hinted: list[HintedTable] = []
    if tree is not None and _runs_now(tree):
        demands = demands_of(tree, tokens, sql) if with_keys else []
        always = {demand.start for demand in demands}
        always |= {demand.side.start for demand in demands if demand.side.table is not None}
        hinted = hints_of(tree, parameters, always, apart=_chooses(tokens))
    scans = {name: replace(one, hint=replace(one.hint, scan=name)) for name, one in listings.items()}
    names: dict[int, str] = {}
    for number, one in enumerate(hinted):
        name = names[one.start] = f"{PREFIX}{one.table.name}_{number}"
        scans[name] = replace(one, hint=replace(one.hint, scan=name))
        text.splices.append(Splice(one.start, one.end, name if one.alias else f"{name} AS {one.table.name}"))
    known = keyed(demands, names, text.splices, sql, tokens, parameters)
    planned = splice(sql, without_covered([*text.splices, *known.splices]))
    if known.splices:
        # What became a relation may have taken its parameters along.
        planned, parameters = standing_alone(planned, parameters)
    return Prepared(planned, parameters, scans, workbooks, readers, known, requests)


class _Call(Protocol):
    """A call, or a name of a file, that becomes the name of a relation."""

    @property
    def start(self) -> int: ...

    @property
    def end(self) -> int: ...


C = TypeVar("C", bound=_Call)


class _Text:
    """A statement's text, and what is put in place of its parts."""

    def __init__(self, tree: exp.Expression | None, splices: list[Splice]) -> None:
        self._tree = tree
        self.splices = splices

    def named(
        self,
        kind: str,
        calls: Iterable[C],
        told: Callable[[C], str],
        alias: Callable[[C], str] = lambda _: "",
    ) -> dict[str, C]:
        """Put names in place of calls, and return the calls by name.

        Parameters:
            told: what an error names a call by. alias: the name that its rows have where the statement gives them none.
        """
        found: dict[str, C] = {}
        for number, call in enumerate(calls):
            _refuse_stored(self._tree, told(call))
            name = f"{PREFIX}{kind}_{number}"
            found[name] = call
            own = alias(call)
            self.splices = [part for part in self.splices if not call.start <= part.start < call.end]
            self.splices.append(
                Splice(call.start, call.end, f"{name} AS {quoted_name(own)}" if own else name)
            )
        return found


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
