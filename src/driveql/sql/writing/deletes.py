"""DELETE FROM items: puts items into the recycle bin, twenty a call. A folder goes with all that is in it.

Rows that lie in a folder that goes too are not asked for again: what becomes of the folder becomes of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from driveql.graph import addresses
from driveql.graph.batch import BatchRequest
from driveql.sql.writing.forms import Delete
from driveql.sql.writing.outcome import RowOutcome
from driveql.sql.writing.run import WriteRun

Row = Mapping[str, Any]


async def delete(run: WriteRun, statement: Delete, rows: list[Row]) -> None:
    """Delete each item; one that is already gone is as it was to be, and its row says so."""
    items: dict[tuple[str, str], Row] = {(str(row["drive_id"]), str(row["id"])): row for row in rows}
    going = {
        (key[0], str(row["path"]).casefold()): key
        for key, row in items.items()
        if row["is_folder"] and row["path"]
    }
    outcomes = {key: RowOutcome("delete", row["path"], key[1], key[0], row) for key, row in items.items()}
    run.outcomes += outcomes.values()
    if run.audit is not None:
        run.audit.begin("DELETE", statement.table, len(run.outcomes))
    above: dict[tuple[str, str], tuple[str, str]] = {}
    requests: list[tuple[RowOutcome, BatchRequest]] = []
    for key, row in items.items():
        folder = _highest(key[0], row, going)
        if folder is not None:
            above[key] = folder
            continue
        headers = {"If-Match": str(row["e_tag"])} if statement.guarded else {}
        request = BatchRequest(
            "DELETE", addresses.item(*key), headers=headers, safe_to_repeat=not statement.guarded
        )
        requests.append((outcomes[key], request))
    try:
        await run.batch(requests, gone_is_done=True)
    finally:
        for key, folder in above.items():
            outcomes[key].state, outcomes[key].error = outcomes[folder].state, outcomes[folder].error
            run.note(outcomes[key])


def _highest(
    drive_id: str, row: Row, going: Mapping[tuple[str, str], tuple[str, str]]
) -> tuple[str, str] | None:
    """Return the highest folder above a row that goes as well."""
    parts = str(row["path"] or "").casefold().split("/")
    for end in range(2, len(parts)):
        folder = going.get((drive_id, "/".join(parts[:end])))
        if folder is not None:
            return folder
    return None
