"""The dialect: what the engine can do, how connections are made, and that every statement takes effect at once.

Source: https://docs.sqlalchemy.org/en/21/core/internals.html#sqlalchemy.engine.default.DefaultDialect
"""

from __future__ import annotations

from types import ModuleType
from typing import Any

import duckdb
from sqlalchemy import event, exc
from sqlalchemy import types as sqltypes
from sqlalchemy.engine import URL, Engine, ExceptionContext
from sqlalchemy.engine.default import DefaultDialect

from driveql.errors import IntegrityError as WrongBytesError
from driveql.errors import SqlNotSupportedError
from driveql.sql.alchemy.addresses import arguments_of, shown
from driveql.sql.alchemy.compiler import DefinitionCompiler, Preparer, StatementCompiler
from driveql.sql.alchemy.numbering import ExecutionContext
from driveql.sql.alchemy.reflection import Reflection
from driveql.sql.alchemy.types import INTERVAL, Decimals, JsonIndex, JsonPath, TypeCompiler
from driveql.sql.dbapi.raising import as_pep249

AUTOCOMMIT = "AUTOCOMMIT"


class DriveqlDialect(Reflection, DefaultDialect):  # type: ignore[misc]  # the base's are caches of another type
    """SQLAlchemy on driveql's DB-API. There is one isolation level, AUTOCOMMIT: a write to OneDrive cannot be undone."""

    name = "driveql"
    driver = "driveql"
    default_paramstyle = "qmark"
    default_schema_name = "main"
    supports_statement_cache = True

    statement_compiler = StatementCompiler
    ddl_compiler = DefinitionCompiler
    type_compiler_cls = TypeCompiler
    preparer = Preparer
    execution_ctx_cls = ExecutionContext
    colspecs = {  # noqa: RUF012 - as the base declares it
        sqltypes.Interval: INTERVAL,
        sqltypes.Numeric: Decimals,
        sqltypes.Float: sqltypes.Float,
        sqltypes.JSON.JSONIndexType: JsonIndex,
        sqltypes.JSON.JSONPathType: JsonPath,
    }

    supports_alter = False
    supports_comments = True
    supports_sequences = True
    supports_default_values = True
    supports_default_metavalue = True
    supports_empty_insert = False
    supports_multivalues_insert = True
    supports_native_boolean = True
    supports_native_decimal = True
    supports_native_uuid = True
    returns_native_bytes = True
    div_is_floordiv = False
    postfetch_lastrowid = False
    insert_returning = update_returning = delete_returning = True
    use_insertmanyvalues = True

    def __init__(self, json_serializer: Any = None, json_deserializer: Any = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._json_serializer = json_serializer
        self._json_deserializer = json_deserializer

    @classmethod
    def import_dbapi(cls) -> ModuleType:
        """Return driveql's DB-API module."""
        from driveql.sql import dbapi

        return dbapi

    def create_connect_args(self, url: URL) -> Any:
        """Return the arguments of `driveql.connect`. Raises ParameterError for a URL that cannot be one."""
        return (), arguments_of(url)

    @classmethod
    def engine_created(cls, engine: Engine) -> None:
        """Take the secrets out of the engine's URL, which logs and reprs show; have errors mean what PEP 249 says."""
        engine.url = shown(engine.url)
        event.listen(engine, "handle_error", _wrong_bytes)

    def _get_server_version_info(self, connection: Any) -> tuple[int, ...]:
        return tuple(int(part) for part in duckdb.__version__.split(".")[:3] if part.isdigit())

    def _get_default_schema_name(self, connection: Any) -> str:
        return "main"

    def get_isolation_level_values(self, dbapi_connection: Any) -> list[Any]:
        """Return the only level there is."""
        return [AUTOCOMMIT]

    def get_isolation_level(self, dbapi_connection: Any) -> Any:
        """Return AUTOCOMMIT."""
        return AUTOCOMMIT

    def get_default_isolation_level(self, dbapi_conn: Any) -> Any:
        """Return AUTOCOMMIT."""
        return AUTOCOMMIT

    def set_isolation_level(self, dbapi_connection: Any, level: Any) -> None:
        """Take AUTOCOMMIT; SQLAlchemy refuses every other level by itself."""

    def detect_autocommit_setting(self, dbapi_conn: Any) -> bool:
        """Return True."""
        return True

    def do_savepoint(self, connection: Any, name: str) -> None:
        """Refuse: there is nothing to go back to."""
        with as_pep249():
            raise SqlNotSupportedError(
                "Savepoints are not supported: every statement takes effect at once.",
                hint="Leave out begin_nested().",
            )

    def is_disconnect(self, e: Any, connection: Any, cursor: Any) -> bool:
        """Return True where the connection was closed, or is one of the process that this one was forked from."""
        return isinstance(e, self.loaded_dbapi.InterfaceError) and (
            "connection is closed" in str(e) or getattr(e, "code", None) == "other_process"
        )


def _wrong_bytes(context: ExceptionContext) -> exc.DataError | None:
    # SQLAlchemy goes by names, and driveql's IntegrityError (wrong bytes came) has the name of PEP 249's.
    wrapped, original = context.sqlalchemy_exception, context.original_exception
    if isinstance(original, WrongBytesError) and isinstance(wrapped, exc.IntegrityError):
        return exc.DataError(
            wrapped.statement, wrapped.params, original, wrapped.hide_parameters, ismulti=wrapped.ismulti
        )
    return None
