"""What an inspector tells: the tables of Graph objects with their comments and keys, and the tables made by SQL.

The engine keeps the tables of Graph objects as temporary views; to a user they are the tables of the default schema.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import exc
from sqlalchemy.engine import reflection

from driveql.sql.alchemy.types import type_of
from driveql.sql.tables import TABLES

# Graph gives no other guarantee of uniqueness; `changes` may name an item more than once.
_KEYS: Mapping[str, tuple[str, ...]] = {
    **{name: ("id",) for name in TABLES if "id" in TABLES[name].by_name},
    "changes": (),
    "group_members": ("group_id", "id"),
    "list_items": ("list", "id"),
    "permissions": ("item_id", "id"),
    "versions": ("item_id", "id"),
}
_RELATIONS = """
SELECT database_name, schema_name, table_name AS name, temporary, comment, sql, true AS is_table
FROM duckdb_tables() WHERE NOT internal AND database_name IN (current_database(), 'temp')
UNION ALL
SELECT database_name, schema_name, view_name, temporary, comment, sql, false
FROM duckdb_views() WHERE NOT internal AND database_name IN (current_database(), 'temp')
"""


@dataclass(frozen=True, slots=True)
class Relation:
    """A table or view of the engine; `is_saved` where it is a saved query of the connection, whose file `sql` is then."""

    database: str
    schema: str
    name: str
    temporary: bool
    comment: str | None
    sql: str
    is_table: bool
    is_saved: bool = False

    @property
    def is_graph(self) -> bool:
        """Whether it is a table of Graph objects."""
        return self.temporary and not self.is_table and self.name in TABLES

    @property
    def address(self) -> dict[str, str]:
        """The parameters that find its columns and constraints."""
        return {"database": self.database, "schema": self.schema, "name": self.name}


class Reflection:
    """The dialect's part that an inspector asks. Names are found without regard to case, as the engine does."""

    default_schema_name: str | None

    def _relations(self, connection: Any, schema: str | None, **kw: Any) -> list[Relation]:
        # Cached by the inspector for as long as it lives.
        cache = kw.get("info_cache")
        found: list[Relation] | None = None if cache is None else cache.get("driveql_relations")
        if found is None:
            saved = connection.connection.driver_connection.session().queries.saved
            names = set(saved.names())
            found = [Relation(*row) for row in connection.exec_driver_sql(_RELATIONS)]
            found = [
                replace(one, sql=saved.text(one.name), is_saved=True)
                if one.temporary and not one.is_table and one.name in names
                else one
                for one in found
            ]
            if cache is not None:
                cache["driveql_relations"] = found
        wanted = (schema or self.default_schema_name or "main").lower()
        return [relation for relation in found if relation.schema.lower() == wanted]

    def _relation(self, connection: Any, name: str, schema: str | None, **kw: Any) -> Relation:
        alike = [
            relation
            for relation in self._relations(connection, schema, **kw)
            if relation.name.lower() == name.lower()
        ]
        if not alike:
            raise exc.NoSuchTableError(f"{schema}.{name}" if schema else name)
        return max(alike, key=lambda relation: relation.temporary)

    def _rows(self, connection: Any, sql: str, relation: Relation) -> list[Any]:
        where = "database_name = $database AND schema_name = $schema AND table_name = $name"
        cursor = connection.connection.driver_connection.execute(sql.format(where=where), relation.address)
        return list(cursor.fetchall())

    @reflection.cache
    def has_table(self, connection: Any, table_name: str, schema: str | None = None, **kw: Any) -> bool:
        """Return True for a table or view."""
        kw.pop("info_cache", None)
        try:
            self._relation(connection, table_name, schema, **kw)
        except exc.NoSuchTableError:
            return False
        return True

    @reflection.cache
    def has_sequence(self, connection: Any, sequence_name: str, schema: str | None = None, **kw: Any) -> bool:
        """Return True for a sequence."""
        names = self.get_sequence_names(connection, schema)
        return sequence_name.lower() in {name.lower() for name in names}

    @reflection.cache
    def has_index(
        self, connection: Any, table_name: str, index_name: str, schema: str | None = None, **kw: Any
    ) -> bool:
        """Return True for an index of a table; a table that does not exist has none."""
        if not self.has_table(connection, table_name, schema):
            return False
        return any(index["name"] == index_name for index in self.get_indexes(connection, table_name, schema))

    @reflection.cache
    def get_schema_names(self, connection: Any, **kw: Any) -> list[str]:
        """Return the schemas."""
        sql = "SELECT DISTINCT schema_name FROM duckdb_schemas() WHERE database_name = current_database() ORDER BY ALL"
        return [name for (name,) in connection.exec_driver_sql(sql)]

    @reflection.cache
    def get_sequence_names(self, connection: Any, schema: str | None = None, **kw: Any) -> list[str]:
        """Return the sequences of a schema."""
        sql = "SELECT sequence_name FROM duckdb_sequences() WHERE schema_name = ? AND NOT temporary"
        return [name for (name,) in connection.exec_driver_sql(sql, (schema or self.default_schema_name,))]

    @reflection.cache
    def get_table_names(self, connection: Any, schema: str | None = None, **kw: Any) -> list[str]:
        """Return the tables of Graph objects, and those made by CREATE TABLE."""
        return sorted(
            relation.name
            for relation in self._relations(connection, schema, **kw)
            if relation.is_graph or (relation.is_table and not relation.temporary)
        )

    @reflection.cache
    def get_temp_table_names(self, connection: Any, schema: str | None = None, **kw: Any) -> list[str]:
        """Return the tables made by CREATE TEMP TABLE."""
        return [
            one.name for one in self._relations(connection, schema, **kw) if one.is_table and one.temporary
        ]

    @reflection.cache
    def get_view_names(self, connection: Any, schema: str | None = None, **kw: Any) -> list[str]:
        """Return the views made by CREATE VIEW, and the connection's saved queries."""
        return [
            one.name
            for one in self._relations(connection, schema, **kw)
            if one.is_saved or not (one.is_table or one.temporary)
        ]

    @reflection.cache
    def get_temp_view_names(self, connection: Any, schema: str | None = None, **kw: Any) -> list[str]:
        """Return the views made by CREATE TEMP VIEW."""
        return [
            one.name
            for one in self._relations(connection, schema, **kw)
            if one.temporary and not (one.is_table or one.is_graph or one.is_saved)
        ]

    @reflection.cache
    def get_view_definition(
        self, connection: Any, view_name: str, schema: str | None = None, **kw: Any
    ) -> str:
        """Return the statement that makes a view; of a saved query, its file."""
        relation = self._relation(connection, view_name, schema, **kw)
        if relation.is_table or relation.is_graph:
            raise exc.NoSuchTableError(view_name)
        return relation.sql

    @reflection.cache
    def get_table_comment(
        self, connection: Any, table_name: str, schema: str | None = None, **kw: Any
    ) -> dict[str, Any]:
        """Return what a table says about itself."""
        return {"text": self._relation(connection, table_name, schema, **kw).comment}

    @reflection.cache
    def get_columns(
        self, connection: Any, table_name: str, schema: str | None = None, **kw: Any
    ) -> list[dict[str, Any]]:
        """Return the columns with their types and comments."""
        relation = self._relation(connection, table_name, schema, **kw)
        sql = """SELECT column_name, data_type, is_nullable, column_default, comment FROM duckdb_columns()
                 WHERE {where} ORDER BY column_index"""
        return [
            {
                "name": name,
                "type": type_of(type_),
                "nullable": nullable,
                "default": default,
                "autoincrement": bool(default) and default.startswith("nextval("),
                "comment": comment,
            }
            for name, type_, nullable, default, comment in self._rows(connection, sql, relation)
        ]

    def _constraints(
        self, connection: Any, kind: str, table_name: str, schema: str | None, kw: Any
    ) -> list[Any]:
        relation = self._relation(connection, table_name, schema, **kw)
        columns = (
            "constraint_name, constraint_column_names, expression, referenced_table, referenced_column_names"
        )
        sql = f"SELECT {columns} FROM duckdb_constraints() WHERE constraint_type = '{kind}' AND {{where}}"
        return self._rows(connection, sql, relation)

    @reflection.cache
    def get_pk_constraint(
        self, connection: Any, table_name: str, schema: str | None = None, **kw: Any
    ) -> dict[str, Any]:
        """Return the primary key: of a table of Graph objects, what the service says is unique."""
        relation = self._relation(connection, table_name, schema, **kw)
        if relation.is_graph:
            return {"name": None, "constrained_columns": list(_KEYS.get(relation.name, ()))}
        for name, columns, *_ in self._constraints(connection, "PRIMARY KEY", table_name, schema, kw):
            return {"name": name, "constrained_columns": columns}
        return {"name": None, "constrained_columns": []}

    @reflection.cache
    def get_unique_constraints(
        self, connection: Any, table_name: str, schema: str | None = None, **kw: Any
    ) -> list[dict[str, Any]]:
        """Return the unique constraints."""
        return [
            {"name": name, "column_names": columns}
            for name, columns, *_ in self._constraints(connection, "UNIQUE", table_name, schema, kw)
        ]

    @reflection.cache
    def get_check_constraints(
        self, connection: Any, table_name: str, schema: str | None = None, **kw: Any
    ) -> list[dict[str, Any]]:
        """Return the check constraints."""
        return [
            {"name": name, "sqltext": expression}
            for name, _, expression, *_ in self._constraints(connection, "CHECK", table_name, schema, kw)
        ]

    @reflection.cache
    def get_foreign_keys(
        self, connection: Any, table_name: str, schema: str | None = None, **kw: Any
    ) -> list[dict[str, Any]]:
        """Return the foreign keys; the engine keeps them within a schema."""
        return [
            {
                "name": name,
                "constrained_columns": columns,
                "referred_schema": schema,
                "referred_table": table,
                "referred_columns": referred,
                "options": {},
            }
            for name, columns, _, table, referred in self._constraints(
                connection, "FOREIGN KEY", table_name, schema, kw
            )
        ]

    @reflection.cache
    def get_indexes(
        self, connection: Any, table_name: str, schema: str | None = None, **kw: Any
    ) -> list[dict[str, Any]]:
        """Return the indexes made by CREATE INDEX."""
        relation = self._relation(connection, table_name, schema, **kw)
        sql = "SELECT index_name, is_unique, expressions FROM duckdb_indexes() WHERE {where} ORDER BY index_name"
        return [
            {
                "name": name,
                "unique": unique,
                "column_names": [part.strip(" \"'") for part in parts.strip("[]").split(",")],
            }
            for name, unique, parts in self._rows(connection, sql, relation)
        ]
