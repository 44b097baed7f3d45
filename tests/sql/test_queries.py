"""Every query of tests/sql/queries: the rows that are written beside it, and those that other programs compute.

What is in files is computed from the same bytes by csv, json, pyarrow and calamine (tests/sql/expected), never by driveql.
What is written out of directory and listings are facts of the demo tenant, as src/graph_emulator/demo.py plants them.
"""

from __future__ import annotations

import importlib
import inspect
import math
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from tests.conftest import ROOT
from tests.sql.query_file import Query, Step, read_queries, statements
from tests.sql.query_tenant import QueryTenant, query_tenant

from driveql import errors
from driveql.sql.dbapi import Connection

FILES = sorted((ROOT / "tests" / "sql" / "queries").glob("*.sql"))
EXPECTED = ROOT / "tests" / "sql" / "expected"
QUERIES = [query for file in FILES for query in read_queries(file)]
SAMPLES = ROOT.parent / "shared" / "samples"
Rows = list[list[Any]]


@pytest.fixture(scope="module")
def tenant() -> Iterator[QueryTenant]:
    yield from query_tenant(SAMPLES if SAMPLES.is_dir() else None)


@pytest.mark.parametrize("query", QUERIES, ids=str)
def test_query(tenant: QueryTenant, query: Query) -> None:
    if query.connection == "samples" and tenant.samples is None:
        pytest.skip("../shared is not beside the project")
    connection = tenant.connection(query.connection)
    for step in query.steps:
        tenant.asked()
        if step.raises is not None:
            _check_refused(tenant, connection, step)
        else:
            _check_rows(tenant, connection, step)
        if step.requests is not None:
            asked = tenant.asked()
            assert len(asked) == step.requests, asked


def _check_rows(tenant: QueryTenant, connection: Connection, step: Step) -> None:
    cursor = connection.execute(_sql(tenant, step), step.parameters)
    rows = cursor.fetchall() if cursor.description is not None else []
    found = [[plain(value) for value in row] for row in rows]
    if step.columns is not None:
        assert [column[0] for column in cursor.description or ()] == step.columns
    for words in step.holds:
        assert words in "\n".join(str(value) for row in found for value in row)
    if step.rows is not None:
        _check_same(found, step.rows, step)
    if step.computed is not None:
        computed = [[plain(value) for value in row] for row in _computed(step.computed)(tenant)]
        assert computed, f"{step.computed} computes no row"
        _check_same(found, computed, step)


def _check_refused(tenant: QueryTenant, connection: Connection, step: Step) -> None:
    assert step.raises is not None
    name, words = step.raises
    with pytest.raises(errors.DriveqlError) as raised:
        connection.execute(_sql(tenant, step), step.parameters).fetchall()
    assert name in [kind.__name__ for kind in type(raised.value).__mro__], repr(raised.value)
    assert words in f"{raised.value} {raised.value.hint}"


def _sql(tenant: QueryTenant, step: Step) -> str:
    text = step.sql.removesuffix(";")
    for mark, value in tenant.marks().items():
        text = text.replace(mark, value)
    return text


def _computed(name: str) -> Any:
    module, _, function = name.partition(".")
    return getattr(importlib.import_module(f"tests.sql.expected.{module}"), function)


def _check_same(found: Rows, expected: Rows, step: Step) -> None:
    if step.in_any_order:
        found, expected = sorted(found, key=repr), sorted(expected, key=repr)
    assert same(found, expected), f"found    {found[:30]}\nexpected {expected[:30]}"


def plain(value: Any) -> Any:
    """Return a value as JSON can write it; times in ISO 8601, numbers of fixed point and bytes as text."""
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if isinstance(value, Decimal | UUID | timedelta):
        return str(value)
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, list | tuple):
        return [plain(each) for each in value]
    if isinstance(value, dict):
        return {str(key): plain(each) for key, each in value.items()}
    return value.item() if hasattr(value, "item") else value


def same(found: Any, expected: Any) -> bool:
    """Compare plain values: a flag is no number, and sums of floats may differ in their last digits."""
    if isinstance(found, list) and isinstance(expected, list):
        return len(found) == len(expected) and all(map(same, found, expected))
    if isinstance(found, dict) and isinstance(expected, dict):
        return found.keys() == expected.keys() and all(same(found[key], expected[key]) for key in found)
    if isinstance(found, bool) or isinstance(expected, bool):
        return found is expected
    if isinstance(found, float) or isinstance(expected, float):
        if not isinstance(found, int | float) or not isinstance(expected, int | float):
            return False
        return (math.isnan(found) and math.isnan(expected)) or math.isclose(found, expected, rel_tol=1e-9)
    return bool(found == expected)


def test_there_are_enough_of_them_and_each_has_a_name_of_its_own() -> None:
    assert len(QUERIES) >= 150
    assert len({str(query) for query in QUERIES}) == len(QUERIES)


def test_nothing_is_computed_in_vain() -> None:
    used = {step.computed for step in statements(QUERIES) if step.computed is not None}
    for file in EXPECTED.glob("*.py"):
        module = importlib.import_module(f"tests.sql.expected.{file.stem}")
        for name, function in inspect.getmembers(module, inspect.isfunction):
            if function.__module__ == module.__name__ and not name.startswith("_"):
                assert f"{file.stem}.{name}" in used
