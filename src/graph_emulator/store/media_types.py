"""The media type that SharePoint states for a file, which follows from its name."""

from __future__ import annotations

import mimetypes


def media_type_of(name: str) -> str:
    """Return the media type that SharePoint states for a name."""
    if name.casefold().endswith(".csv"):
        return "text/csv"  # the interpreter's table differs by platform
    return mimetypes.guess_type(name)[0] or "application/octet-stream"
