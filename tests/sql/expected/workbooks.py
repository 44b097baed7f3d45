"""The queries over workbooks, computed by calamine."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from python_calamine import CalamineWorkbook
from tests.sql.query_tenant import QueryTenant

Rows = list[list[Any]]


def _sheet(tenant: QueryTenant, name: str, sheet: str) -> Rows:
    book = CalamineWorkbook.from_path(tenant.sample(name))
    rows: Rows = book.get_sheet_by_name(sheet).to_python()
    return rows


def cubes(tenant: QueryTenant) -> Rows:
    rows = _sheet(tenant, "xlsx2csv_sheets_order.xlsx", "b")[1:]
    return [["BIGINT", sum(row[0] for row in rows), sum(row[1] for row in rows), len(rows)]]


def second_sheet(tenant: QueryTenant) -> Rows:
    rows = _sheet(tenant, "xlsx2csv_sheets_order.xlsx", "e")
    return [[len(rows), max(row[0] for row in rows)]]


def sheet_names(tenant: QueryTenant) -> Rows:
    book = CalamineWorkbook.from_path(tenant.sample("xlsx2csv_sheets_order.xlsx"))
    return [[number, name, True] for number, name in enumerate(book.sheet_names, 1)]


def sheets_by_file(tenant: QueryTenant) -> Rows:
    files = sorted(tenant.sample("").glob("xlsx2csv_*.xlsx"))
    return [[file.name, len(CalamineWorkbook.from_path(file).sheet_names)] for file in files]


def alphabets(tenant: QueryTenant) -> Rows:
    return _sheet(tenant, "xlsx2csv_utf8.xlsx", "Sheet1")


def percentages(tenant: QueryTenant) -> Rows:
    return [[sum(row[0] for row in _sheet(tenant, "xlsx2csv_percentage.xlsx", "Sheet 1"))]]


def escaped(tenant: QueryTenant) -> Rows:
    return _sheet(tenant, "xlsx2csv_escape.xlsx", "Austin")


def filled_cells(tenant: QueryTenant) -> Rows:
    rows = _sheet(tenant, "xlsx2csv_last-column-empty.xlsx", "Sheet1")[1:]
    return [[len(rows), *(sum(row[column] != "" for row in rows) for column in range(3))]]


def monthly(tenant: QueryTenant) -> Rows:
    rows = _sheet(tenant, "macrodata.xls", "Monthly")[1:]
    people = max(row[3] for row in rows if row[3] != "")
    return [[len(rows), sum(row[1] != "" for row in rows), people, min(row[0] for row in rows)]]


def gross_product(tenant: QueryTenant) -> Rows:
    years: dict[int, list[float]] = defaultdict(list)
    for row in _sheet(tenant, "macrodata.xls", "Quarterly")[1:]:
        if 1990 <= row[0].year <= 1993:
            years[row[0].year].append(row[3])
    return [[year, sum(found) / len(found)] for year, found in sorted(years.items())]


def series(tenant: QueryTenant) -> Rows:
    header, *rows = _sheet(tenant, "nowcast_spec_blocks.xls", "spec")
    places = [header.index(name) for name in ("SeriesID", "Frequency", "Category")]
    return sorted([row[place] for place in places] for row in rows)
