"""What the scans and readers of a session share: where objects come from, and the statement that is running."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from driveql.sql.cached.tenant import CachedTenant
from driveql.sql.drives_in_use import Drives
from driveql.sql.plans import Defaults, Hint
from driveql.sql.source import Portal, TenantSource
from driveql.sql.statement import Statement
from driveql.sql.tables import GraphTable
from driveql.sql.temporary import TemporaryRoom

if TYPE_CHECKING:
    from driveql.sql.dataset import GraphDataset


@dataclass(slots=True)
class Tenant:
    """A session's view of the tenant.

    Parameters:
        dry: scans are recorded with their plans and yield nothing; no request is sent.
        cached: the way to `source` by the connection's cache, where there is one. temporary: the room for temporary files.
    """

    source: TenantSource
    portal: Portal
    defaults: Defaults
    drives: Drives
    statement: Statement
    dry: bool = False
    cached: CachedTenant | None = None
    temporary: TemporaryRoom = field(default_factory=TemporaryRoom)

    @classmethod
    def of(
        cls, source: TenantSource, portal: Portal, defaults: Defaults, cached: CachedTenant | None = None
    ) -> Tenant:
        """Return a tenant with no statement running."""
        return cls(source, portal, defaults, Drives(cached or source), Statement(), cached=cached)

    @property
    def reads(self) -> TenantSource:
        """Where a statement that reads takes its objects from."""
        return self.cached or self.source

    def dataset(self, table: GraphTable, hint: Hint | None = None) -> GraphDataset:
        """Return a table of it to scan; see `GraphDataset`."""
        # pyarrow.dataset imports pandas where it is installed: a third of a session's memory, for many without use.
        from driveql.sql.dataset import GraphDataset

        return GraphDataset(table, self, hint)
