"""pandas, polars, pyarrow, DuckDB and Dask read and write CSV and Parquet on OneDrive through nothing but its URLs or files."""

from __future__ import annotations

from typing import Any

import duckdb
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.dataset as ds
import pyarrow.parquet as pq
import pytest

from .conftest import Tenant

ROWS = 2000


@pytest.fixture
def frame() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "id": range(ROWS),
            "name": [f"näme {number}" for number in range(ROWS)],
            "part": [n % 3 for n in range(ROWS)],
        }
    )


@pytest.fixture
def options(tenant: Tenant) -> dict[str, Any]:
    return tenant.parameters


@pytest.mark.parametrize("url", ["onedrive:///new/100% #1.csv", "driveql:///a.csv.gz"])
def test_pandas_csv(tenant: Tenant, frame: pd.DataFrame, options: dict[str, Any], url: str) -> None:
    frame.to_csv(url, index=False, storage_options=options)
    pd.testing.assert_frame_equal(pd.read_csv(url, storage_options=options), frame)
    assert set(tenant.store.tree()) == {url.partition("://")[2]}


def test_pandas_parquet(frame: pd.DataFrame, options: dict[str, Any]) -> None:
    url = "onedrive:///a.parquet"
    frame.to_parquet(url, storage_options=options)
    pd.testing.assert_frame_equal(pd.read_parquet(url, storage_options=options), frame)
    columns = pd.read_parquet(url, columns=["name"], storage_options=options)
    assert list(columns) == ["name"]
    frame.to_parquet("onedrive:///parted", partition_cols=["part"], storage_options=options)
    back = pd.read_parquet("onedrive:///parted", filters=[("part", "==", 1)], storage_options=options)
    assert sorted(back["id"]) == [number for number in range(ROWS) if number % 3 == 1]


def test_pandas_json_and_excel(tenant: Tenant, frame: pd.DataFrame, options: dict[str, Any]) -> None:
    frame.to_json("onedrive:///a.jsonl", orient="records", lines=True, storage_options=options)
    back = pd.read_json("onedrive:///a.jsonl", orient="records", lines=True, storage_options=options)
    pd.testing.assert_frame_equal(back, frame)
    frame.to_excel("onedrive:///a.xlsx", index=False, engine="xlsxwriter", storage_options=options)
    back = pd.read_excel("onedrive:///a.xlsx", engine="calamine", storage_options=options)
    assert list(back["name"]) == list(frame["name"])


def test_polars(tenant: Tenant, frame: pd.DataFrame) -> None:
    data = pl.DataFrame(frame.to_dict("list"))
    with tenant.fs.open("/p.parquet", "wb") as file:
        data.write_parquet(file)
    with tenant.fs.open("/p.csv", "wb") as file:
        data.write_csv(file)
    with tenant.fs.open("/p.parquet") as file:
        assert pl.read_parquet(file).equals(data)
    with tenant.fs.open("/p.csv") as file:
        assert pl.read_csv(file).equals(data)
    dataset = ds.dataset("/p.parquet", filesystem=tenant.fs)
    scanned = pl.scan_pyarrow_dataset(dataset).filter(pl.col("id") < 10).collect()
    assert scanned["id"].to_list() == list(range(10))


def test_a_pyarrow_dataset(tenant: Tenant, frame: pd.DataFrame) -> None:
    table = pa.Table.from_pandas(frame)
    for root in ("/hive", f"onedrive://drives/{tenant.store.id}/hive 2"):
        ds.write_dataset(
            table,
            root,
            format="parquet",
            filesystem=tenant.fs,
            partitioning=["part"],
            partitioning_flavor="hive",
        )
        dataset = ds.dataset(root, filesystem=tenant.fs, partitioning="hive")
        assert len(dataset.files) == 3
        found = dataset.to_table(columns=["id"], filter=(ds.field("part") == 2) & (ds.field("id") < 100))
        assert sorted(found["id"].to_pylist()) == [number for number in range(100) if number % 3 == 2]
        assert dataset.count_rows() == ROWS
    ds.write_dataset(table, "/csv", format="csv", filesystem=tenant.fs)
    assert ds.dataset("/csv", format="csv", filesystem=tenant.fs).to_table().num_rows == ROWS


def test_a_column_of_a_large_parquet_file_costs_its_own_bytes(tenant: Tenant) -> None:
    wide = pa.table({f"c{number}": pa.array([f"{number}-{row}-{row * 7919 % 10007}" for row in range(30_000)])
                     for number in range(24)})  # fmt: skip
    pq.write_table(wide, "/wide.parquet", filesystem=tenant.fs, compression="none", use_dictionary=False)
    size = tenant.fs.size("/wide.parquet")
    assert size > 5_000_000
    before = tenant.fs.onedrive.session.statistics.bytes_received
    column = pq.read_table("/wide.parquet", columns=["c7"], filesystem=tenant.fs)
    assert column.equals(wide.select(["c7"]))
    assert tenant.fs.onedrive.session.statistics.bytes_received - before < size / 4


def test_duckdb(tenant: Tenant, frame: pd.DataFrame) -> None:
    with tenant.fs.open("/in 1.csv", "wb") as file:
        frame.to_csv(file, index=False)
    with duckdb.connect() as connection:
        connection.register_filesystem(tenant.fs)
        (count,) = connection.execute("SELECT count(*) FROM read_csv('onedrive:///in*.csv')").fetchone()
        assert count == ROWS
        connection.execute(
            "COPY (SELECT * FROM range(5000) t(i)) TO 'onedrive:///out.parquet' (FORMAT parquet)"
        )
        (total,) = connection.execute("SELECT sum(i) FROM 'onedrive:///out.parquet'").fetchone()
        assert total == sum(range(5000))
        connection.execute("COPY (SELECT * FROM range(50) t(i)) TO 'driveql:///out.csv' (HEADER)")
        assert tenant.fs.cat_file("/out.csv").startswith(b"i\n0\n")


# Dask 2026.8 uses what pandas 3.1 deprecates.
@pytest.mark.filterwarnings("ignore:The inplace keyword")
def test_dask(tenant: Tenant, frame: pd.DataFrame, options: dict[str, Any]) -> None:
    dd = pytest.importorskip("dask.dataframe")
    import dask

    with dask.config.set(scheduler="threads", num_workers=2):
        many = dd.from_pandas(frame, npartitions=3)
        many.to_parquet("onedrive:///dask/parquet", storage_options=options)
        back = dd.read_parquet("onedrive:///dask/parquet", storage_options=options)
        assert int(back["id"].sum().compute()) == sum(range(ROWS))
        many.to_csv("onedrive:///dask/csv/*.csv", index=False, storage_options=options)
        back = dd.read_csv("onedrive:///dask/csv/*.csv", storage_options=options)
        assert len(back) == ROWS
        assert len(tenant.fs.glob("/dask/csv/*.csv")) == 3
