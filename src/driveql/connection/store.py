"""Named connections in one TOML file that only its owner may read: `[connections.NAME]` with the parameters
below it.

The file is a person's own: a change keeps its comments and order, and replaces it in one step.
"""

from __future__ import annotations

import contextlib
import os
import re
import secrets
import stat
from collections.abc import Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Any

from driveql.connection.parameters import find
from driveql.connection.secrets import FORMS, SecretReference
from driveql.errors import ConfigurationError, ConnectionNotFoundError, LocalFileError, ParameterError

if TYPE_CHECKING:
    from tomlkit import TOMLDocument

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_FILE_PARAMETERS = frozenset({"CertificatePath", "CertificateKeyPath", "CaBundle"})
_TOML = (
    'It has [connections.NAME], and below it lines such as TenantId = "contoso.com": a text is in double quotes, a path with'
    " backslashes in single ones. driveql connect add writes such a file."
)
_HEADING = f"Connections of driveql. Secrets belong here as references: {FORMS}."


def connections_path(environ: Mapping[str, str] | None = None) -> Path:
    """Return the connections file: `DRIVEQL_CONNECTIONS`, or the per-user place of the platform's
    convention.
    """
    chosen = (os.environ if environ is None else environ).get("DRIVEQL_CONNECTIONS")
    if chosen:
        return Path(chosen).expanduser()
    from platformdirs import user_config_path

    return user_config_path("driveql", appauthor=False) / "connections.toml"


class ConnectionStore:
    """The connections file at `path`; it need not exist to be read."""

    def __init__(self, path: Path | None = None, *, environ: Mapping[str, str] | None = None) -> None:
        self.path = connections_path(environ) if path is None else path

    def names(self) -> list[str]:
        """Return the stored names in the file's order.

        Raises ConfigurationError for a file that cannot be used.
        """
        return list(self._tables())

    def get(self, name: str) -> dict[str, object]:
        """Return a connection's parameters under their official names; relative paths start at the file's
        directory.

        Raises ConnectionNotFoundError, ParameterError for a name that is no parameter.
        """
        tables = self._tables()
        if name not in tables:
            raise self._not_found(name, list(tables))
        table = tables[name]
        if not isinstance(table, Mapping):
            raise ConfigurationError(f"{self.path}: connections.{name} is not a table.")
        return {find(key).name: self._anchored(find(key).name, value) for key, value in table.items()}

    def put(
        self,
        name: str,
        parameters: Mapping[str, object],
        *,
        replace: bool = False,
        secrets_in_clear: bool = False,
    ) -> None:
        """Store a connection.

        Parameters:
            replace: overwrite one of the same name.
            secrets_in_clear: store literal secrets; without it they are refused.
        Raises ConfigurationError where the name is taken, ParameterError for a bad name or a literal secret.
        """
        if not _NAME.fullmatch(name):
            raise ParameterError(
                "A connection's name is letters, digits, dots, hyphens and underscores, 64 at most.",
                parameter="Name",
            )
        written = {
            find(key).name: _storable(find(key).name, value, secrets_in_clear)
            for key, value in parameters.items()
        }
        document, tables = self._document()
        if name in tables and not replace:
            raise ConfigurationError(
                f"A connection {name!r} exists already.", hint="Choose another name, or replace it."
            )
        import tomlkit

        table = tomlkit.table()
        for key, value in written.items():
            table.add(key, value)
        if name in tables:
            tables[name] = table
        else:
            tables.add(name, table)
        self._write(document)

    def remove(self, name: str) -> None:
        """Remove a connection. Raises ConnectionNotFoundError."""
        document, tables = self._document()
        if name not in tables:
            raise self._not_found(name, list(tables))
        tables.remove(name)
        self._write(document)

    def _not_found(self, name: str, names: list[str]) -> ConnectionNotFoundError:
        near = get_close_matches(name, names, 1)
        known = f"Stored are: {', '.join(names)}." if names else "None is stored yet: driveql connect add."
        hint = f"Did you mean {near[0]}? {known}" if near else known
        return ConnectionNotFoundError(f"There is no connection {name!r} in {self.path}.", hint=hint)

    def _anchored(self, name: str, value: object) -> object:
        if name in _FILE_PARAMETERS and isinstance(value, str) and value:
            return self.path.parent / Path(value).expanduser()
        return value

    def _tables(self) -> dict[str, object]:
        text = self._read()
        if text is None:
            return {}
        import tomllib

        try:
            tables = tomllib.loads(text).get("connections", {})
        except tomllib.TOMLDecodeError as error:
            raise self._not_toml(str(error)) from None
        if not isinstance(tables, dict):
            raise ConfigurationError(f"{self.path}: 'connections' is not a table.")
        return tables

    def _document(self) -> tuple[TOMLDocument, Any]:
        import tomlkit
        from tomlkit.exceptions import TOMLKitError

        text = self._read()
        try:
            document = tomlkit.parse(text or "")
        except TOMLKitError as error:
            raise self._not_toml(str(error)) from None
        if text is None:
            document.add(tomlkit.comment(_HEADING))
        if "connections" not in document:
            document.add("connections", tomlkit.table(is_super_table=True))
        return document, document["connections"]

    def _not_toml(self, where: str) -> ConfigurationError:
        # A parser's own words could hold a part of a secret.
        position = re.search(r"at line (\d+),? col(?:umn)? (\d+)", where)
        stands = f": line {position[1]}, column {position[2]}" if position is not None else ""
        if "end of document" in where:
            stands = ": its end comes too early, as where a quote is not closed"
        return ConfigurationError(f"{self.path} is not TOML{stands}.", hint=_TOML)

    def _read(self) -> str | None:
        try:
            with self.path.open(encoding="utf-8") as file:
                if os.name == "posix" and stat.S_IMODE(os.fstat(file.fileno()).st_mode) & 0o077:
                    raise ConfigurationError(
                        f"{self.path} can be read or changed by other users of this machine; it is not used.",
                        hint=f"chmod 600 {self.path}",
                    )
                return file.read()
        except FileNotFoundError:
            return None
        except UnicodeDecodeError:
            raise ConfigurationError(f"{self.path} is not UTF-8 text.", hint="Store it as UTF-8.") from None
        except OSError as error:
            raise LocalFileError(f"{self.path} cannot be read: {error.strerror}.") from None

    def _write(self, document: TOMLDocument) -> None:
        import tomlkit

        target = Path(os.path.realpath(self.path))
        partial = target.with_name(f".{target.name}.{secrets.token_hex(6)}")
        try:
            target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                file.write(tomlkit.dumps(document))
                file.flush()
                os.fsync(file.fileno())
            partial.replace(target)
        except OSError as error:
            with contextlib.suppress(OSError):
                partial.unlink(missing_ok=True)
            raise LocalFileError(f"{self.path} cannot be written: {error.strerror}.") from None


def _storable(name: str, value: object, secrets_in_clear: bool) -> object:
    parameter = find(name)
    if isinstance(value, SecretReference):
        value = value.text if not value.is_plain else f"plain:{value.reveal()}"
    if isinstance(value, (bytes, bytearray)):
        raise parameter.fault("bytes are not stored", "Write them to a file and name it in CertificatePath.")
    literal = (
        parameter.secret and isinstance(value, str) and bool(value) and SecretReference.parse(value).is_plain
    )
    if (literal or (name == "Proxy" and "@" in str(value))) and not secrets_in_clear:
        raise parameter.fault(
            "a secret is not stored in clear",
            "Give a reference: env:NAME, file:/path, keyring:service/name; --store-secrets-in-clear insists.",
        )
    return value if isinstance(value, (bool, int, float)) else str(value)
