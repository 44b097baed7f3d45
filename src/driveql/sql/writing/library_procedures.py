"""The procedures on a library's entries: check-out and check-in of files, and the values of the library's columns."""

from __future__ import annotations

import json
from collections.abc import Mapping

import pyarrow as pa

from driveql.errors import SqlSyntaxError
from driveql.sql.writing.arguments import BY_ID, PATH, Argument, Kind
from driveql.sql.writing.procedure import Called, Procedure


async def _check_out(call: Called) -> None:
    drive, item = await call.item()
    await drive.checkout.check_out(item)
    call.rows[0].done()


async def _check_in(call: Called) -> None:
    drive, item = await call.item()
    await drive.checkout.check_in(item, call["comment"], publish=call["publish"])
    call.rows[0].done()


async def _discard(call: Called) -> None:
    drive, item = await call.item()
    await drive.checkout.discard(item)
    call.rows[0].done()


async def _set_metadata(call: Called) -> None:
    values = call["values"]
    if not isinstance(values, Mapping) or not values:
        raise SqlSyntaxError("values are a struct or a map, such as {'Region': 'EMEA'}.")
    drive, item = await call.item()
    fields = await drive.metadata.write(item, values, if_match=call["if_match"])
    call.rows[0].more = {"fields": json.dumps(fields, ensure_ascii=False, separators=(",", ":"))}
    call.rows[0].done()


_GUARD = Argument("if_match", Kind.TEXT, "The eTag of its entry in the library that it must still have")

PROCEDURES = (
    Procedure("check_out", "Take a file for oneself until it is checked in", (PATH, *BY_ID), _check_out),
    Procedure(
        "check_in",
        "Give a file back; its content becomes a version",
        (
            PATH,
            Argument("comment", Kind.TEXT, "Kept with the version", ""),
            Argument("publish", Kind.FLAG, "Make it a major version", False),
            *BY_ID,
        ),
        _check_in,
    ),
    Procedure(
        "discard_check_out",
        "Give a file back as it was; what was written since the check-out is lost",
        (PATH, *BY_ID),
        _discard,
    ),
    Procedure(
        "set_metadata",
        "Set columns of an item in its SharePoint library (needs Sites.ReadWrite.All)",
        (
            PATH,
            Argument("values", Kind.JSON, "Values by the columns' internal names; NULL clears one", required=True),
            _GUARD,
            *BY_ID,
        ),
        _set_metadata,
        (("fields", pa.string(), "The columns that the service answers with, as JSON"),),
    ),
)  # fmt: skip
