"""The forms of a place in OneDrive: as people write it, and as DuckDB recognises it."""

from __future__ import annotations

import re

_SHORT = re.compile(r"(?:onedrive|driveql):(?:/(?!/)|(?=[^/]))|driveql://", re.IGNORECASE)


def is_short(text: str) -> bool:
    """Return whether a text is a place in a form that DuckDB does not recognise."""
    return _SHORT.match(text) is not None


def long_form(place: str) -> str:
    """Return a written place in the form that DuckDB recognises: `onedrive:/a` becomes `onedrive:///a`."""
    rest = re.sub(r"^(onedrive|driveql):", "", place, flags=re.IGNORECASE)
    return f"onedrive:{rest}" if rest.startswith("//") else f"onedrive:///{rest.lstrip('/')}"
