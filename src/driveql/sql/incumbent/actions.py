"""What to write instead of the incumbent's statements that are not translated. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from sqlglot.tokenizer_core import TokenType

from driveql.errors import SqlNotSupportedError
from driveql.sql.incumbent.clauses import Named

EQUIVALENTS: Mapping[str, str] = {
    "upload_file": "CALL upload_file(local_path => '...', path => '/...'), or INSERT INTO items (path, local_path) VALUES (...)",
    "download_file": "CALL download_file(path => '/...', local_path => '...')",
    "copy_item": "CALL copy_item(path => '/...', to_path => '/...')",
    "move_rename_item": "UPDATE items SET name = '...', parent_path = '/...' WHERE id = '...'",
    "delete_item": "DELETE FROM items WHERE id = '...'",
    "create_folder": "CALL create_folder(path => '/...')",
    "generic_request": "CALL generic_request(method => '...', url => '...', json => ...)",
    "read_csv_file": "SELECT * FROM read_csv('onedrive:/...')",
    "get_csv_file": "SELECT * FROM read_csv('onedrive:/...')",
    "create_csv_file": "COPY (SELECT ...) TO 'onedrive:/....csv'",
    "read_json_file": "SELECT * FROM read_json('onedrive:/...')",
    "get_json_file": "SELECT * FROM read_json('onedrive:/...')",
    "create_json_file": "COPY (SELECT ...) TO 'onedrive:/....json'",
}
_VERBS = {
    TokenType.INTO: ("INSERT INTO", "INSERT INTO items (path, content) VALUES ('/...', '...')"),
    TokenType.UPDATE: ("UPDATE", "UPDATE items SET name = '...' WHERE id = '...'"),
    TokenType.DELETE: ("DELETE FROM", "DELETE FROM items WHERE id = '...'"),
}


def refuse(table: Named, given: Mapping[str, str]) -> SqlNotSupportedError:
    """Return the error for a statement that is not translated, with what to write instead.

    Parameters:
        given: the parameters that its clause passes.
    """
    verb, instead = _VERBS.get(table.verb, ("SELECT * FROM", EQUIVALENTS.get(table.name, "")))
    named = f" with {', '.join(given)}" if given else ""
    return SqlNotSupportedError(
        f"{verb} {table.name}{named} has no plain meaning here.",
        hint=f"Write {instead}. An endpoint that acts is a statement of its own, without more than its WITH clause.",
    )
