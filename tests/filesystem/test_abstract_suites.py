"""fsspec's own suites: what every file system of its has to do."""

from __future__ import annotations

import posixpath
from collections.abc import Callable

import pytest
from fsspec.tests import abstract

from driveql.filesystem import OneDriveFileSystem


class Fixtures(abstract.AbstractFixtures):
    @pytest.fixture
    def fs_join(self) -> Callable[..., str]:
        return posixpath.join

    @pytest.fixture
    def fs_path(self, fs: OneDriveFileSystem, tenant: object) -> str:
        fs.mkdir("/suite")
        return "/suite"

    @pytest.fixture
    def fs(self, tenant: object) -> OneDriveFileSystem:
        return tenant.fs  # type: ignore[attr-defined, no-any-return]


class TestCopy(abstract.AbstractCopyTests, Fixtures): ...


class TestGet(abstract.AbstractGetTests, Fixtures): ...


class TestPut(abstract.AbstractPutTests, Fixtures): ...


class TestOpen(abstract.AbstractOpenTests, Fixtures): ...


class TestPipe(abstract.AbstractPipeTests, Fixtures): ...
