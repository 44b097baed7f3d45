"""Whose answers a cache holds, and where its file lies: one identity, one folder that only its user may enter.

Nothing is shared between identities: tenant, application, owner, service and the headers that shape its answers all count.
"""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path

from driveql.connection.settings import ConnectionSettings

FILE = "cache.db"


def identity(settings: ConnectionSettings) -> str:
    """Return what tells a connection's answers from another's, as 32 hexadecimal digits."""
    parts = [
        settings.tenant.casefold(),
        settings.client_id,
        settings.graph_url,
        settings.group_or_user_id,
        settings.search_option_for_non_indexed_fields,
        list(settings.extra_headers),
    ]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:32]


def directory() -> Path:
    """Return where caches lie: `DRIVEQL_CACHE`, or the platform's per-user place for caches."""
    chosen = os.environ.get("DRIVEQL_CACHE")
    if chosen:
        return Path(chosen)
    import platformdirs

    return Path(platformdirs.user_cache_dir("driveql", appauthor=False))


def file_of(settings: ConnectionSettings) -> Path:
    """Return the path of a connection's cache; it need not exist."""
    return directory() / identity(settings) / FILE
