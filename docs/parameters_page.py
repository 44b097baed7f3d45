"""docs/parameters.md: the connection's parameters, from the one table that every surface reads."""

from __future__ import annotations

from docs.markdown import cell, code, table

from driveql.connection.parameters import PARAMETERS, Parameter
from driveql.connection.secrets import FORMS


def text() -> str:
    """Return the page."""
    shown = [parameter for parameter in PARAMETERS if not parameter.internal]
    internal = [parameter for parameter in PARAMETERS if parameter.internal]
    return "\n\n".join(
        part.strip()
        for part in [
            "# Connection parameters\n",
            "Names are accepted in any letter case: in connection strings (`Name=value;Name=value`, a value with `;` in"
            " braces), in the connections file, as Python keywords in snake_case, and as environment variables.\n",
            "Where a parameter is given in several places, the nearest counts: keyword, connection string, stored"
            " connection, environment. A nearer choice also displaces its alternatives further away: a client secret given"
            " as keyword takes the place of a stored certificate.\n",
            f"Secrets are given as references: {FORMS}. A secret itself is accepted too, but is neither stored nor shown.\n",
            table(["parameter", "keyword", "environment", "default", "meaning"], map(_row, shown)),
            "\n## Values\n",
            table(["parameter", "type", "options", "example"], map(_values, shown)),
            "\nNever set by a person: " + ", ".join(code(parameter.name) for parameter in internal) + ".\n",
        ]
    )


def _row(parameter: Parameter) -> list[str]:
    return [
        code(parameter.name),
        code(parameter.keyword),
        code(parameter.environment),
        code(parameter.default),
        cell(parameter.meaning) + (" Secret." if parameter.secret else ""),
    ]


def _values(parameter: Parameter) -> list[str]:
    options = ", ".join(map(code, parameter.options))
    return [code(parameter.name), cell(parameter.type), options, code(parameter.example)]
