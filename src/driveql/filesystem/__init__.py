"""OneDrive as an fsspec file system: `onedrive://` and `driveql://` URLs for pandas, polars, pyarrow, DuckDB and Dask.

fs = fsspec.filesystem("onedrive", name="work")
pd.read_csv("onedrive:///Reports/a.csv", storage_options={"name": "work"})
"""

from __future__ import annotations

from driveql.filesystem.filesystem import OneDriveFileSystem

__all__ = ["OneDriveFileSystem", "register"]


def register() -> None:
    """Make fsspec find this class for `onedrive://` and `driveql://` where the package's entry points are not seen."""
    import fsspec  # type: ignore[import-untyped]

    for protocol in OneDriveFileSystem.protocol:
        fsspec.register_implementation(protocol, OneDriveFileSystem, clobber=True)
