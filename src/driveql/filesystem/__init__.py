"""OneDrive as an fsspec file system: `onedrive://` and `driveql://` URLs for pandas, polars, pyarrow, DuckDB and Dask.

fs = fsspec.filesystem("onedrive", name="work")
pd.read_csv("onedrive:///Reports/a.csv", storage_options={"name": "work"})
"""

from __future__ import annotations

from driveql.errors import MissingExtraError

try:
    from driveql.filesystem.filesystem import OneDriveFileSystem
except ModuleNotFoundError as error:
    if (error.name or "").partition(".")[0] != "fsspec":
        raise
    raise MissingExtraError(
        "onedrive:// URLs for pandas, polars and others need fsspec.", hint="pip install 'driveql[fsspec]'"
    ) from error

__all__ = ["OneDriveFileSystem", "register"]


def register() -> None:
    """Make fsspec find this class for `onedrive://` and `driveql://` where the package's entry points are not seen."""
    import fsspec

    for protocol in OneDriveFileSystem.protocol:
        fsspec.register_implementation(protocol, OneDriveFileSystem, clobber=True)
