"""What to do about the engine's commonest complaints, which it words for people who have no OneDrive beside their files."""

from __future__ import annotations

import re

from driveql.errors import DriveqlError, SqlError

_COLUMN = re.compile(r'Values list ("[^"]+") does not have a column named ("[^"]+")')
_QUOTED = re.compile(r'Referenced column "([^"\n]*)" (?:was )?not found')
_FILE = re.compile(r'No files found that match the pattern "([^"\n]*)"')
_FUNCTION = re.compile(r"Function with name \S+ does not exist")
_LIST_ITEMS = re.compile(r"\blist_items\b", re.IGNORECASE)
_NAME = re.compile(r"\w+")


_VALUES = re.compile(
    r"Values were not provided for the following (?:prepared statement )?parameters: ([^\n]+)"
)


def advised(error: DriveqlError, sql: str = "") -> DriveqlError:
    """Return an error of the engine, with what to do next where its words do not say it.

    Parameters:
        sql: the statement, as it was written.
    """
    if type(error) is not SqlError:
        return error
    text = error.message
    of_list = _of_list(text) if _LIST_ITEMS.search(sql) else None
    if (column := _COLUMN.search(text)) is not None:
        # DuckDB's word for a table whose rows come from Python.
        plain = f"Table {column[1]} does not have a column named {column[2]}"
        hint = of_list or "DESCRIBE items lists the columns of items."
        return SqlError(text.replace(column[0], plain), hint=hint)
    if (values := _VALUES.search(text)) is not None:
        said = (
            "EXECUTE name(value, ...), or name(parameter := value, ...), gives values to what PREPARE made."
        )
        return SqlError(f"No value was given for the parameter {values[1]}.", hint=said)
    if (quoted := _QUOTED.search(text)) is not None and not _NAME.fullmatch(quoted[1]):
        hint = f"Is it a text? '{quoted[1]}' is one, in single quotes; double quotes are for names."
        hint += f" {of_list}" if of_list is not None else ""
    elif of_list is not None:
        hint = of_list
    elif (file := _FILE.search(text)) is not None and ":" not in file[1]:
        hint = f"That is a place on this machine; in OneDrive it would be 'onedrive:/{file[1].lstrip('/')}'."
    elif _FUNCTION.search(text) is not None:
        hint = "SELECT function_name FROM duckdb_functions() lists the functions."
    else:
        return error
    return SqlError(text, hint=hint)


def _of_list(text: str) -> str | None:
    """Return where a column is that a statement on list_items names and that is not there; None for another error."""
    match = _COLUMN.search(text) or _QUOTED.search(text)
    if match is None:
        return None
    name = match[match.lastindex or 1].strip('"').replace("'", "''")
    return (
        f"Is it a column of the list? Those are in fields, by their internal names: fields->>'{name}', which is a text;"
        f" (fields->>'{name}')::DOUBLE is a number. SELECT fields FROM list_items ... LIMIT 1 shows them."
    )
