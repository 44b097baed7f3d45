"""What a person configures.

Rule: everything is checked here, before any request, and nothing here needs cryptography.
"""

from __future__ import annotations

from driveql.connection.resolve import settings_from
from driveql.connection.secrets import SecretReference
from driveql.connection.settings import ConnectionSettings, RetryMode, StorageMode
from driveql.connection.store import ConnectionStore

__all__ = [
    "ConnectionSettings",
    "ConnectionStore",
    "RetryMode",
    "SecretReference",
    "StorageMode",
    "settings_from",
]
