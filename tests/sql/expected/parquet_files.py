"""The queries over Parquet files, computed by pyarrow."""

from __future__ import annotations

import csv
import math
from collections import Counter
from typing import Any

import pyarrow.parquet as pq
from tests.sql.query_tenant import QueryTenant

Rows = list[list[Any]]


def _records(tenant: QueryTenant, name: str) -> list[dict[str, Any]]:
    records: list[dict[str, Any]] = pq.read_table(tenant.sample(f"parquet_{name}.parquet")).to_pylist()
    return records


def all_types(tenant: QueryTenant) -> Rows:
    names = "id bool_col tinyint_col int_col bigint_col float_col double_col date_string_col timestamp_col"
    rows = [[record[name] for name in names.split()] for record in _records(tenant, "alltypes_plain")]
    return [[*row[:-1], row[-1].isoformat()] for row in sorted(rows, key=lambda row: int(row[0]))]


def two_encodings(tenant: QueryTenant) -> Rows:
    records = _records(tenant, "alltypes_dictionary") + _records(tenant, "alltypes_plain.snappy")
    return sorted([record["id"], record["string_col"]] for record in records)


def decimals(tenant: QueryTenant) -> Rows:
    values = [record["value"] for record in _records(tenant, "int64_decimal")]
    return [[sum(values), min(values), max(values), "DECIMAL(10,2)"]]


def lists(tenant: QueryTenant) -> Rows:
    return [
        [
            record["int64_list"],
            record["utf8_list"],
            None if record["int64_list"] is None else len(record["int64_list"]),
        ]
        for record in _records(tenant, "list_columns")
    ]


def unnested(tenant: QueryTenant) -> Rows:
    found = [each for record in _records(tenant, "list_columns") for each in record["int64_list"] or ()]
    return sorted([each] for each in found if each is not None)


def maps(tenant: QueryTenant) -> Rows:
    rows = [
        [record["b"], record["c"], [key for key, _ in record["a"]], len(record["a"])]
        for record in _records(tenant, "nested_maps.snappy")
    ]
    return sorted(rows, key=lambda row: (row[0], row[1]))


def data_pages(tenant: QueryTenant) -> Rows:
    return [[record[name] for name in "abcde"] for record in _records(tenant, "datapage_v2.snappy")]


def single_nan(tenant: QueryTenant) -> Rows:
    (record,) = _records(tenant, "single_nan")
    value = record["mycol"]
    assert value is None or math.isnan(value)
    return [[1, int(value is not None), value is None]]


def streams(tenant: QueryTenant) -> Rows:
    records = _records(tenant, "byte_stream_split.zstd")
    return [[len(records), sum(each["f32"] for each in records), sum(each["f64"] for each in records)]]


def births(tenant: QueryTenant) -> Rows:
    records = _records(tenant, "delta_encoding_required_column")
    years = Counter(record["c_birth_year:"] for record in records)
    return sorted(([year, count] for year, count in years.items()), key=lambda row: (-row[1], row[0]))[:5]


def same_as_csv(tenant: QueryTenant) -> Rows:
    text = tenant.sample("parquet_delta_encoding_required_column_expect.csv").read_text(encoding="utf-8")
    written = {(int(row[0]), row[12]) for row in list(csv.reader(text.splitlines()))[1:]}
    records = _records(tenant, "delta_encoding_required_column")
    return [[len(written & {(each["c_customer_sk:"], each["c_last_name:"]) for each in records})]]


def filtered(tenant: QueryTenant) -> Rows:
    records = _records(tenant, "alltypes_plain")
    return sorted([each["id"]] for each in records if not each["bool_col"] and each["bigint_col"] == 10)
