"""A file named by its id, its drive's id or its owner, as one text that a translated statement can pass on. Pure."""

from __future__ import annotations

import json
from dataclasses import dataclass

_MARK = "__driveql_file:"


@dataclass(frozen=True, slots=True)
class FilePlace:
    """A file: its drive by id or owner (None for the connection's), and its path, or `id:` and its id."""

    drive_id: str | None
    owner: str | None
    reference: str


def written(drive_id: str | None, owner: str | None, reference: str) -> str:
    """Return a file's place as text."""
    return _MARK + json.dumps([drive_id, owner, reference])


def parse(text: str) -> FilePlace | None:
    """Return the place that a text is; None for any other text."""
    return FilePlace(*json.loads(text.removeprefix(_MARK))) if text.startswith(_MARK) else None


def plain(drive_id: str | None, owner: str | None, reference: str) -> str | None:
    """Return a file as a written place, `onedrive://drives/b!1/Reports/a.csv`; None for a site, which has many libraries."""
    path = f"/{reference}" if reference.startswith("id:") else reference
    if drive_id is not None:
        return f"onedrive://drives/{drive_id}{path}"
    if owner is None:
        return f"onedrive://{path}"
    return f"onedrive:/{owner}{path}" if owner.startswith(("/users/", "/groups/")) else None
