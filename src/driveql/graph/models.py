"""What Graph returns, as frozen values. `raw` keeps the JSON as it came, so that nothing is lost that has no field here.

Source: https://learn.microsoft.com/graph/api/resources/driveitem
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from driveql.errors import ProtocolError
from driveql.graph import paths

Json = dict[str, Any]


def instant(text: str | None) -> datetime | None:
    """Return Graph's ISO 8601 time as an aware datetime, or None where there is none.

    Raises:
        ProtocolError: it is not a time.
    """
    try:
        return datetime.fromisoformat(text) if text else None
    except (ValueError, TypeError) as error:
        raise ProtocolError(f"The server sent {text!r} where a time is due.") from error


def _size(value: object) -> int:
    if value is None:
        return 0
    if isinstance(value, bool) or not isinstance(value, int | float) or value < 0:
        raise ProtocolError(f"The server sent {value!r} where a size is due.")
    return int(value)


def _identity(facet: Mapping[str, Any] | None, field_name: str) -> str | None:
    for kind in ("user", "group", "application", "device"):
        value = ((facet or {}).get(kind) or {}).get(field_name)
        if value:
            return str(value)
    return None


def _required(raw: Json, name: str) -> str:
    value = raw.get(name)
    if not isinstance(value, str):
        raise ProtocolError(
            f"The server sent an object without {name!r}.", hint="Report this with the request id."
        )
    return value


@dataclass(frozen=True, slots=True)
class DriveItem:
    """A file or folder.

    `size` is in bytes; for a folder it is the sum below it. `path` is plain text from the drive's root, or None where the
    server did not say (delta, search). `quick_xor_hash` is base64; None where the service has none yet.
    """

    id: str
    name: str
    size: int
    is_folder: bool
    path: str | None
    etag: str | None
    ctag: str | None
    created: datetime | None
    modified: datetime | None
    mime_type: str | None
    child_count: int | None
    quick_xor_hash: str | None
    sha1_hash: str | None
    sha256_hash: str | None
    web_url: str | None
    created_by: str | None
    modified_by: str | None
    parent_id: str | None
    drive_id: str | None
    raw: Json = field(repr=False, compare=False)

    @property
    def is_root(self) -> bool:
        """True for the drive's root folder."""
        return "root" in self.raw

    @property
    def download_url(self) -> str | None:
        """The pre-authenticated URL, if the answer had one. It is a secret for as long as it works."""
        value = self.raw.get("@microsoft.graph.downloadUrl") or self.raw.get("@content.downloadUrl")
        return str(value) if value else None

    @classmethod
    def from_json(cls, raw: Json, parent_path: str | None = None) -> DriveItem:
        """Read Graph's driveItem.

        Parameters:
            parent_path: the plain path of the folder it was listed in, where the caller knows it.

        Raises:
            ProtocolError: the object has no id.
        """
        reference = raw.get("parentReference") or {}
        is_root = "root" in raw
        folder_path = parent_path or paths.from_parent_reference(reference.get("path") or "")
        name = str(raw.get("name") or "")
        file = raw.get("file") or {}
        hashes = file.get("hashes") or {}
        times = raw.get("fileSystemInfo") or {}
        return cls(
            id=_required(raw, "id"),
            name=name,
            size=_size(raw.get("size")),
            is_folder="folder" in raw or is_root,
            path=paths.ROOT if is_root else paths.join(folder_path, name) if folder_path and name else None,
            etag=raw.get("eTag"),
            ctag=raw.get("cTag"),
            created=instant(times.get("createdDateTime") or raw.get("createdDateTime")),
            modified=instant(times.get("lastModifiedDateTime") or raw.get("lastModifiedDateTime")),
            mime_type=file.get("mimeType"),
            child_count=(raw.get("folder") or {}).get("childCount"),
            quick_xor_hash=hashes.get("quickXorHash") or None,
            sha1_hash=hashes.get("sha1Hash") or None,
            sha256_hash=hashes.get("sha256Hash") or None,
            web_url=raw.get("webUrl"),
            created_by=_identity(raw.get("createdBy"), "displayName"),
            modified_by=_identity(raw.get("lastModifiedBy"), "displayName"),
            parent_id=reference.get("id"),
            drive_id=reference.get("driveId"),
            raw=raw,
        )


@dataclass(frozen=True, slots=True)
class Drive:
    """A OneDrive or a document library. Sizes in bytes; None where the permission to see the quota is missing."""

    id: str
    name: str
    drive_type: str | None
    web_url: str | None
    owner: str | None
    quota_total: int | None
    quota_used: int | None
    quota_remaining: int | None
    raw: Json = field(repr=False, compare=False)

    @classmethod
    def from_json(cls, raw: Json) -> Drive:
        """Read Graph's drive. Raises ProtocolError where it has no id."""
        quota = raw.get("quota") or {}
        return cls(
            id=_required(raw, "id"),
            name=str(raw.get("name") or ""),
            drive_type=raw.get("driveType"),
            web_url=raw.get("webUrl"),
            owner=_identity(raw.get("owner"), "email") or _identity(raw.get("owner"), "displayName"),
            quota_total=quota.get("total"),
            quota_used=quota.get("used"),
            quota_remaining=quota.get("remaining"),
            raw=raw,
        )
