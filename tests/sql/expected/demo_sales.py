"""The queries over Alice's sales of 2026, computed from the stored bytes by Python's csv."""

from __future__ import annotations

import csv
import io
import statistics as measures
from collections import Counter, defaultdict
from collections.abc import Iterable
from typing import Any

from tests.sql.query_tenant import QueryTenant

Rows = list[list[Any]]
Records = list[dict[str, str]]


def _month(tenant: QueryTenant, month: int) -> Records:
    stored = tenant.stored("alice_contoso_com/Documents", f"/Reports/2026/sales-2026-{month:02d}.csv")
    return list(csv.DictReader(io.StringIO(stored.decode(), newline="")))


def _sales(tenant: QueryTenant) -> Records:
    return [record for month in range(1, 7) for record in _month(tenant, month)]


def _pieces(records: Iterable[dict[str, str]]) -> int:
    return sum(int(record["quantity"]) for record in records)


def _pieces_by(records: Records, column: str) -> dict[str, int]:
    counted: Counter[str] = Counter()
    for record in records:
        counted[record[column]] += int(record["quantity"])
    return dict(sorted(counted.items()))


def by_file(tenant: QueryTenant) -> Rows:
    months = {month: _month(tenant, month) for month in range(1, 7)}
    return [
        [f"sales-2026-{month:02d}.csv", "Alice Romero", len(found), _pieces(found)]
        for month, found in months.items()
    ]


def by_product_name(tenant: QueryTenant) -> Rows:
    stored = tenant.stored("/Sales/Shared%20Documents", "/Products.csv")
    names = {row["code"]: row["name"] for row in csv.DictReader(io.StringIO(stored.decode(), newline=""))}
    return sorted([names[code], pieces] for code, pieces in _pieces_by(_sales(tenant), "product").items())


def by_region(tenant: QueryTenant) -> Rows:
    amounts: dict[str, float] = defaultdict(float)
    for record in _sales(tenant):
        amounts[record["region"]] += float(record["amount"])
    pieces = _pieces_by(_sales(tenant), "region")
    return [[region, pieces[region], round(amounts[region], 2)] for region in pieces]


def pieces_by_region(tenant: QueryTenant) -> Rows:
    return [[region, pieces] for region, pieces in _pieces_by(_sales(tenant), "region").items()]


def with_month_before(tenant: QueryTenant) -> Rows:
    sums = [round(sum(float(each["amount"]) for each in _month(tenant, month)), 2) for month in range(1, 7)]
    return [[month, sums[month - 1], sums[month - 2] if month > 1 else None] for month in range(1, 7)]


def grouping_sets(tenant: QueryTenant) -> Rows:
    sales = _sales(tenant)
    by_regions = [[region, None, pieces, 1] for region, pieces in _pieces_by(sales, "region").items()]
    by_products = [[None, product, pieces, 2] for product, pieces in _pieces_by(sales, "product").items()]
    return [*by_regions, *by_products, [None, None, _pieces(sales), 3]]


def rolled_up(tenant: QueryTenant) -> Rows:
    counted = Counter(record["region"] for record in _sales(tenant))
    return [
        *([region, None, count] for region, count in sorted(counted.items())),
        [None, None, counted.total()],
    ]


def pivoted(tenant: QueryTenant) -> Rows:
    sales = _sales(tenant)
    rows: Rows = []
    for product in sorted({record["product"] for record in sales}):
        regions = _pieces_by([record for record in sales if record["product"] == product], "region")
        rows.append([product, regions["APAC"], regions["EMEA"]])
    return rows


def pivoted_january(tenant: QueryTenant) -> Rows:
    regions = _pieces_by(_month(tenant, 1), "region")
    return [[regions["APAC"], regions["Americas"], regions["EMEA"]]]


def statistics(tenant: QueryTenant) -> Rows:
    sales = _sales(tenant)
    pieces = [int(record["quantity"]) for record in sales]
    ((product, _),) = Counter(record["product"] for record in sales).most_common(1)
    quarter = measures.quantiles(pieces, n=4, method="inclusive")[0]
    spread = measures.stdev(float(record["amount"]) for record in sales)
    return [[measures.median(pieces), quarter, product, round(spread, 6), 3]]
