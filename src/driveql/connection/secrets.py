"""A secret is carried as a reference to where it lies, and read at the last moment.

Nothing here prints a secret: a literal one exists in memory only, and `repr` shows where a secret comes
from, never what it is.
"""

from __future__ import annotations

import getpass
import os
import sys
from collections.abc import Callable, Mapping
from enum import StrEnum
from pathlib import Path
from typing import Any

from driveql.errors import MissingExtraError, SecretError

FORMS = "env:NAME, file:/path, keyring:service/name or prompt"


class SecretSource(StrEnum):
    """Where a secret lies."""

    ENVIRONMENT = "env"
    FILE = "file"
    KEYRING = "keyring"
    PROMPT = "prompt"
    PLAIN = "plain"


class SecretReference:
    """Where one secret can be found.

    Parameters:
        source: the kind of place.
        location: the variable's name, the file's path or `service/name`; for `PLAIN` the secret itself.
    """

    __slots__ = ("_asked", "_location", "source")

    def __init__(self, source: SecretSource, location: str = "") -> None:
        self.source = source
        self._location = location
        self._asked: str | None = None

    @classmethod
    def parse(cls, text: str) -> SecretReference:
        """Read `env:NAME`, `file:/path`, `keyring:service/name`, `prompt` or `plain:secret`; other text is
        the secret.

        Raises SecretError for a reference without its place.
        """
        if text == "prompt":
            return cls(SecretSource.PROMPT)
        scheme, colon, rest = text.partition(":")
        if not colon or scheme not in {"env", "file", "keyring", "plain"}:
            return cls(SecretSource.PLAIN, text)
        source = SecretSource(scheme)
        if not rest and source is not SecretSource.PLAIN:
            raise SecretError(f"The secret reference {scheme!r} says no place.", hint=f"Write {FORMS}.")
        if source is SecretSource.KEYRING and not all(rest.rpartition("/")[::2]):
            raise SecretError(
                "A keyring reference needs a service and a name.", hint="Write keyring:driveql/finance."
            )
        return cls(source, rest)

    @property
    def is_plain(self) -> bool:
        """True where this object holds the secret itself."""
        return self.source is SecretSource.PLAIN

    @property
    def text(self) -> str:
        """Return the reference as it may be shown and stored. Raises SecretError for a literal secret."""
        if self.is_plain:
            raise SecretError(
                "A literal secret is not shown or stored.", hint=f"Give a reference instead: {FORMS}."
            )
        return (
            self.source.value
            if self.source is SecretSource.PROMPT
            else f"{self.source.value}:{self._location}"
        )

    def reveal(
        self,
        *,
        environ: Mapping[str, str] | None = None,
        ask: Callable[[str], str] | None = None,
        purpose: str = "secret",
    ) -> str:
        """Return the secret. `ask` reads it from a person and is asked once; `purpose` names it in errors
        and prompts.

        Raises SecretError where it is not there, MissingExtraError where `keyring` is not installed.
        """
        if self.is_plain:
            return self._location
        if self.source is SecretSource.ENVIRONMENT:
            return _from_environment(self._location, os.environ if environ is None else environ, purpose)
        if self.source is SecretSource.FILE:
            return _from_file(Path(self._location).expanduser(), purpose)
        if self.source is SecretSource.KEYRING:
            return _from_keyring(self._location, purpose)
        if self._asked is None:
            self._asked = (ask or _from_terminal)(purpose)
        return self._asked

    def __repr__(self) -> str:
        return "SecretReference(***)" if self.is_plain else f"SecretReference({self.text!r})"

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, SecretReference):
            return NotImplemented
        return (self.source, self._location) == (other.source, other._location)

    def __hash__(self) -> int:
        return hash((self.source, self._location))


def store_in_keyring(reference: SecretReference, secret: str) -> None:
    """Put `secret` where a keyring reference points. Raises SecretError, MissingExtraError."""
    service, _, name = reference.text.removeprefix("keyring:").rpartition("/")
    keyring = _keyring()
    try:
        keyring.set_password(service, name, secret)
    except keyring.errors.KeyringError as error:
        raise SecretError(
            f"The keyring did not take the secret ({type(error).__name__}).",
            hint="Without a desktop session use env:NAME or file:/path.",
        ) from None


def _from_environment(name: str, environ: Mapping[str, str], purpose: str) -> str:
    value = environ.get(name)
    if not value:
        raise SecretError(f"The {purpose} is to come from environment variable {name}, which is not set.")
    return value


def _from_file(path: Path, purpose: str) -> str:
    # No mode check: Kubernetes and Docker mount secrets readable within the container on purpose.
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise SecretError(f"The {purpose} is to come from the file {path}, which does not exist.") from None
    except (OSError, UnicodeDecodeError) as error:
        raise SecretError(f"The {purpose}'s file {path} cannot be read: {type(error).__name__}.") from None
    secret = text.removesuffix("\n").removesuffix("\r")
    if not secret:
        raise SecretError(f"The {purpose}'s file {path} is empty.")
    return secret


def _from_keyring(location: str, purpose: str) -> str:
    service, _, name = location.rpartition("/")
    keyring = _keyring()
    try:
        value = keyring.get_password(service, name)
    except keyring.errors.KeyringError as error:
        raise SecretError(
            f"The keyring did not give the {purpose} ({type(error).__name__}).",
            hint="Without a desktop session use env:NAME or file:/path.",
        ) from None
    if not value:
        raise SecretError(f"The keyring has no entry {service}/{name} for the {purpose}.")
    return str(value)


def _keyring() -> Any:
    try:
        import keyring
        import keyring.errors
    except ImportError:
        raise MissingExtraError(
            "A secret is to come from the keyring, but keyring is not installed.",
            hint="pip install 'driveql[keyring]', or use env:NAME or file:/path.",
        ) from None
    return keyring


def _from_terminal(purpose: str) -> str:
    if not sys.stdin or not sys.stdin.isatty():
        raise SecretError(
            f"The {purpose} is to be typed in, but there is no terminal.",
            hint="For unattended runs give env:NAME, file:/path or keyring:service/name.",
        )
    return getpass.getpass(f"{purpose[:1].upper()}{purpose[1:]}: ")
