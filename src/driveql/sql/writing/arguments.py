"""The arguments of procedures: of which kind their values are, and those that many procedures share. Pure."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Any

from driveql.errors import SqlSyntaxError

# Texts that say nothing where they are blank.
_FREE = frozenset({"comment", "message", "body"})


class Kind(Enum):
    """What an argument's value is; the value says it as people read it."""

    TEXT = "text"
    FLAG = "true or false"
    NUMBER = "a number"
    TIME = "a time with its zone"
    LIST = "a text or a list of them"
    JSON = "a struct, or JSON as text"
    BYTES = "text or a blob"


@dataclass(frozen=True, slots=True)
class Argument:
    """One argument. `default` holds where it is not given, or given as NULL; where there are `choices`, it is one of them."""

    name: str
    kind: Kind
    description: str
    default: Any = None
    required: bool = False
    choices: tuple[str, ...] = ()

    def read(self, value: Any, procedure: str) -> Any:
        """Return a value that is given, of the argument's kind.

        Raises:
            SqlSyntaxError: it is of another type, or blank where that would be a mistake.
        """
        try:
            found = _READ[self.kind](value)
        except (ValueError, TypeError):
            raise SqlSyntaxError(
                f"CALL {procedure}: {self.name} is {self.kind.value}, not {type(value).__name__}."
            ) from None
        if self.choices and found not in self.choices:
            raise SqlSyntaxError(
                f"CALL {procedure}: {self.name} is {value!r}; it is one of {', '.join(self.choices)}."
            )
        if isinstance(value, str) and not value.strip() and self.name not in _FREE:
            # A value that came out blank by mistake would name the root, another item, or nothing to hold to.
            raise SqlSyntaxError(f"CALL {procedure}: {self.name} is blank.", hint="NULL leaves it out.")
        return found


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value


def _flag(value: Any) -> bool:
    if not isinstance(value, bool):
        raise TypeError
    return value


def _number(value: Any) -> float:
    if isinstance(value, bool):
        raise TypeError
    return float(value)


def _time(value: Any) -> datetime:
    when = datetime.fromisoformat(value) if isinstance(value, str) else value
    if not isinstance(when, datetime) or when.tzinfo is None:
        raise TypeError
    return when


def _list(value: Any) -> list[str]:
    values = [value] if isinstance(value, str) else value
    if not isinstance(values, list) or not values or not all(isinstance(one, str) for one in values):
        raise TypeError
    return list(values)


def _json(value: Any) -> Any:
    if isinstance(value, str):
        return json.loads(value)
    if isinstance(value, list) and value and all(isinstance(pair, tuple) for pair in value):
        return dict(value)  # a MAP
    return value


def _bytes(value: Any) -> bytes:
    return value if isinstance(value, bytes) else _text(value).encode()


_READ: Mapping[Kind, Callable[[Any], Any]] = {
    Kind.TEXT: _text,
    Kind.FLAG: _flag,
    Kind.NUMBER: _number,
    Kind.TIME: _time,
    Kind.LIST: _list,
    Kind.JSON: _json,
    Kind.BYTES: _bytes,
}

PATH = Argument("path", Kind.TEXT, "Path or place of the item")
ID = Argument("id", Kind.TEXT, "Its id, instead of path")
DRIVE_ID = Argument("drive_id", Kind.TEXT, "Id of the drive that id or a plain path is in")
OWNER = Argument("owner", Kind.TEXT, "Or whose default drive that is: /users/.., /groups/.. or /sites/..")
# The end of every procedure about one item.
BY_ID = (ID, DRIVE_ID, OWNER)
CONFLICT = Argument("conflict", Kind.TEXT, "Where the name is taken: fail, replace or rename", "fail")


def check_conflict(value: str) -> Any:
    """Return a conflict behaviour. Raises SqlSyntaxError."""
    if value not in {"fail", "replace", "rename"}:
        raise SqlSyntaxError(f"conflict is fail, replace or rename, not {value!r}.")
    return value
