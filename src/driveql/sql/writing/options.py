"""driveql's own settings of a session: `SET driveql.dry_run = true`, `SET driveql.audit_log = 'path'`,
`SET driveql.cache = 'none'`, `SET driveql.cache_ttl = 60`, `RESET ...`.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import cast

from driveql.connection.parameters import BY_NAME
from driveql.connection.settings import CacheMode
from driveql.errors import ParameterError, SqlNotSupportedError, SqlSyntaxError
from driveql.sql.writing.forms import SetOption

_TRUE, _FALSE = frozenset({"true", "on", "1"}), frozenset({"false", "off", "0"})
NAMES = ("dry_run", "audit_log", "cache", "cache_ttl")


@dataclass(slots=True)
class WriteOptions:
    """How a session writes.

    Parameters:
        dry_run: writes are computed and checked, and not done. audit_log: where each is noted.
        local_files: whether statements may name files of this machine.
        cache, cache_ttl: in place of the connection's CacheMode and CacheTtl (seconds); None leaves them as they are.
    """

    dry_run: bool = False
    audit_log: Path | None = None
    local_files: bool = True
    cache: CacheMode | None = None
    cache_ttl: float | None = None

    def apply(self, option: SetOption) -> None:
        """Take a setting over.

        Raises:
            SqlNotSupportedError: there is no such setting. SqlSyntaxError: it has no such value.
        """
        match option.name:
            case "dry_run":
                value = (option.value or "false").lower()
                if value not in _TRUE | _FALSE:
                    raise SqlSyntaxError(f"driveql.dry_run is true or false, not {option.value!r}.")
                self.dry_run = value in _TRUE
            case "audit_log":
                if not self.local_files:
                    raise SqlNotSupportedError("This connection's statements may not name local files.")
                self.audit_log = Path(option.value).expanduser().absolute() if option.value else None
            case "cache":
                self.cache = None if option.value is None else cast(CacheMode, _read("CacheMode", option))
            case "cache_ttl":
                self.cache_ttl = None if option.value is None else cast(float, _read("CacheTtl", option))
            case _:
                raise SqlNotSupportedError(
                    f"driveql has no setting {option.name!r}.",
                    hint=f"It has {', '.join(f'driveql.{name}' for name in NAMES)}.",
                )


def _read(parameter: str, option: SetOption) -> object:
    """Return a setting's value, read as the connection's parameter of the same meaning."""
    try:
        return BY_NAME[parameter].read(option.value)
    except ParameterError as error:
        fault = error.message.removeprefix(f"{parameter}: ")
        raise SqlSyntaxError(f"driveql.{option.name}: {fault}") from None
