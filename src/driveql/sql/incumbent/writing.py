"""The incumbent's statements that write, as statements of ours, whose every row has an outcome.

An endpoint that acts stands alone: SELECT * FROM upload_file WITH (...). What has no plain meaning here is refused. Pure.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from sqlglot.tokenizer_core import Token, TokenType

from driveql.errors import ParameterError
from driveql.graph import paths
from driveql.sql.incumbent import actions
from driveql.sql.incumbent.clauses import Named
from driveql.sql.incumbent.columns import ITEM_COLUMNS, selection
from driveql.sql.incumbent.endpoints import folder_path
from driveql.sql.syntax import Splice, quoted, splice

Parameters = Mapping[str, str]
_TABLES = {"files": "files", "folders": "folders", "filesfolders": "items"}
_OURS = {theirs.lower(): ours for theirs, ours in ITEM_COLUMNS.items()}
_DIALOG = frozenset({"searchtype", "searchpath", "targettype", "operation"})


def statement_of(table: Named, sql: str, tokens: Sequence[Token]) -> str:
    """Return the statement of ours that does what one of the incumbent's does.

    Raises:
        SqlNotSupportedError: it has no plain meaning here; the hint says what to write instead.
    """
    parameters = table.clause.parameters if table.clause is not None else {}
    given = {name: value for name, value in parameters.items() if value.strip() and name not in _DIALOG}
    if table.verb in {TokenType.DELETE, TokenType.UPDATE} and table.name in _TABLES:
        return _change(table, sql, tokens, given)
    translate, takes = _ACTIONS.get(table.name, (None, frozenset()))
    if translate is None or set(given) - takes or not _stands_alone(table, tokens):
        raise actions.refuse(table, given)
    written = translate(given)
    if written is None:
        raise actions.refuse(table, given)
    return written


def _stands_alone(table: Named, tokens: Sequence[Token]) -> bool:
    head = [token.token_type for token in tokens[:3]]
    return (
        head == [TokenType.SELECT, TokenType.STAR, TokenType.FROM]
        and tokens[3].start == table.start
        and table.clause is not None
        and tokens[-1].end + 1 == table.clause.end
        and not _is_apart(table, tokens)
    )


def _is_apart(table: Named, tokens: Sequence[Token]) -> bool:
    """Return True where anything stands between a table and its clause."""
    assert table.clause is not None
    return any(table.end <= token.start < table.clause.start for token in tokens)


def _change(table: Named, sql: str, tokens: Sequence[Token], given: Parameters) -> str:
    """Return an UPDATE or DELETE on our table, with the drive that the clause names as a condition."""
    where = next((token for token in tokens if token.token_type is TokenType.WHERE), None)
    unknown = set(given) - {"driveid", "grouporuserid"}
    if where is None or unknown or table.clause is None or tokens[-1].end + 1 != table.clause.end:
        raise actions.refuse(table, given)
    renamed = [
        Splice(token.start, token.end + 1, _OURS[token.text.lower()])
        for token in tokens
        if token.token_type in {TokenType.VAR, TokenType.IDENTIFIER} and token.text.lower() in _OURS
    ]
    conditions = [f"{name} = {quoted(value)}" for name, value in _whose(given).items()]
    opening = f"WHERE {''.join(f'{condition} AND ' for condition in conditions)}("
    ours = [
        Splice(table.start, table.end, _TABLES[table.name]),
        Splice(where.start, where.end + 1, opening),
        Splice(table.clause.start, table.clause.end, ")"),
    ]
    inside = [part for part in renamed if table.end <= part.start < table.clause.start]
    return splice(sql, [*inside, *ours])


def _whose(given: Parameters) -> dict[str, str]:
    found = {"drive_id": given.get("driveid"), "owner": given.get("grouporuserid")}
    return {name: value for name, value in found.items() if value}


def _item(given: Parameters) -> str | None:
    """Return the condition that names the item."""
    written = given.get("itemid") or given.get("fileid")
    if written is None:
        return None
    path = folder_path(written)
    named = f"id = {quoted(written.strip())}" if path is None else f"path = {quoted(path)}"
    return " AND ".join([named, *(f"{name} = {quoted(value)}" for name, value in _whose(given).items())])


def _upload(given: Parameters) -> str | None:
    source, target = given.get("sourcefilepath"), given.get("targetfilepath", "")
    if source is None or not ("/" in target or "." in target):
        # A name without both could be an id.
        return None
    path = folder_path(target if target.lower().startswith("root:") else "/" + target.lstrip("/"))
    row = {
        "path": path or paths.ROOT,
        "local_path": source,
        "conflict": given.get("conflictbehavior", "fail").lower(),
        **_whose(given),
    }
    values = ", ".join(map(quoted, row.values()))
    return f"INSERT INTO items ({', '.join(row)}) VALUES ({values}) RETURNING {selection(ITEM_COLUMNS)}"  # noqa: S608


def _delete(given: Parameters) -> str | None:
    item = _item(given)
    return None if item is None else f"DELETE FROM items WHERE {item}"  # noqa: S608 - every value is quoted


def _move(given: Parameters) -> str | None:
    item = _item(given)
    changes: list[str] = []
    if "targetitemname" in given:
        changes.append(f"name = {quoted(given['targetitemname'])}")
    target = given.get("targetfolderpath") or given.get("targetfolderid")
    if target is not None:
        path = folder_path(target)
        if path is None and "targetfolderid" not in given:
            raise ParameterError(
                f"TargetFolderPath={target!r} is no path.",
                parameter="targetfolderpath",
                hint="Write /Reports/2026.",
            )
        changes.append(f"parent_path = {quoted(path) if path is not None else _path_of(target, given)}")
    if item is None or not changes:
        return None
    return f"UPDATE items SET {', '.join(changes)} WHERE {item} RETURNING {selection(ITEM_COLUMNS)}"  # noqa: S608


def _path_of(folder_id: str, given: Parameters) -> str:
    where = [f"id = {quoted(folder_id.strip())}"]
    where += [f"{name} = {quoted(value)}" for name, value in _whose(given).items()]
    return f"(SELECT path FROM items WHERE {' AND '.join(where)})"  # noqa: S608 - every value is quoted


def _request(given: Parameters) -> str | None:
    if "url" not in given:
        return None
    method = given.get("requestmethod", "GET")
    return f"CALL generic_request(method => {quoted(method)}, url => {quoted(given['url'])})"


def _download(given: Parameters) -> str | None:
    return _call("download_file", given, local_path=given.get("targetfilepath"))


def _copy(given: Parameters) -> str | None:
    folder, name = given.get("targetfolderpath", ""), given.get("targetitemname")
    path = folder_path(folder) if folder else None
    to_path = paths.join(path, name) if path is not None and name else None
    return _call("copy_item", given, to_path=to_path)


def _call(name: str, given: Parameters, **more: str | None) -> str | None:
    """Return the call of a procedure on one item, which it finds by id in the connection's own drive only."""
    item = given.get("itemid") or given.get("fileid")
    if item is None or _whose(given) or None in more.values():
        return None
    path = folder_path(item)
    arguments = {"id": item.strip()} if path is None else {"path": path}
    arguments |= {key: value for key, value in more.items() if value is not None}
    return f"CALL {name}({', '.join(f'{key} => {quoted(value)}' for key, value in arguments.items())})"


_WHOSE = frozenset({"driveid", "grouporuserid"})
_ITEM = _WHOSE | {"itemid", "fileid"}
Action = tuple[Callable[[Parameters], str | None], frozenset[str]]

_ACTIONS: Mapping[str, Action] = {
    "upload_file": (_upload, _WHOSE | {"sourcefilepath", "targetfilepath", "conflictbehavior"}),
    "download_file": (_download, _ITEM | {"targetfilepath"}),
    "copy_item": (_copy, _ITEM | {"targetfolderpath", "targetitemname"}),
    "move_rename_item": (_move, _ITEM | {"targetfolderpath", "targetfolderid", "targetitemname"}),
    "delete_item": (_delete, _ITEM),
    "generic_request": (_request, _WHOSE | {"url", "requestmethod"}),
}
