"""Statements as the engine reads them, where they differ from SQLAlchemy's default."""

from __future__ import annotations

from typing import Any

import duckdb
from sqlalchemy import exc
from sqlalchemy.sql import sqltypes
from sqlalchemy.sql.compiler import DDLCompiler, IdentifierPreparer, SQLCompiler

from driveql.sql.alchemy.numbering import numbered_column, numbering_of


class StatementCompiler(SQLCompiler):
    """SELECT, INSERT, UPDATE and DELETE."""

    def get_select_precolumns(self, select: Any, **kw: Any) -> str:
        """Write DISTINCT or DISTINCT ON."""
        if select._distinct_on:
            return f"DISTINCT ON ({', '.join(self.process(column, **kw) for column in select._distinct_on)}) "
        return "DISTINCT " if select._distinct else ""

    def limit_clause(self, select: Any, **kw: Any) -> str:
        """Write LIMIT and OFFSET; either may stand alone."""
        text = ""
        if select._limit_clause is not None:
            text += "\n LIMIT " + self.process(select._limit_clause, **kw)
        if select._offset_clause is not None:
            text += "\n OFFSET " + self.process(select._offset_clause, **kw)
        return text

    def fetch_clause(
        self,
        select: Any,
        fetch_clause: Any = None,
        require_offset: bool = False,
        use_literal_execute_for_simple_int: bool = False,
        **kw: Any,
    ) -> str:
        """Write FETCH FIRST as LIMIT, which it is without its options."""
        if any((select._fetch_clause_options or {}).values()):
            raise exc.CompileError(
                "FETCH FIRST with PERCENT or WITH TIES is not supported; write a window function."
            )
        text = "\n LIMIT " + self.process(select._fetch_clause, **kw)
        if select._offset_clause is not None:
            text += "\n OFFSET " + self.process(select._offset_clause, **kw)
        return text

    def for_update_clause(self, select: Any, **kw: Any) -> str:
        """Refuse: nothing can be locked."""
        raise exc.CompileError("FOR UPDATE is not supported: rows of driveql cannot be locked.")

    def visit_ilike_case_insensitive_operand(self, element: Any, **kw: Any) -> str:
        """Leave the operand alone: ILIKE does the rest."""
        return self.process(element.element, **kw)

    def visit_ilike_op_binary(self, binary: Any, operator: Any, **kw: Any) -> str:
        """Write ILIKE."""
        return self._ilike("ILIKE", binary, kw)

    def visit_not_ilike_op_binary(self, binary: Any, operator: Any, **kw: Any) -> str:
        """Write NOT ILIKE."""
        return self._ilike("NOT ILIKE", binary, kw)

    def _ilike(self, word: str, binary: Any, kw: dict[str, Any]) -> str:
        escape = binary.modifiers.get("escape")
        text = f"{self.process(binary.left, **kw)} {word} {self.process(binary.right, **kw)}"
        if escape is None:
            return text
        return f"{text} ESCAPE {self.render_literal_value(escape, sqltypes.STRINGTYPE)}"

    def visit_regexp_match_op_binary(self, binary: Any, operator: Any, **kw: Any) -> str:
        """Write regexp_matches."""
        return f"regexp_matches({self._pattern(binary, kw)})"

    def visit_not_regexp_match_op_binary(self, binary: Any, operator: Any, **kw: Any) -> str:
        """Write its negation."""
        return f"NOT regexp_matches({self._pattern(binary, kw)})"

    def visit_regexp_replace_op_binary(self, binary: Any, operator: Any, **kw: Any) -> str:
        """Write regexp_replace."""
        return f"regexp_replace({self._pattern(binary, kw)})"

    def _pattern(self, binary: Any, kw: dict[str, Any]) -> str:
        parts = [self.process(binary.left, **kw), self.process(binary.right, **kw)]
        flags = binary.modifiers["flags"]
        if flags is not None:
            parts.append(self.render_literal_value(flags, sqltypes.STRINGTYPE))
        return ", ".join(parts)

    def visit_bitwise_xor_op_binary(self, binary: Any, operator: Any, **kw: Any) -> str:
        """Write xor: `^` is a power here."""
        return f"xor({self.process(binary.left, **kw)}, {self.process(binary.right, **kw)})"

    def visit_json_getitem_op_binary(self, binary: Any, operator: Any, **kw: Any) -> str:
        """Write the extraction of a part of JSON, as the type that is asked for."""
        arguments = f"({self.process(binary.left, **kw)}, {self.process(binary.right, **kw)})"
        if binary.type._type_affinity is sqltypes.JSON:
            return f"json_extract{arguments}"
        if isinstance(binary.type, sqltypes.String):
            return f"json_extract_string{arguments}"
        type_ = self.dialect.type_compiler_instance.process(binary.type)
        return f"CAST(json_extract_string{arguments} AS {type_})"

    visit_json_path_getitem_op_binary = visit_json_getitem_op_binary

    def visit_array(self, element: Any, **kw: Any) -> str:
        """Write a list."""
        return "[" + ", ".join(self.process(clause, **kw) for clause in element.clauses) + "]"

    def visit_getitem_binary(self, binary: Any, operator: Any, **kw: Any) -> str:
        """Write the element of a list; the first is 1."""
        return f"{self.process(binary.left, **kw)}[{self.process(binary.right, **kw)}]"

    def visit_slice(self, element: Any, **kw: Any) -> str:
        """Write a part of a list, with its last element."""
        return f"{self.process(element.start, **kw)}:{self.process(element.stop, **kw)}"

    def visit_try_cast(self, cast: Any, **kw: Any) -> str:
        """Write TRY_CAST."""
        return f"TRY_CAST({self.process(cast.clause, **kw)} AS {self.process(cast.typeclause, **kw)})"

    def visit_empty_set_expr(self, element_types: Any, **kw: Any) -> str:
        """Write a query without rows, for IN with no values."""
        types = [type_ for type_ in element_types or () if not type_._isnull] or [sqltypes.Integer()]
        casts = ", ".join(
            f"CAST(NULL AS {self.dialect.type_compiler_instance.process(type_)})" for type_ in types
        )
        return f"SELECT {casts} WHERE 1 != 1"

    def visit_aggregate_strings_func(self, fn: Any, **kw: Any) -> str:
        """Write string_agg."""
        return str(super().visit_aggregate_strings_func(fn, use_function_name="string_agg", **kw))  # type: ignore[no-untyped-call]  # SQLAlchemy leaves it untyped

    def visit_sequence(self, sequence: Any, **kw: Any) -> str:
        """Write the next value of a sequence."""
        name = self.preparer.format_sequence(sequence)
        return f"nextval({self.render_literal_value(name, sqltypes.STRINGTYPE)})"

    def update_from_clause(
        self, update_stmt: Any, from_table: Any, extra_froms: Any, from_hints: Any, **kw: Any
    ) -> str:
        """Write the further tables of an UPDATE."""
        kw["asfrom"] = True
        return "FROM " + ", ".join(
            table._compiler_dispatch(self, fromhints=from_hints, **kw) for table in extra_froms
        )

    def delete_extra_from_clause(
        self, delete_stmt: Any, from_table: Any, extra_froms: Any, from_hints: Any, **kw: Any
    ) -> str:
        """Write the further tables of a DELETE."""
        kw["asfrom"] = True
        return "USING " + ", ".join(
            table._compiler_dispatch(self, fromhints=from_hints, **kw) for table in extra_froms
        )


class DefinitionCompiler(DDLCompiler):
    """CREATE and DROP."""

    def get_column_default_string(self, column: Any) -> str | None:
        """Write a column's default; that of a key which numbers itself is the next value of its sequence."""
        numbers = column.table is not None and column is numbered_column(column.table)
        numbering = numbering_of(column.table, self) if numbers else None
        return super().get_column_default_string(column) if numbering is None else numbering.default


def _reserved() -> set[str]:
    sql = "SELECT keyword_name FROM duckdb_keywords() WHERE keyword_category <> 'unreserved'"
    with duckdb.connect() as engine:
        return {name for (name,) in engine.execute(sql).fetchall()}


class Preparer(IdentifierPreparer):
    """Quotes names: the engine's own words, and whatever is not plain lower case."""

    reserved_words = IdentifierPreparer.reserved_words | _reserved()
