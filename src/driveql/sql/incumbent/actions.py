"""What to write instead of the incumbent's statements that are not translated. Pure."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Mapping

from sqlglot.tokenizer_core import TokenType

from driveql.errors import SqlNotSupportedError
from driveql.sql.incumbent.clauses import Named
from driveql.sql.incumbent.endpoints import spelled

EQUIVALENTS: Mapping[str, str] = {
    "upload_file": "CALL upload_file(local_path => '...', path => '/...'), or INSERT INTO items (path, local_path) VALUES (...)",
    "download_file": "CALL download_file(path => '/...', local_path => '...')",
    "copy_item": "CALL copy_item(path => '/...', to_path => '/...')",
    "move_rename_item": "UPDATE items SET name = '...', parent_path = '/...' WHERE id = '...'",
    "delete_item": "CALL delete_item(id => '...'), or DELETE FROM items WHERE id = '...'",
    "create_folder": "CALL create_folder(path => '/...')",
    "generic_request": "CALL generic_request(method => '...', url => '...', json => ...)",
    "create_csv_file": "INSERT INTO create_csv_file SELECT ... WITH (TargetFilePath='/...'), or COPY (SELECT ...) TO '...'",
    "create_json_file": "INSERT INTO create_json_file SELECT ... WITH (TargetFilePath='/...'), or COPY (SELECT ...) TO '...'",
}
# What is asked for under names that the incumbent or its like have, and what it is here.
ELSEWHERE: Mapping[str, str] = {
    "list_versions": "SELECT * FROM versions WHERE path = '/...'",
    "list_permissions": "SELECT * FROM permissions WHERE path = '/...'",
    "list_group_members": "SELECT * FROM group_members WHERE group_id = '...'",
    "list_sites": "SELECT * FROM sites",
    "list_lists": "SELECT * FROM lists WHERE owner = '/sites/..'",
    "list_subscriptions": "SELECT * FROM subscriptions",
    "list_changes": "SELECT * FROM changes",
    "search_files": "SELECT * FROM files WHERE name ILIKE '%...%'",
    "get_item": "SELECT * FROM items WHERE id = '...'",
    "get_file": "SELECT * FROM files WHERE id = '...'",
    "get_folder": "SELECT * FROM folders WHERE id = '...'",
    "get_user": "SELECT * FROM users WHERE id = '...'",
    "get_group": "SELECT * FROM groups WHERE id = '...'",
    "create_link": "CALL create_link(path => '/...')",
    "share_item": "CALL invite(path => '/...', recipients => ['...'])",
    "restore_item": "CALL restore_item(id => '...')",
    "list_worksheets": "SELECT * FROM worksheets('onedrive:/....xlsx')",
    "list_excel_worksheets": "SELECT * FROM worksheets('onedrive:/....xlsx')",
    "create_excel_file": "COPY (SELECT ...) TO 'onedrive:/....xlsx'",
    "get_xml_file": "SELECT content FROM read_text('onedrive:/....xml')",
}


def unknown(name: str, known: Collection[str]) -> SqlNotSupportedError:
    """Return the error for an endpoint that is not known, with what is like it."""
    text = name.lower()
    alike = difflib.get_close_matches(text, known, n=3)
    said = ELSEWHERE.get(text) or (f"perhaps {', '.join(alike)}" if alike else None)
    hint = f"Write {said}." if text in ELSEWHERE else f"There is {said}." if said else None
    return SqlNotSupportedError(
        f"A WITH clause with parameters stands behind {name!r}, no endpoint known here.",
        hint=hint
        or f"FROM list_folder WITH (FolderId='root:/Reports:'). There are {', '.join(sorted(known))}.",
    )


_VERBS = {
    TokenType.INTO: ("INSERT INTO", "INSERT INTO items (path, content) VALUES ('/...', '...')"),
    TokenType.UPDATE: ("UPDATE", "UPDATE items SET name = '...' WHERE id = '...'"),
    TokenType.DELETE: ("DELETE FROM", "DELETE FROM items WHERE id = '...'"),
}


def refuse(table: Named, given: Mapping[str, str], takes: Collection[str] = ()) -> SqlNotSupportedError:
    """Return the error for a statement that is not translated, with what to write instead.

    Parameters:
        given: the parameters that it passes. takes: those that the endpoint takes, in lower case, where they are known.
    """
    verb, instead = _VERBS.get(table.verb, ("SELECT * FROM", EQUIVALENTS.get(table.name, "")))
    written = table.clause.written if table.clause is not None else {}
    named = f" with {', '.join(written.get(name, name) for name in given)}" if given else ""
    strange = next((name for name in given if name not in takes), None) if takes else None
    if strange is not None:
        return SqlNotSupportedError(
            f"{table.name} has no parameter {written.get(strange, strange)!r} here.",
            hint=f"It takes {', '.join(sorted(map(spelled, takes)))}; or write {instead}.",
        )
    return SqlNotSupportedError(
        f"{verb} {table.name}{named} has no plain meaning here.",
        hint=f"Write {instead}. An endpoint that acts is a statement of its own, without more than its WITH clause.",
    )
