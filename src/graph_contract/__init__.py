"""Facts about the service that client and emulator both stand on: data only, never code.

Each TOML file states one kind of fact and, beside it, where the fact comes from.
"""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files
from typing import Any


@cache
def load(name: str) -> dict[str, Any]:
    """Return the facts of `NAME.toml` as plain dictionaries. Callers do not change what they get."""
    return tomllib.loads(files(__name__).joinpath(f"{name}.toml").read_text(encoding="utf-8"))
