"""EXPLAIN ANALYZE: runs a statement, gives its rows away, and tells what it cost, table by table and in all."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from driveql.sql.statement import ScanRecord
from driveql.sql.syntax import explanation
from driveql.sql.tally import Tally
from driveql.transport.attempts import Statistics

if TYPE_CHECKING:
    from driveql.sql.parameters import Parameters
    from driveql.sql.session import Session

# So many lines of a plan are shown: a join may have made thousands.
MOST_LINES = 12
_ANALYZE = re.compile(r"\s*explain\s+analyze\s+(?!\()", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class TableCost:
    """What one scan did. Times are in seconds, sizes in bytes; `throttled` counts the answers that asked to wait."""

    table: str
    asked: tuple[str, ...]
    requests: int
    pages: int
    objects: int
    rows: int
    bytes_received: int
    retries: int
    throttled: int
    seconds: float

    def __str__(self) -> str:
        counted = (
            f"{_counted(self.requests, 'request')}, {_counted(self.pages, 'page')}, {_counted(self.objects, 'object')},"
            f" {_counted(self.rows, 'row')} kept, {self.bytes_received:,} bytes received, {_retries(self.retries)},"
            f" throttled {self.throttled} times, {self.seconds:.3f} s"
        )
        return "\n".join([self.table, *(f"  {line}" for line in self.asked), f"  {counted}"])


@dataclass(frozen=True, slots=True)
class Analysis:
    """What a statement cost.

    Parameters:
        tables: each scan, in the order in which they began. files: how many were opened for their contents.
        contents: what reading those cost. whole: what the connection cost meanwhile, its pauses too.
        warnings: what the answer lacks. engine: DuckDB's own account.
    """

    tables: tuple[TableCost, ...]
    files: int
    contents: Tally
    whole: Statistics
    seconds: float
    warnings: tuple[str, ...]
    engine: str

    def __str__(self) -> str:
        lines = [str(table) for table in self.tables]
        if self.files:
            lines.append(
                f"contents of files\n  {_counted(self.files, 'file')} opened, {_counted(self.contents.requests, 'request')},"
                f" {self.contents.bytes_received:,} bytes received, {_retries(self.contents.retries)}"
            )
        lines += [f"warning: {text}" for text in self.warnings]
        lines.append(
            f"in all: {_counted(self.whole.requests, 'request')}, {self.whole.bytes_received:,} bytes received,"
            f" {_retries(self.whole.retries)}, throttled {self.whole.throttled_seconds:.1f} s, {self.seconds:.3f} s"
        )
        return "\n".join(lines)


def inner_of(sql: str) -> str | None:
    """Return the statement of an EXPLAIN ANALYZE, None for any other statement."""
    match = _ANALYZE.match(sql)
    return sql[match.end() :] if match else None


def as_rows(session: Session, sql: str, parameters: Parameters) -> str:
    """Return a query whose rows are the analysis: driveql's part first, then the engine's."""
    found = analyze(session, sql, parameters)
    return explanation([("driveql", str(found)), ("analyzed_plan", found.engine)])


def analyze(session: Session, sql: str, parameters: Parameters = None) -> Analysis:
    """Run a statement to its end and return what it cost; its rows are given away.

    Raises:
        SqlNotSupportedError: it writes to OneDrive.
        DriveqlError: what the statement itself raises.
    """
    with session.lock:
        counted = session.tenant.source.session.statistics
        before, started = counted.copied(), time.monotonic()
        result = session.execute(sql, parameters, analyzed=True)
        engine = "\n".join(str(list(row.values())[-1]) for row in result.table().to_pylist())
        seconds, whole = time.monotonic() - started, counted.since(before)
    statement = result.statement
    return Analysis(
        tables=tuple(_cost(record) for record in statement.scans),
        files=len(statement.opened),
        contents=statement.contents,
        whole=whole,
        seconds=seconds,
        warnings=tuple(statement.warnings),
        engine=engine,
    )


def _cost(record: ScanRecord) -> TableCost:
    tally, plan = record.tally, record.plan
    return TableCost(
        plan.table.name, tuple(_shortened(plan.describe())), tally.requests, record.pages, record.objects, record.rows,
        tally.bytes_received, tally.retries, tally.throttled, record.seconds,
    )  # fmt: skip


def _shortened(lines: list[str]) -> list[str]:
    """Return the lines of a plan, without most of its steps where there are many."""
    return (
        lines
        if len(lines) <= MOST_LINES
        else [*lines[:MOST_LINES], f"... and {len(lines) - MOST_LINES} lines more"]
    )


def _counted(number: int, what: str) -> str:
    return f"{number:,} {what}" + ("" if number == 1 else "s")


def _retries(number: int) -> str:
    return "1 retry" if number == 1 else f"{number:,} retries"
