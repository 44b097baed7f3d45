"""The engine closed for strangers' SQL. DuckDB's own settings are the wall; what `check` refuses only gets a clearer message.

Behind the wall there is no file of this machine at all, not even one to spill to: what does not fit into memory is refused. The
two file systems that remain are OneDrive's and the one through which COPY hands its rows over.
"""

from __future__ import annotations

from collections.abc import Sequence

import duckdb
from sqlglot.tokenizer_core import Token, TokenType

from driveql.errors import SqlNotSupportedError
from driveql.sql import contents
from driveql.sql.syntax import tokens_of
from driveql.sql.tenant import Tenant
from driveql.sql.writing.staging import Staging

# What a session may set for itself; every other setting is locked.
OWN_SETTINGS = ("TimeZone", "Calendar", "default_order", "default_null_order")
# Not settings of the configuration: variables of the session, and where names are looked up.
_HARMLESS = frozenset({"variable", "time", "schema", "search_path", *map(str.lower, OWN_SETTINGS)})
_KINDS = frozenset({
    "SELECT", "EXPLAIN", "CREATE", "INSERT", "UPDATE", "DELETE", "MERGE_INTO", "DROP", "ALTER", "TRANSACTION",
    "MULTI", "COPY",
})  # fmt: skip
_PRAGMAS = frozenset({"table_info", "show", "show_tables", "show_tables_expanded", "collations", "version"})
_SCOPES = frozenset({"GLOBAL", "SESSION", "LOCAL"})
_BEFORE_KIND = frozenset({"OR", "REPLACE", "TEMP", "TEMPORARY", "PERSISTENT"})


def close(engine: duckdb.DuckDBPyConnection, tenant: Tenant) -> Staging:
    """Take away everything but memory and OneDrive, for good; return the way out for the rows of COPY.

    Parameters:
        tenant: the session's, whose room for temporary files is for the rows of COPY too.

    The file system of OneDrive is registered already: DuckDB would take its scheme for a directory otherwise.
    """
    staging = Staging(tenant)
    engine.register_filesystem(staging)
    allowed = ", ".join(f"'{scheme}://'" for scheme in (contents.SCHEME, staging.protocol))
    settable = ", ".join(f"'{name}'" for name in OWN_SETTINGS)
    for setting in (
        "temp_directory = ''",
        # Types nested as deep as the engine's own bound of 1000 take a minute that nothing can interrupt.
        "max_expression_depth = 400",
        # Messages and settings are not to tell who runs the engine.
        "home_directory = '/'",
        "secret_directory = ''",
        "extension_directories = []",
        f"allowed_directories = [{allowed}]",
        f"allowed_configs = [{settable}]",
        "enable_external_access = false",
        "disabled_filesystems = 'LocalFileSystem'",
        "lock_configuration = true",
    ):
        engine.execute(f"SET {setting}")
    return staging


def check(kinds: Sequence[str], sql: str) -> None:
    """Refuse a statement that the wall would stop, or that is of no use behind it, with a message that says so.

    Parameters:
        kinds: DuckDB's names of what the text holds.

    Raises:
        SqlNotSupportedError: it is one.
    """
    tokens = tokens_of(sql)
    words = [token.text.upper() for token in tokens]
    if len(kinds) != 1 and set(kinds) != {"MULTI"}:
        raise refused("Several statements in one")
    kind = kinds[0]
    if words[0] == "PRAGMA":
        if len(words) < 2 or words[1].lower() not in _PRAGMAS or (len(words) > 2 and words[2] == "="):
            raise refused(f"PRAGMA {' '.join(token.text for token in tokens[1:2])}")
    elif kind == "SET":
        _check_setting(words)
    elif kind not in _KINDS:
        raise refused(words[0])
    elif kind in {"CREATE", "DROP"} and _is_secret(tokens):
        raise refused(f"{words[0]} SECRET")
    elif words[0] == "COPY" and "PARTITION_BY" in words:
        raise refused("COPY with PARTITION_BY")


def refused(what: str) -> SqlNotSupportedError:
    """Return the error of a statement that only a trusted connection runs."""
    return SqlNotSupportedError(
        f"{what} is not available: this connection is for statements that nobody vouches for (untrusted).",
        hint="It reads and writes OneDrive, and tables that live as long as it does; nothing of the machine that runs it.",
    )


def _check_setting(words: list[str]) -> None:
    if words[0] == "USE":
        return
    name = next((word for word in words[1:] if word not in _SCOPES), "")
    if name.lower() not in _HARMLESS:
        raise refused(f"{words[0]} {name.lower()}")


def _is_secret(tokens: list[Token]) -> bool:
    named = next((token for token in tokens[1:] if token.text.upper() not in _BEFORE_KIND), None)
    return (
        named is not None and named.token_type is not TokenType.IDENTIFIER and named.text.upper() == "SECRET"
    )
