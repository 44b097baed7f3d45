"""PEP 249's `callproc`: the statement that calls a procedure of driveql, or a function of the engine, with given values.

Source: https://peps.python.org/pep-0249/#callproc
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from driveql.sql.dbapi.errors import programming_error
from driveql.sql.parameters import Parameters
from driveql.sql.session import Session
from driveql.sql.writing import procedures

Arguments = Sequence[Any] | Mapping[str, Any]
_NAME = re.compile(r"[^\W\d]\w*")
_IN_FROM = frozenset({"table", "table_macro"})


def call_of(session: Session, name: str, arguments: Arguments) -> tuple[str, Parameters]:
    """Return the statement that calls `name`, and its parameters.

    Parameters:
        arguments: values by position, or by name in a mapping.

    Raises:
        ProgrammingError: there is no procedure or function of that name.
    """
    if not _NAME.fullmatch(name):
        raise programming_error(f"{name!r} cannot be the name of a procedure.", _HINT)
    if isinstance(arguments, Mapping):
        wrong = [key for key in arguments if not _NAME.fullmatch(key)]
        if wrong:
            raise programming_error(f"{wrong[0]!r} cannot be the name of an argument of {name}.")
        listed = ", ".join(f"{key} => ${key}" for key in arguments)
    else:
        listed = ", ".join("?" * len(arguments))
    if procedures.is_known(name.lower()):
        return f"CALL {name}({listed})", arguments
    known = "SELECT DISTINCT function_type FROM duckdb_functions() WHERE lower(function_name) = ?"
    kinds = set(session.execute(known, [name.lower()]).table()["function_type"].to_pylist())
    if not kinds:
        raise programming_error(f"There is no procedure or function {name!r}.", _HINT)
    # A literal name was checked above: a value never becomes text of the statement.
    return f"SELECT {'* FROM ' if kinds & _IN_FROM else ''}{name}({listed})", arguments


_HINT = "docs/procedures.md lists driveql's procedures; SELECT * FROM duckdb_functions() the functions of the engine."
