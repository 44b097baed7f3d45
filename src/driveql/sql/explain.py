"""EXPLAIN: what a query will ask of Graph, table by table, and what is computed here. No listing is asked of Graph.

DuckDB's own plan says which filter and which columns it pushes into each scan, but not into which table's. So the tables are
replaced, for the time of the EXPLAIN, by stand-ins whose column names carry a tag; each scan of the plan is then run on its
stand-in alone, which answers nothing and notes what it was asked, in the very form a real scan would be.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from driveql.errors import SqlSyntaxError
from driveql.sql import pushdown
from driveql.sql.cached import explained
from driveql.sql.estimates import Estimate, estimate_of, sum_of
from driveql.sql.key_marks import Marks
from driveql.sql.parameters import written_out
from driveql.sql.part_plans import DriveListing, EachItem
from driveql.sql.plans import FolderListing, Hint, ItemLookup, Plan, Scope, Step, TreeWalk
from driveql.sql.syntax import explanation
from driveql.sql.tables import TABLES

if TYPE_CHECKING:
    from driveql.sql.parameters import Parameters
    from driveql.sql.session import Session
    from driveql.sql.stand_in import StandIn

_EXPLAIN = re.compile(r"\s*explain\s+(?!analyze\b|\()", re.IGNORECASE)
_SCAN = "PYTHON_ARROW_SCAN"
_NO_ORDER = "all rows come first, for Graph orders items by nothing but names, and text by its own rules, not as SQL does"
_TAG = re.compile(r"__t\d+_")


@dataclass(frozen=True, slots=True)
class TableExplanation:
    """One scan: its table, the plan of what is asked of Graph, and what the engine computes on what arrives.

    `cached` has what is said, in place of a line of the plan, where the cache answers it. `estimate` counts requests; `once` more
    that are not multiplied by the values that the rest of the statement gives. `marks` say what the values in the plan stand for.
    """

    table: str
    plan: Plan
    computed: tuple[str, ...]
    cached: Mapping[str, str] = field(default_factory=dict)
    estimate: Estimate = field(default_factory=Estimate)
    once: int = 0
    marks: Marks = field(default_factory=lambda: Marks({}, {}))

    @property
    def multiplied(self) -> str | None:
        """What the requests are multiplied by: the values that the rest of the statement gives; None where it gives none."""
        return f"for each value of {', '.join(self.plan.keys)}" if self.plan.keys else None

    def __str__(self) -> str:
        asked = [f"  {self.cached.get(line, line)}" for line in self.plan.describe()]
        lines = [self.table, *(self.marks.told(line) for line in asked)]
        if self.plan.steps:
            first = f"{self.once}, and " if self.once else ""
            each = f"{'' if first else ','} {self.multiplied}" if self.multiplied else ""
            lines.append(f"  requests: {first}{self.estimate}{each}")
        lines += [f"  computed here: {line}" for line in self.computed]
        told = [text.removeprefix(f"{self.table}: ") for text in self.plan.told]
        return "\n".join([*lines, *(f"  warning: {self.marks.told(text)}" for text in told)])


@dataclass(frozen=True, slots=True)
class Explanation:
    """What a query will do. `engine` is DuckDB's own plan, `orders` what it sorts by."""

    tables: tuple[TableExplanation, ...]
    engine: str
    orders: tuple[str, ...] = ()

    @property
    def estimate(self) -> str:
        """The requests of all tables together."""
        fixed = sum_of(
            table.estimate if table.multiplied is None else Estimate(table.once) for table in self.tables
        )
        each = [
            f"{table.estimate} {table.multiplied}" for table in self.tables if table.multiplied is not None
        ]
        return "; and ".join([str(fixed), *each])

    def __str__(self) -> str:
        if not self.tables:
            return "No table of Graph objects is read."
        named = ["the order" if "#" in order else f"order by {order}" for order in self.orders]
        orders = [f"computed here: {order}; {_NO_ORDER}" for order in named]
        return "\n".join([*map(str, self.tables), *orders, f"requests in all: {self.estimate}"])


def inner_of(sql: str) -> str | None:
    """Return the query of an EXPLAIN statement, None for any other statement."""
    match = _EXPLAIN.match(sql)
    return sql[match.end() :] if match else None


def as_rows(session: Session, sql: str, parameters: Parameters) -> str:
    """Return a query whose rows are the explanation: driveql's part first, then the engine's."""
    found = explain(session, sql, parameters)
    return explanation([("driveql", str(found)), ("physical_plan", found.engine)])


def explain(session: Session, sql: str, parameters: Parameters = None) -> Explanation:
    """Return what a statement would do.

    Raises:
        SqlError: it cannot be planned. ParameterError: a predicate on `owner` names something that cannot be an owner.
    """
    # What it brings along is not needed before.
    from driveql.sql.stand_in import StandIn

    with session.lock, session.watch.ending():
        prepared = session.prepare(sql, parameters)
        stand_ins = {
            name: StandIn(number, table, Hint()) for number, (name, table) in enumerate(TABLES.items())
        }
        marks = session.queries.key_values(prepared).marks()
        for name, hinted in prepared.scans.items():
            stand_ins[name] = StandIn(len(stand_ins), hinted.table, marks.hints[name])
        for stand_in in stand_ins.values():
            session.bindings.bind(stand_in.name, stand_in)
        views = {name: stand_in.view() for name, stand_in in stand_ins.items()}
        sides = [side for side in prepared.keyed.sides.values() if side.scan is None]
        views |= {side.name: written_out(side.query, prepared.keyed.parameters) for side in sides}
        with session.engine.replaced(views):
            rows = session.engine_rows(f"EXPLAIN (FORMAT JSON) {prepared.sql}", prepared.parameters)
            nodes = json.loads(rows[0][1])
            scans = list(_scans(nodes, ()))
            orders = tuple(_TAG.sub("", order) for order in _orders(nodes))
            asked: set[Scope] = set()
            tables = [
                _explained(session, scan, above, stand_ins.values(), marks, asked) for scan, above in scans
            ]
            text = session.engine_rows(f"EXPLAIN {prepared.sql}", prepared.parameters)[0][1]
        return Explanation(tuple(table for table in tables if table is not None), _TAG.sub("", text), orders)


def _scans(
    nodes: Sequence[Mapping[str, Any]], above: tuple[str, ...]
) -> Iterator[tuple[Mapping[str, Any], tuple[str, ...]]]:
    """Yield each scan of DuckDB's plan, with the filters that stand right above it."""
    for node in nodes:
        details = node.get("extra_info", {})
        if details.get("Function") == _SCAN:
            yield details, above
        is_filter = node.get("name") == "FILTER"
        filters_here = (*above, *_texts(details.get("Expression"))) if is_filter else ()
        yield from _scans(node.get("children", ()), filters_here)


def _orders(nodes: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """Yield what each sort of DuckDB's plan sorts by."""
    for node in nodes:
        if node.get("name") in {"TOP_N", "ORDER_BY"}:
            yield ", ".join(_texts(node.get("extra_info", {}).get("Order By")))
        yield from _orders(node.get("children", ()))


def _explained(
    session: Session,
    scan: Mapping[str, Any],
    above: tuple[str, ...],
    stand_ins: Iterable[StandIn],
    marks: Marks,
    asked: set[Scope],
) -> TableExplanation | None:
    columns, conditions = _texts(scan.get("Projections")), _texts(scan.get("Filters"))
    stand_in = next((one for one in stand_ins if any(name.startswith(one.tag) for name in columns)), None)
    if stand_in is None:
        return None
    selected = ", ".join(f'"{name}"' for name in columns)
    where = f" WHERE {' AND '.join(conditions)}" if conditions else ""
    session.engine_rows(f'SELECT {selected} FROM "{stand_in.name}"{where}')
    if stand_in.asked is None:
        raise SqlSyntaxError(f"The plan of {stand_in.table.name} cannot be explained.")
    wanted, predicate = stand_in.asked
    plan = pushdown.plan(stand_in.table, predicate, wanted, session.tenant.defaults, stand_in.hint)
    session.tenant.statement.check_chosen(plan)
    texts = [text.replace(stand_in.tag, "") for text in (*conditions, *above)]
    computed = tuple(f"filter {text}" for text in texts)
    cached = dict(explained.lines(session.tenant, plan))
    drives = _unresolved(session, plan) - asked
    asked |= drives
    # Of a drive that stands for many there is one for each value.
    given = {drive for drive in drives if marks.told(str(drive)) != str(drive)}
    once = len(drives - given) if plan.keys else 0
    estimate = estimate_of(plan, len(drives) - once)
    return TableExplanation(stand_in.table.name, plan, computed, cached, estimate, once, marks)


def _unresolved(session: Session, plan: Plan) -> set[Scope]:
    """Return the drives of a plan that have to be asked for: those that are not named by id and not known yet."""
    tenant = session.tenant
    scopes = {scope for step in plan.steps for scope in _scopes_of(step)}
    own = Scope(tenant.defaults.owner, tenant.defaults.drive_id)
    return {
        scope
        for scope in scopes
        if scope.drive_id is None
        and tenant.drives.known(scope) is None
        and not (scope == own and tenant.defaults.drive_id is not None)
    }


def _scopes_of(step: Step) -> Iterator[Scope]:
    match step:
        case ItemLookup() | FolderListing() | TreeWalk() | DriveListing():
            yield step.scope
        case EachItem(steps=steps):
            for inner in steps:
                yield inner.scope


def _texts(value: Any) -> list[str]:
    return [] if value is None else [value] if isinstance(value, str) else [str(part) for part in value]
