"""The procedures on versions of files: bring one back, fetch one, remove one. The table `versions` lists them."""

from __future__ import annotations

import pyarrow as pa

from driveql.sql.writing.arguments import BY_ID, PATH, Argument, Kind
from driveql.sql.writing.procedure import Called, Procedure


async def _restore(call: Called) -> None:
    drive, item = await call.item()
    call.done(await drive.versions.restore(item, call["version"]))


async def _download(call: Called) -> None:
    target = call.new_file("local_path")
    drive, item = await call.item()
    version = await drive.versions.download(item, call["version"], target)
    call.rows[0].more = {"local_path": str(target), "size": version.size}
    call.rows[0].done()


async def _delete(call: Called) -> None:
    drive, item = await call.item()
    await drive.versions.delete(item, call["version"])
    call.rows[0].done()


_VERSION = Argument("version", Kind.TEXT, "Its id, as the table versions shows it: 3.0", required=True)
TARGET = Argument("local_path", Kind.TEXT, "The file on this machine", required=True)
OVERWRITE = Argument("overwrite", Kind.FLAG, "Replace a file that is there", False)
WRITTEN = (("local_path", pa.string(), "The file written"), ("size", pa.int64(), "Its bytes"))

PROCEDURES = (
    Procedure(
        "restore_version",
        "Make an earlier version of a file its newest one",
        (PATH, _VERSION, *BY_ID),
        _restore,
    ),
    Procedure(
        "download_version",
        "Write a version of a file to this machine; it appears once it is complete",
        (PATH, _VERSION, TARGET, OVERWRITE, *BY_ID),
        _download,
        WRITTEN,
        writes=lambda _: False,
    ),
    Procedure(
        "delete_version",
        "Remove a version of a file for good; not its newest one",
        (PATH, _VERSION, *BY_ID),
        _delete,
    ),
)
