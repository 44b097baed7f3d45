"""SQL over OneDrive: the directory, the files, and what is inside them. Everything here is loaded on first use."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from driveql.sql.dbapi.connect import connect
    from driveql.sql.limits import Limits
    from driveql.sql.syntax import split
    from driveql.sql.tables import TABLES

__all__ = ["TABLES", "Limits", "connect", "split"]

_HOMES = {
    "TABLES": "driveql.sql.tables",
    "Limits": "driveql.sql.limits",
    "connect": "driveql.sql.dbapi",
    "split": "driveql.sql.syntax",
}


def __getattr__(name: str) -> Any:
    """Load a public name; say which extra is missing where DuckDB and its companions are not installed."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    try:
        return getattr(import_module(_HOMES[name]), name)
    except ModuleNotFoundError as error:
        if error.name is None or error.name.partition(".")[0] == "driveql":
            raise
        from driveql.errors import MissingExtraError

        raise MissingExtraError(
            f"SQL needs the package {error.name!r}, which is not installed.",
            hint="pip install 'driveql[sql]'",
        ) from error
