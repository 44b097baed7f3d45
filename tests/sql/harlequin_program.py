"""Drives the adapter as Harlequin does, in Harlequin's own environment; prints what it saw as JSON. Reads the connection from the
environment. Standard library, Harlequin and driveql only."""

from __future__ import annotations

import json
import os
import sys
import threading

from harlequin.adapter import HarlequinAdapter, HarlequinConnection, HarlequinCursor
from harlequin.autocomplete.completion import HarlequinCompletion
from harlequin.catalog import Catalog
from harlequin.exception import HarlequinConfigError, HarlequinConnectionError, HarlequinQueryError
from harlequin.plugins import load_adapter_plugins


def refused(work: object, kind: type[Exception]) -> str:
    try:
        work()  # type: ignore[operator]
    except kind as error:
        return f"{getattr(error, 'title', '')} {error}"
    raise AssertionError(f"{kind.__name__} was not raised")


def main() -> None:
    seen: dict[str, object] = {}
    adapter_class = load_adapter_plugins()["driveql"]
    assert issubclass(adapter_class, HarlequinAdapter)
    assert adapter_class.IMPLEMENTS_CANCEL
    adapter = adapter_class(conn_str=(), unexpected="option")
    seen["id"] = adapter.connection_id
    connection = adapter.connect()
    assert isinstance(connection, HarlequinConnection)
    assert connection.init_message == ""

    # What Harlequin's guide asks an adapter's tests to show.
    catalog = connection.get_catalog()
    assert isinstance(catalog, Catalog)
    (top,) = catalog.items
    seen["catalog"] = {
        table.label: [(column.label, column.type_label) for column in table.children]
        for table in top.children
    }
    completions = connection.get_completions()
    assert all(isinstance(one, HarlequinCompletion) for one in completions)
    seen["completions"] = [one.label for one in completions]
    assert connection.execute("CREATE TABLE foo AS SELECT 1 AS a") is None
    cursor = connection.execute("SELECT 1 AS a, 2 AS a, 'x' AS b, [1] AS c, CAST(NULL AS DOUBLE) AS d")
    assert isinstance(cursor, HarlequinCursor)
    seen["columns"] = cursor.columns()
    data = cursor.fetchall()
    seen["duplicates"] = [column.to_pylist() for column in data.columns]
    limited = connection.execute("SELECT name FROM files ORDER BY name").set_limit(2)
    assert isinstance(limited, HarlequinCursor)
    seen["limited"] = limited.fetchall().to_pydict()
    empty = connection.execute("SELECT 1 AS a WHERE false")
    seen["empty"] = empty.fetchall().num_rows
    seen["syntax"] = refused(lambda: connection.execute("SELEC 1"), HarlequinQueryError)
    seen["missing"] = refused(lambda: connection.execute("SELECT * FROM nowhere"), HarlequinQueryError)
    seen["two"] = refused(lambda: adapter_class(conn_str=("a", "b")), HarlequinConfigError)
    seen["unknown"] = refused(lambda: adapter_class(conn_str=("nobody",)).connect(), HarlequinConnectionError)

    # Cancelled from another thread, as its button does; the connection works on.
    outcomes: list[object] = []
    slow = "SELECT sum(a.range * b.range) AS s FROM range(10000000) a, range(10000000) b"
    running = threading.Thread(target=lambda: outcomes.append(connection.execute(slow)))
    running.start()
    while running.is_alive():
        connection.cancel()
        running.join(0.05)
    seen["cancelled"] = outcomes == [None] or outcomes[0].fetchall() is None
    seen["after"] = connection.execute("SELECT 7 AS a").fetchall().to_pydict()
    reader = adapter_class(conn_str=(), read_only=True).connect()
    seen["read_only"] = refused(
        lambda: reader.execute("DELETE FROM items WHERE name = 'x'"), HarlequinQueryError
    )
    reader.close()
    connection.close()

    # A stored connection has saved queries.
    os.environ["DRIVEQL_CONNECTIONS"] = os.environ["STORED"]
    stored = adapter_class(conn_str=("work",)).connect()
    (top,) = stored.get_catalog().items
    seen["saved"] = {
        one.query_name: [(column.label, column.type_label) for column in one.children]
        for one in top.children
        if one.type_label == "q"
    }
    seen["of saved"] = stored.execute("SELECT * FROM sizes").fetchall().num_rows
    stored.close()
    sys.stdout.write(json.dumps(seen))


main()
