"""Where DuckDB writes the rows of a COPY before they are uploaded, where it may reach no file of this machine itself.

A file system that leads into one private directory, under a name that nobody can guess, for the time of one COPY.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from fsspec.implementations.local import LocalFileSystem  # type: ignore[import-untyped]

from driveql.errors import SqlNotSupportedError

SCHEME = "driveql-staging"


class Staging(LocalFileSystem):  # type: ignore[misc]  # fsspec has no types
    """The file system; it leads nowhere until `opened`."""

    protocol = SCHEME
    cachable = False

    def __init__(self) -> None:
        super().__init__()
        self._directory: Path | None = None
        self._name = ""

    @contextmanager
    def opened(self, local: Path) -> Iterator[str]:
        """Let the engine write `local`, and what is below it, under the name that this yields."""
        self._directory, self._name = local, secrets.token_hex(16)
        try:
            yield f"{SCHEME}://{self._name}/{local.name}"
        finally:
            self._directory, self._name = None, ""

    def _strip_protocol(self, path: Any) -> Any:  # type: ignore[override]  # fsspec has it on the class
        """Return the local path that a name of ours leads to.

        Raises:
            SqlNotSupportedError: it leads to none.
        """
        if isinstance(path, list):
            return [self._strip_protocol(one) for one in path]
        local = self._directory
        if local is not None and str(path) in self._known(local):
            return str(path)
        name, _, rest = str(path).removeprefix(f"{SCHEME}://").partition("/")
        if local is None or not self._name or not secrets.compare_digest(name.encode(), self._name.encode()):
            raise SqlNotSupportedError(f"There is no file system {SCHEME}.")
        target = local.parent / rest
        if target != local and local not in target.parents or ".." in target.parts:
            raise SqlNotSupportedError(f"{SCHEME} does not lead there.")
        return str(target)
