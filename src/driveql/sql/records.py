"""Graph objects into Arrow record batches, and nothing else: a value that is not of its column's type is the server's fault."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import pyarrow as pa

from driveql.errors import ProtocolError
from driveql.sql.tables import Column, GraphTable, Origin
from driveql.sql.tables.column import TIMESTAMP, Json


def schema_of(table: GraphTable, columns: Sequence[str]) -> pa.Schema:
    """Return the Arrow schema of some of a table's columns, in the order given."""
    return pa.schema([table.schema.field(name) for name in columns])


def batch_of(
    table: GraphTable, columns: Sequence[str], objects: Sequence[Json], origin: Origin
) -> pa.RecordBatch:
    """Return Graph objects as rows.

    Raises:
        ProtocolError: a property has another type than Graph documents.
    """
    arrays = [_array(table.by_name[name], objects, origin) for name in columns]
    return pa.RecordBatch.from_arrays(arrays, schema=schema_of(table, columns))


def _array(column: Column, objects: Sequence[Json], origin: Origin) -> pa.Array:
    values = column.values(objects, origin)
    try:
        if column.type == TIMESTAMP:
            values = [_instant(value) for value in values]
        return pa.array(values, column.type)
    except (pa.ArrowInvalid, pa.ArrowTypeError, ValueError, TypeError, OverflowError) as error:
        raise ProtocolError(
            f"The server sent a {column.graph or column.name!r} that is not of type {column.type}: {error}",
            hint="Leave the column out of the query, and report this with the request id.",
        ) from error


def _instant(value: Any) -> datetime | None:
    # Graph writes seconds with up to seven decimals; Python keeps six.
    return None if value is None else datetime.fromisoformat(value)
