"""The procedures that move bytes, or any request: upload_file, download_file, generic_request."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pyarrow as pa

from driveql.errors import LocalFileError, SqlSyntaxError
from driveql.sql.writing.inserts import upload
from driveql.sql.writing.procedure import (
    BY_ID,
    CONFLICT,
    DRIVE_ID,
    OWNER,
    PATH,
    Argument,
    Called,
    Kind,
    Procedure,
    check_conflict,
)

_READS = frozenset({"GET", "HEAD", "OPTIONS"})


async def _upload(call: Called) -> None:
    conflict = check_conflict(call["conflict"])
    local = call.local("local_path")
    if not local.is_file():
        raise LocalFileError(f"{local} is not a file on this machine.")
    drive, path = await call.place()
    await upload(call.run, call.rows[0], drive, path, local, conflict, keep_times=call["keep_times"])


async def _download(call: Called) -> None:
    target = call.local("local_path")
    drive, item = await call.item()
    if target.is_dir():
        target = target / item.name
    if target.exists() and not call["overwrite"]:
        raise LocalFileError(f"{target} is there already.", hint="overwrite => true replaces it.")
    item = await drive.download(item, target)
    call.rows[0].more = {"local_path": str(target), "size": item.size}
    call.rows[0].done()


async def _request(call: Called) -> None:
    headers = call["headers"] or {}
    if not isinstance(headers, Mapping):
        raise SqlSyntaxError("headers are a struct or a map, such as {'Prefer': 'respond-async'}.")
    method = str(call["method"]).upper()
    answer = await call.run.onedrive.request(
        method,
        call["url"],
        json=call["json"],
        body=call["body"],
        headers={str(name): str(value) for name, value in headers.items()},
    )
    text = answer.body.decode("utf-8", "replace") if answer.body else None
    call.rows[0].more = {"status": answer.status, "body": text}
    call.rows[0].done()


def _request_writes(values: Mapping[str, Any]) -> bool:
    return str(values["method"]).upper() not in _READS


PROCEDURES = (
    Procedure(
        "upload_file",
        "Write a local file to OneDrive, verified by size and hash; a new version where it exists and conflict is replace",
        (
            Argument("local_path", Kind.TEXT, "The file on this machine", required=True),
            Argument("path", Kind.TEXT, "Where to: a path or place; its folder exists", required=True),
            CONFLICT,
            Argument("keep_times", Kind.FLAG, "Its modification time goes with it", True),
            DRIVE_ID,
            OWNER,
        ),
        _upload,
    ),
    Procedure(
        "download_file",
        "Write a file of OneDrive to this machine; it appears once it is verified",
        (
            PATH,
            Argument("local_path", Kind.TEXT, "The file, or a directory, on this machine", required=True),
            Argument("overwrite", Kind.FLAG, "Replace a file that is there", False),
            *BY_ID,
        ),
        _download,
        (("local_path", pa.string(), "The file written"), ("size", pa.int64(), "Its bytes")),
        writes=lambda _: False,
    ),
    Procedure(
        "generic_request",
        "Send any request to Graph",
        (
            Argument("method", Kind.TEXT, "GET, POST, PATCH, PUT, DELETE, ..", required=True),
            Argument("url", Kind.TEXT, "A path (/users?$top=5) or an address on the connection's Graph host", required=True),
            Argument("json", Kind.JSON, "The body as a struct or JSON text"),
            Argument("body", Kind.BYTES, "The body as it is, instead of json"),
            Argument("headers", Kind.JSON, "Further headers"),
        ),
        _request,
        (("status", pa.int32(), "The HTTP status"), ("body", pa.string(), "The answer as text")),
        writes=_request_writes,
    ),
)  # fmt: skip
