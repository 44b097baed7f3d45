"""Values of SharePoint columns as Graph's JSON wants them.

Source: https://learn.microsoft.com/graph/api/resources/fieldvalueset and listitem-update
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from driveql.errors import ConfigurationError

# Internal names: what other characters a person wrote is in them as _x0020_ and the like.
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


def check_names(names: Sequence[str]) -> list[str]:
    """Return `names` if every one can be a column's internal name. Raises ConfigurationError."""
    for name in names:
        if not _NAME.fullmatch(name):
            raise ConfigurationError(
                f"{name!r} is no internal column name.",
                hint="Internal names hold letters, digits and underscores; a space is written _x0020_.",
            )
    if not names:
        raise ConfigurationError("No column is named.")
    return list(names)


def encode(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the body of a change of fields; a list is sent with the type annotation that the service asks for.

    Raises:
        ConfigurationError: a name or value cannot be sent.
    """
    body: dict[str, Any] = {}
    for name in check_names(list(values)):
        value = values[name]
        # A span of time arrives as a tuple with names, and is no list.
        if isinstance(value, list) or type(value) is tuple:
            body[f"{name}@odata.type"] = f"Collection({_element_type(name, value)})"
            body[name] = [_scalar(name, element) for element in value]
        else:
            body[name] = _scalar(name, value)
    return body


def _element_type(name: str, values: Sequence[Any]) -> str:
    if values and all(isinstance(value, int) and not isinstance(value, bool) for value in values):
        return "Edm.Int32"
    if all(isinstance(value, str) for value in values):
        return "Edm.String"
    raise ConfigurationError(f"Column {name}: a list holds either texts (choices) or ids (lookups).")


def _scalar(name: str, value: Any) -> Any:
    if value is None or isinstance(value, str | bool | int):
        return value
    if isinstance(value, float | Decimal):
        if not math.isfinite(value):
            raise ConfigurationError(f"Column {name}: {value} is not a number that can be kept.")
        return float(value)
    if isinstance(value, datetime):
        if value.tzinfo is None:
            raise ConfigurationError(f"Column {name}: the time {value.isoformat()} has no zone.")
        return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    if isinstance(value, date):
        return f"{value.isoformat()}T00:00:00Z"
    raise ConfigurationError(f"Column {name}: a value of type {type(value).__name__} cannot be sent.")
