"""CacheMode, CacheTtl, CacheStorage and CacheSize, as people write them."""

from __future__ import annotations

import pytest

from driveql.connection import settings_from
from driveql.connection.settings import ConnectionSettings
from driveql.errors import ParameterError


def given(**parameters: object) -> ConnectionSettings:
    return settings_from(
        "TenantId=contoso.com;ClientId=11111111-2222-3333-4444-555555555555;ClientSecret=env:X;"
        "GroupOrUserId=alice@contoso.com",
        environ={},
        **parameters,
    )


def test_it_is_off_by_default() -> None:
    settings = given()
    assert (settings.cache_mode, settings.cache_ttl) == ("none", 300)
    assert (settings.cache_storage, settings.cache_size) == ("memory", 256 << 20)


@pytest.mark.parametrize(
    ("written", "size"),
    [
        ("1048576", 1 << 20), (1 << 20, 1 << 20), ("1 MiB", 1 << 20), ("1.5MiB", 3 << 19), ("2m", 2 << 20),
        ("5MB", 5_000_000), ("1 gb", 10**9), ("1GiB", 1 << 30), ("1 TiB", 1 << 40),
    ],
)  # fmt: skip
def test_sizes(written: object, size: int) -> None:
    assert given(cache_size=written).cache_size == size


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("cache_size", "lots"), ("cache_size", "1023 KiB"), ("cache_size", "2 TiB"), ("cache_size", True),
        ("cache_size", "-1 GiB"), ("cache_size", "1e9"), ("cache_mode", "some"), ("cache_storage", "disk"),
        ("cache_ttl", "0"), ("cache_ttl", "-1"), ("cache_ttl", "100000"), ("cache_ttl", "soon"),
    ],
)  # fmt: skip
def test_what_is_refused(name: str, value: object) -> None:
    with pytest.raises(ParameterError, match="Cache"):
        given(**{name: value})


def test_letters_of_any_case() -> None:
    settings = given(cache_mode="Metadata", cache_storage="FILE", cache_ttl="1.5")
    assert (settings.cache_mode, settings.cache_storage, settings.cache_ttl) == ("metadata", "file", 1.5)
