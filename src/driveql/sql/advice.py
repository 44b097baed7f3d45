"""What to do about the engine's commonest complaints, which it words for people who have no OneDrive beside their files."""

from __future__ import annotations

import re

from driveql.errors import DriveqlError, SqlError

_COLUMN = re.compile(r'Values list ("[^"]+") does not have a column named ("[^"]+")')
_QUOTED = re.compile(r'Referenced column "([^"\n]*)" (?:was )?not found')
_FILE = re.compile(r'No files found that match the pattern "([^"\n]*)"')
_FUNCTION = re.compile(r"Function with name \S+ does not exist")
_NAME = re.compile(r"\w+")


def advised(error: DriveqlError) -> DriveqlError:
    """Return an error of the engine, with what to do next where its words do not say it."""
    if type(error) is not SqlError:
        return error
    text = error.message
    if (column := _COLUMN.search(text)) is not None:
        # DuckDB's word for a table whose rows come from Python.
        plain = f"Table {column[1]} does not have a column named {column[2]}"
        return SqlError(text.replace(column[0], plain), hint="DESCRIBE items lists the columns of items.")
    if (quoted := _QUOTED.search(text)) is not None and not _NAME.fullmatch(quoted[1]):
        hint = f"Is it a text? '{quoted[1]}' is one, in single quotes; double quotes are for names."
    elif (file := _FILE.search(text)) is not None and ":" not in file[1]:
        hint = f"That is a place on this machine; in OneDrive it would be 'onedrive:/{file[1].lstrip('/')}'."
    elif _FUNCTION.search(text) is not None:
        hint = "SELECT function_name FROM duckdb_functions() lists the functions."
    else:
        return error
    return SqlError(text, hint=hint)
