"""The procedures that move bytes, or any request: upload_file, download_file, generic_request."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pyarrow as pa

from driveql.drive.generic import Part
from driveql.errors import LocalFileError, SqlSyntaxError
from driveql.sql.writing.arguments import (
    BY_ID,
    CONFLICT,
    DRIVE_ID,
    OWNER,
    PATH,
    Argument,
    Kind,
    check_conflict,
)
from driveql.sql.writing.inserts import upload
from driveql.sql.writing.procedure import Called, Procedure

_READS = frozenset({"GET", "HEAD", "OPTIONS"})


async def _upload(call: Called) -> None:
    conflict = check_conflict(call["conflict"])
    if str(call["path"]).endswith("/"):
        raise SqlSyntaxError(f"The path {call['path']!r} ends with a slash, as a folder's does.",
                             hint="Write the file's whole path.")  # fmt: skip
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
        parts=_parts(call["parts"]),
    )
    text = answer.body.decode("utf-8", "replace") if answer.body else None
    call.rows[0].more = {"status": answer.status, "body": text}
    call.rows[0].done()


def _parts(given: Any) -> list[Part]:
    """Return the parts of a multipart body. Raises SqlSyntaxError."""
    wrong = SqlSyntaxError(
        "parts are a list of structs with content, content_type and content_id.",
        hint="parts => [{'content': '{}', 'content_type': 'application/json', 'content_id': 'metadata'}]",
    )
    if not isinstance(given, list | None):
        raise wrong
    parts: list[Part] = []
    for one in given or ():
        content = one.get("content") if isinstance(one, Mapping) else None
        if not isinstance(content, str | bytes) or set(one) - {"content", "content_type", "content_id"}:
            raise wrong
        kind, identifier = one.get("content_type"), one.get("content_id")
        parts.append(
            Part(
                content.encode() if isinstance(content, str) else content,
                str(kind or "application/octet-stream"),
                None if identifier is None else str(identifier),
            )
        )
    return parts


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
            Argument("parts", Kind.JSON, "A multipart body instead: structs of content, content_type, content_id"),
        ),
        _request,
        (("status", pa.int32(), "The HTTP status"), ("body", pa.string(), "The answer as text")),
        writes=_request_writes,
    ),
)  # fmt: skip
