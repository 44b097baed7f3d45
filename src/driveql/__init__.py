"""driveql connects data tools to Microsoft OneDrive and SharePoint, unattended.

    import driveql
    with driveql.connect(name="work") as connection:          # SQL, DB-API 2.0
        print(connection.execute("SELECT name, size FROM files LIMIT 5").fetchall())
    with driveql.OneDrive(driveql.settings_from(name="work")) as drive:   # files
        drive.download("onedrive:/Reports/a.csv", "a.csv")

Names are loaded on first use, so that importing the package costs next to nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from driveql._version import __version__

if TYPE_CHECKING:
    from driveql import aio, errors
    from driveql.connection import ConnectionSettings, settings_from
    from driveql.drive.blocking import OneDrive
    from driveql.errors import DriveqlError
    from driveql.graph.models import Drive, DriveItem
    from driveql.sql.dbapi.connect import connect

_HOMES = {
    "ConnectionSettings": "driveql.connection",
    "Drive": "driveql.graph.models",
    "DriveItem": "driveql.graph.models",
    "DriveqlError": "driveql.errors",
    "OneDrive": "driveql.drive.blocking",
    "connect": "driveql.sql",
    "settings_from": "driveql.connection",
}
_MODULES = frozenset({"aio", "errors"})

__all__ = [
    "ConnectionSettings",
    "Drive",
    "DriveItem",
    "DriveqlError",
    "OneDrive",
    "__version__",
    "aio",
    "connect",
    "errors",
    "settings_from",
]


def __getattr__(name: str) -> Any:
    from importlib import import_module

    if name in _MODULES:
        return import_module(f"driveql.{name}")
    if name in _HOMES:
        value = getattr(import_module(_HOMES[name]), name)
        globals()[name] = value
        return value
    raise AttributeError(f"module 'driveql' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
