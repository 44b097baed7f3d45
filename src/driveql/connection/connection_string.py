"""The grammar of ODBC connection strings, pure: `Name=value;Name={va;lue};...`, both ways.

A value in braces is taken as it stands, `}}` is one closing brace; outside braces blanks around a value are
dropped. Which names exist is not known here. Errors give a position and a name, never a value: a value may
be a password.
https://learn.microsoft.com/sql/odbc/reference/syntax/sqldriverconnect-function
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from driveql.errors import ParameterError

_HINT = (
    "Write Name=value;Name=value and put a value that holds ; or begins with { in braces: "
    "ClientSecret={a;b}}c}."
)


def parse(text: str) -> dict[str, str]:
    """Return names and values in the order written; names keep their letter case.

    Raises ParameterError for a part without `=`, an open brace, text after a closing brace, or a name given
    twice.
    """
    found: dict[str, str] = {}
    seen: set[str] = set()
    position = 0
    while position < len(text):
        name, position = _name(text, position)
        if name is None:
            continue
        value, position = _value(text, position, name)
        if name.lower() in seen:
            raise ParameterError(
                f"{name} is given twice in the connection string.", parameter=name, hint=_HINT
            )
        seen.add(name.lower())
        found[name] = value
    return found


def write(parameters: Mapping[str, str] | Iterable[tuple[str, str]]) -> str:
    """Return the connection string from which `parse` reads the same names and values.

    Raises ParameterError for a name that is blank or holds `;`, `=`, a brace or outer blanks.
    """
    pairs = parameters.items() if isinstance(parameters, Mapping) else parameters
    return "".join(f"{_checked_name(name)}={_quoted(value)};" for name, value in pairs)


def _name(text: str, position: int) -> tuple[str | None, int]:
    end = position
    while end < len(text) and text[end] not in "=;":
        end += 1
    name = text[position:end].strip()
    if end < len(text) and text[end] == "=":
        if not name or "{" in name or "}" in name:
            raise ParameterError(
                f"The connection string has no parameter name at character {position + 1}.",
                parameter="ConnectionString",
                hint=_HINT,
            )
        return name, end + 1
    if name:
        raise ParameterError(
            f"The connection string has a part without '=' at character {position + 1}.",
            parameter="ConnectionString",
            hint=_HINT,
        )
    return None, end + 1


def _value(text: str, position: int, name: str) -> tuple[str, int]:
    start = position
    while start < len(text) and text[start].isspace():
        start += 1
    if start < len(text) and text[start] == "{":
        return _braced(text, start + 1, name)
    end = text.find(";", position)
    end = len(text) if end < 0 else end
    return text[position:end].strip(), end + 1


def _braced(text: str, position: int, name: str) -> tuple[str, int]:
    parts: list[str] = []
    while True:
        end = text.find("}", position)
        if end < 0:
            raise ParameterError(f"{name}: the value's brace is not closed.", parameter=name, hint=_HINT)
        parts.append(text[position:end])
        if text[end + 1 : end + 2] != "}":
            break
        parts.append("}")
        position = end + 2
    after = text.find(";", end)
    after = len(text) if after < 0 else after
    if text[end + 1 : after].strip():
        raise ParameterError(f"{name}: there is text after the closing brace.", parameter=name, hint=_HINT)
    return "".join(parts), after + 1


def _quoted(value: str) -> str:
    plain = ";" not in value and not value.startswith("{") and value == value.strip()
    return value if plain else "{" + value.replace("}", "}}") + "}"


def _checked_name(name: str) -> str:
    if not name or name != name.strip() or any(mark in name for mark in ";={}"):
        raise ParameterError(f"{name!r} cannot be a parameter's name.", parameter=name)
    return name
