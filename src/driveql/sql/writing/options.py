"""driveql's own settings of a session: `SET driveql.dry_run = true`, `SET driveql.audit_log = 'path'`, `RESET ...`."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from driveql.errors import SqlNotSupportedError, SqlSyntaxError
from driveql.sql.writing.forms import SetOption

_TRUE, _FALSE = frozenset({"true", "on", "1"}), frozenset({"false", "off", "0"})
NAMES = ("dry_run", "audit_log")


@dataclass(slots=True)
class WriteOptions:
    """How a session writes.

    Parameters:
        dry_run: writes are computed and checked, and not done. audit_log: where each is noted.
        local_files: whether statements may name files of this machine.
    """

    dry_run: bool = False
    audit_log: Path | None = None
    local_files: bool = True

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
            case _:
                raise SqlNotSupportedError(
                    f"driveql has no setting {option.name!r}.",
                    hint=f"It has {', '.join(f'driveql.{name}' for name in NAMES)}.",
                )
