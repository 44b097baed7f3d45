"""A table of Graph objects as a `pyarrow.dataset.Dataset`: DuckDB, polars, DataFusion and pyarrow itself can scan it.

Whoever scans trusts the scanner to apply the filter exactly; it does, whatever Graph was asked.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as ds

from driveql.sql import filters, pushdown, records
from driveql.sql.plans import Hint, Plan, Scope
from driveql.sql.pump import pull
from driveql.sql.scan import Scan
from driveql.sql.statement import ScanRecord, Statement
from driveql.sql.tables import GraphTable
from driveql.sql.tenant import Tenant
from driveql.sql.unmatchable import told_of_case


class GraphDataset(ds.Dataset):  # type: ignore[misc]  # pyarrow has no types
    """One table.

    Parameters:
        hint: what a statement says about the table besides the filter that is pushed.
    """

    def __init__(self, table: GraphTable, tenant: Tenant, hint: Hint | None = None) -> None:
        # The base class is made for files on disk and refuses to be initialised; schema and scanner are all that is used.
        self._table = table
        self._tenant = tenant
        self._hint = hint

    @property
    def schema(self) -> pa.Schema:
        """The table's columns."""
        return self._table.schema

    def scanner(
        self,
        columns: Sequence[str] | None = None,
        filter: pc.Expression | None = None,  # noqa: A002 - pyarrow's own word
        **_: Any,
    ) -> GraphScanner:
        """Return a lazy scan.

        Parameters:
            columns: names of the columns wanted, in order; None for all. filter: an expression over the whole schema.

        Raises:
            ParameterError: a predicate on `owner` names something that cannot be an owner.
        """
        statement = self._tenant.statement
        try:
            predicate = filters.read(filter, self.schema)
            plan = pushdown.plan(self._table, predicate, columns, self._tenant.defaults, self._hint)
        except Exception as error:
            statement.failed(error)
            raise
        return GraphScanner(self._tenant, statement, plan, columns, filter)


class GraphScanner:
    """A scan that has not begun; reading it sends the plan's requests, page by page."""

    def __init__(
        self,
        tenant: Tenant,
        statement: Statement,
        plan: Plan,
        columns: Sequence[str] | None,
        filter_: pc.Expression | None,
    ) -> None:
        self._tenant = tenant
        self._statement = statement
        self.plan = plan
        self._columns = list(plan.table.by_name) if columns is None else list(columns)
        self._filter = filter_

    @property
    def projected_schema(self) -> pa.Schema:
        """The columns that come out."""
        return records.schema_of(self.plan.table, self._columns)

    @property
    def dataset_schema(self) -> pa.Schema:
        """The columns of the table."""
        return self.plan.table.schema

    def to_batches(self) -> Iterator[pa.RecordBatch]:
        """Yield the rows, a page at a time; leaving early stops the requests."""
        record = self._statement.begin(self.plan)
        for text in self.plan.told:
            self._statement.warn(text)
        if self._tenant.dry or not self.plan.steps:
            return
        started = time.monotonic()
        try:
            yield from self._batches(record)
        except Exception as error:
            self._statement.failed(error)
            raise
        finally:
            record.seconds = time.monotonic() - started

    def _batches(self, record: ScanRecord) -> Iterator[pa.RecordBatch]:
        plan, tenant = self.plan, self._tenant
        default = Scope(tenant.defaults.owner, tenant.defaults.drive_id)
        scan = Scan(tenant.reads, tenant.drives, plan, default, warn=self._statement.warn)
        left = plan.limit
        ahead = 1 if left is None else 0
        for origin, objects in pull(
            tenant.portal, scan.pages(), self._statement, ahead=ahead, tally=record.tally
        ):
            record.pages += 1
            record.objects += len(objects)
            batch = records.batch_of(plan.table, plan.columns, objects, origin)
            if self._filter is not None:
                found, batch = batch, batch.filter(self._filter)
                for text in () if batch.num_rows else told_of_case(plan, found):
                    self._statement.warn(text)
            if left is not None:
                batch = batch.slice(0, left)
                left -= batch.num_rows
            record.rows += batch.num_rows
            if batch.num_rows:
                yield batch.select(self._columns)
            if left == 0:
                return

    def to_reader(self) -> pa.RecordBatchReader:
        """Return the rows as an Arrow stream."""
        return pa.RecordBatchReader.from_batches(self.projected_schema, self.to_batches())

    def to_table(self) -> pa.Table:
        """Return all rows."""
        return pa.Table.from_batches(self.to_batches(), self.projected_schema)

    def head(self, num_rows: int) -> pa.Table:
        """Return the first rows, asking for no more pages than they need."""
        kept: list[pa.RecordBatch] = []
        left = num_rows
        for batch in self.to_batches() if num_rows > 0 else ():
            kept.append(batch.slice(0, left))
            left -= kept[-1].num_rows
            if left <= 0:
                break
        return pa.Table.from_batches(kept, self.projected_schema)

    def count_rows(self) -> int:
        """Return how many rows there are."""
        return sum(batch.num_rows for batch in self.to_batches())
