"""OData query options as Microsoft Graph reads them: $select, $filter, $orderby, $search, $top, $skiptoken."""

from graph_emulator.odata.filter import Predicate, parse_filter
from graph_emulator.odata.options import Options, parse_options
from graph_emulator.odata.search import parse_search

__all__ = ["Options", "Predicate", "parse_filter", "parse_options", "parse_search"]
