"""The queries over JSON files, computed by Python's json."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from typing import Any

from tests.sql.query_tenant import QueryTenant

Rows = list[list[Any]]


def _sample(tenant: QueryTenant, name: str) -> Any:
    return json.loads(tenant.sample(name).read_bytes())


def _invoices(tenant: QueryTenant) -> Any:
    return json.loads(tenant.stored("/Finance/Shared%20Documents", "/Invoices/2026.json"))


def cars_by_origin(tenant: QueryTenant) -> Rows:
    groups = defaultdict(list)
    for car in _sample(tenant, "vega_cars.json"):
        groups[car["Origin"]].append(car)
    return [
        [
            origin,
            len(cars),
            sum(car["Horsepower"] is not None for car in cars),
            sum(car["Weight_in_lbs"] for car in cars) / len(cars),
        ]
        for origin, cars in sorted(groups.items())
    ]


def cars_without_mileage(tenant: QueryTenant) -> Rows:
    return [[sum(car["Miles_per_Gallon"] is None for car in _sample(tenant, "vega_cars.json"))]]


def years_of_cars(tenant: QueryTenant) -> Rows:
    return [["DATE", len({car["Year"] for car in _sample(tenant, "vega_cars.json")})]]


def barley_of_waseca(tenant: QueryTenant) -> Rows:
    grown: Counter[tuple[str, int]] = Counter()
    for field in _sample(tenant, "vega_barley.json"):
        if field["site"] == "Waseca":
            grown[field["variety"], field["year"]] += field["yield"]
    return [[*key, total] for key, total in sorted(grown.items())]


def longest_petals(tenant: QueryTenant) -> Rows:
    longest: dict[str, float] = defaultdict(float)
    for flower in _sample(tenant, "vega_iris.json"):
        longest[flower["species"]] = max(longest[flower["species"]], flower["petalLength"])
    return [[species, length] for species, length in sorted(longest.items())]


def airports_whole(tenant: QueryTenant) -> Rows:
    found = _sample(tenant, "bokeh_airports.json")
    return [[found["displayFieldName"], len(found["features"]), len(found["fields"])]]


def airports_unnested(tenant: QueryTenant) -> Rows:
    features = _sample(tenant, "bokeh_airports.json")["features"]
    names = [feature["attributes"]["nam"] for feature in features]
    return [[len(features), min(names), max(feature["geometry"]["x"] for feature in features)]]


def geojson_features(tenant: QueryTenant) -> Rows:
    features = _sample(tenant, "bokeh_sample_geojson.geojson")["features"]
    kinds = {feature["properties"]["OrganisationType"] for feature in features}
    return [[len(features), len(kinds), max(feature["geometry"]["coordinates"][1] for feature in features)]]


def deliveries(tenant: QueryTenant) -> Rows:
    stored = tenant.stored("/Operations/Shared%20Documents", "/Deliveries/2026-06.jsonl")
    found = [json.loads(line) for line in stored.splitlines()]
    return [
        [
            len(found),
            round(sum(each["weight_kg"] for each in found), 1),
            max(each["delivery"] for each in found),
        ]
    ]


def quantities_by_customer(tenant: QueryTenant) -> Rows:
    sold: Counter[str] = Counter()
    for invoice in _invoices(tenant):
        sold[invoice["customer"]] += sum(line["quantity"] for line in invoice["lines"])
    return [[customer, quantity] for customer, quantity in sorted(sold.items())]


def quantities_by_product(tenant: QueryTenant) -> Rows:
    sold: Counter[str] = Counter()
    for invoice in _invoices(tenant):
        for line in invoice["lines"]:
            sold[line["product"]] += line["quantity"]
    return [[product, quantity] for product, quantity in sorted(sold.items())]


def first_invoices(tenant: QueryTenant) -> Rows:
    rows: Rows = []
    for invoice in sorted(_invoices(tenant), key=lambda invoice: str(invoice["number"]))[:3]:
        quantities = [line["quantity"] for line in invoice["lines"]]
        products = [line["product"] for line in invoice["lines"]]
        rows.append([invoice["number"], sum(quantities), sum(each > 5 for each in quantities), products])
    return rows
