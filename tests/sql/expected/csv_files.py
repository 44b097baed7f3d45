"""The queries over CSV files, computed by Python's csv."""

from __future__ import annotations

import csv
import gzip
import hashlib
import io
from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from tests.sql.query_tenant import QueryTenant

Rows = list[list[Any]]
Records = list[dict[str, str]]


def _records(tenant: QueryTenant, name: str) -> Records:
    data = tenant.sample(name).read_bytes()
    text = (gzip.decompress(data) if name.endswith(".gz") else data).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline="")))


def _grouped(records: Records, key: str) -> dict[str, Records]:
    groups: dict[str, Records] = defaultdict(list)
    for record in records:
        groups[record[key]].append(record)
    return dict(sorted(groups.items()))


def _numbers(records: Iterable[dict[str, str]], column: str) -> list[float]:
    return [float(record[column]) for record in records if record[column] != ""]


def penguins_counted(tenant: QueryTenant) -> Rows:
    records = _records(tenant, "bokeh_penguins.csv")
    masses = _numbers(records, "body_mass_g")
    return [[len(records), len(masses), sum(masses)]]


def mass_by_species(tenant: QueryTenant) -> Rows:
    groups = _grouped(_records(tenant, "bokeh_penguins.csv"), "species")
    masses = {name: _numbers(group, "body_mass_g") for name, group in groups.items()}
    return [[name, round(sum(found) / len(found), 6)] for name, found in masses.items()]


def penguins_without_sex(tenant: QueryTenant) -> Rows:
    return [[sum(record["sex"] == "" for record in _records(tenant, "bokeh_penguins.csv"))]]


def airports_as_text(tenant: QueryTenant) -> Rows:
    records = _records(tenant, "nycflights_airports.csv")
    return [[max(record["alt"] for record in records), min(record["faa"] for record in records)]]


def small_allisons(tenant: QueryTenant) -> Rows:
    return sorted(
        [record["name"], float(record["age"]), record["survived"] == "1"]
        for record in _records(tenant, "bokeh_titanic_all.csv")
        if record["name"].startswith("Allison")
        and record["age"] not in ("", "NA")
        and float(record["age"]) < 3
    )


def dearest_by_symbol(tenant: QueryTenant) -> Rows:
    groups = _grouped(_records(tenant, "vega_stocks.csv"), "symbol")
    return [[name, max(_numbers(group, "price")), True] for name, group in groups.items()]


def newest_price_by_symbol(tenant: QueryTenant) -> Rows:
    def moment(record: dict[str, str]) -> datetime:
        return datetime.strptime(record["date"], "%b %d %Y")

    groups = _grouped(_records(tenant, "vega_stocks.csv"), "symbol")
    return [[name, float(max(group, key=moment)["price"])] for name, group in groups.items()]


def prices_of_a_byte(tenant: QueryTenant) -> Rows:
    prices = _numbers(_records(tenant, "vega_stocks.csv"), "price")
    return [[sum(round(price) <= 255 for price in prices)]]


def weather_span(tenant: QueryTenant) -> Rows:
    dates = [record["date"] for record in _records(tenant, "vega_seattle-weather.csv")]
    return [[min(dates).replace("/", "-"), max(dates).replace("/", "-"), len({date[:7] for date in dates})]]


def rain_by_month(tenant: QueryTenant) -> Rows:
    rain: dict[int, float] = defaultdict(float)
    for record in _records(tenant, "vega_seattle-weather.csv"):
        rain[int(record["date"][5:7])] += float(record["precipitation"])
    return [[month, round(total, 4)] for month, total in sorted(rain.items())]


def sprinters_of_2012(tenant: QueryTenant) -> Rows:
    text = tenant.sample("bokeh_sprint.csv").read_text(encoding="utf-8")
    rows = [[field.strip() for field in row] for row in csv.reader(text.splitlines(), skipinitialspace=True)]
    return sorted(
        ([row[0], float(row[3])] for row in rows if row[4] == "2012"), key=lambda row: float(row[1])
    )


def places_in_the_superstore(tenant: QueryTenant) -> Rows:
    records = _records(tenant, "bokeh_SampleSuperstore.csv.gz")
    return [[len(records), len({record["Postal Code"] for record in records})]]


def sales_by_region(tenant: QueryTenant) -> Rows:
    groups = _grouped(_records(tenant, "bokeh_SampleSuperstore.csv.gz"), "Region")
    return [[name, round(sum(_numbers(group, "Sales")), 2)] for name, group in groups.items()]


def flights_by_file(tenant: QueryTenant) -> Rows:
    names = ("nycflights_airlines.csv", "nycflights_airports.csv")
    return [[name, len(_records(tenant, name))] for name in names]


def flights_united(tenant: QueryTenant) -> Rows:
    airlines, airports = (
        len(_records(tenant, "nycflights_airlines.csv")),
        len(_records(tenant, "nycflights_airports.csv")),
    )
    return [[airlines + airports, airlines, airports, airlines + airports]]


def airlines_item(tenant: QueryTenant) -> Rows:
    name = "nycflights_airlines.csv"
    return [[name, f"/{name}", tenant.sample(name).stat().st_size]]


def airlines_before_b(tenant: QueryTenant) -> Rows:
    records = _records(tenant, "nycflights_airlines.csv")
    return sorted([record["carrier"], record["name"]] for record in records if record["carrier"] < "B")


def two_elements(tenant: QueryTenant) -> Rows:
    return [
        [int(record["atomic number"]), float(record["IE-1"])]
        for record in _records(tenant, "bokeh_elements.csv")
        if record["symbol"].strip() in ("He", "O")
    ]


def raw_penguins(tenant: QueryTenant) -> Rows:
    return [
        [float(record["Culmen Length (mm)"]), float(record["Delta 15 N (o/oo)"])]
        for record in _records(tenant, "penguins-raw.csv")
        if record["Sample Number"] == "5" and record["studyName"] == "PAL0708"
    ]


def employment_without_twenty(tenant: QueryTenant) -> Rows:
    return [[len(_records(tenant, "vega_us-employment.csv")) - 20]]


def lines_of_elements(tenant: QueryTenant) -> Rows:
    lines = tenant.sample("bokeh_elements.csv").read_text(encoding="utf-8").splitlines()
    return [[len(lines), max(map(len, lines))]]


def orders_of_2024(tenant: QueryTenant) -> Rows:
    found: list[dict[str, str]] = []
    for month in range(1, 13):
        stored = tenant.stored("/Sales/Shared%20Documents", f"/Orders/2024/orders-2024-{month:02d}.csv")
        found += csv.DictReader(io.StringIO(stored.decode(), newline=""))
    return [[len(found), sum(int(record["quantity"]) for record in found)]]


def penguins_md5(tenant: QueryTenant) -> Rows:
    content = tenant.sample("bokeh_penguins.csv").read_bytes()
    return [[hashlib.md5(content).hexdigest(), len(content)]]
