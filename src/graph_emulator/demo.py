"""The demo tenant: Contoso, an invented trading company, with people, teams, sites and files that look real.

Everything follows from one fixed random seed, so that two demo tenants hold the same bytes.
"""

from __future__ import annotations

import csv
import io
import json
import random
from collections.abc import Iterable
from datetime import UTC, datetime

from graph_emulator.store import Drive, Tenant, User

_PEOPLE = (
    ("alice", "Alice", "Romero", "Financial Controller", "Finance", "Madrid"),
    ("bruno", "Bruno", "Keller", "Sales Manager", "Sales", "Zürich"),
    ("chiara", "Chiara", "Lindqvist", "Data Engineer", "IT", "Stockholm"),
    ("dmitri", "Dmitri", "O'Neill", "Logistics Planner", "Operations", "Dublin"),
    ("emi", "Emi", "Tanaka", "Project Lead", "Operations", "Osaka"),
)
_REGIONS = ("EMEA", "Americas", "APAC")
_PRODUCTS = (
    ("P-100", "Desk lamp", 39.9),
    ("P-200", "Office chair", 189.0),
    ("P-300", "Standing desk", 449.5),
)


def plant_demo(tenant: Tenant) -> None:
    """Fill `tenant` with the demo company. A guest has no drive, and one library has names that need care."""
    dice = random.Random(20260107)  # noqa: S311  # invented data, not secrets
    users = [_person(tenant, *person) for person in _PEOPLE]
    guest = tenant.add_user(
        "pat_partner.example#EXT#",
        "Pat Partner",
        drive=False,
        userType="Guest",
        mail="pat@partner.example",
        givenName="Pat",
        surname="Partner",
    )
    finance = tenant.add_group(
        "Finance",
        [users[0], users[1]],
        description="Budgets, invoices and reports",
        proxyAddresses=["SMTP:Finance@contoso.com"],
        resourceProvisioningOptions=["Team"],
        createdDateTime="2025-03-01T08:00:00Z",
    )
    tenant.add_group("Project Aurora", [users[2], users[4], guest], description="Warehouse automation")
    tenant.add_group("All Employees", [*users, finance], drive=False, description="Everybody on the payroll")
    sales = tenant.add_site(
        "sites/Sales", "Sales", libraries=("Documents", "Contracts"), description="Offers"
    )
    operations = tenant.add_site("sites/Operations", "Operations", description="Stock and deliveries")
    tenant.add_site("sites/Operations/Osaka", "Operations Osaka", description="The team in Japan")
    for user in users:
        _personal_files(user, dice)
    if finance.drive is not None:
        _finance_files(finance.drive, dice)
    _sales_files(sales.drives[0], dice)
    _odd_names(sales.drives[1])
    _stock_files(operations.drives[0], dice)


def _person(
    tenant: Tenant, name: str, given: str, surname: str, title: str, department: str, city: str
) -> User:
    return tenant.add_user(
        name,
        f"{given} {surname}",
        givenName=given,
        surname=surname,
        jobTitle=title,
        department=department,
        city=city,
        officeLocation=f"{city} HQ",
        companyName="Contoso",
        preferredLanguage="en-US",
        businessPhones=[f"+1 425 555 01{len(tenant.users):02d}"],
        createdDateTime="2025-03-01T08:00:00Z",
    )


def _personal_files(user: User, dice: random.Random) -> None:
    if user.drive is None:
        return
    given = user.display_name.partition(" ")[0]
    notes = f"# Notes of {given}\n\n- ask for the figures of the last quarter\n- book the room for Thursday\n"
    user.drive.put_file("/Notes/todo.md", notes.encode(), modified=_moment(2026, 6, 12))
    user.drive.put_file("/Notes/Empty.txt", b"", modified=_moment(2026, 6, 13))
    for month in range(1, 7):
        table = _table(("date", "region", "product", "quantity", "amount"), _sales(2026, month, dice))
        user.drive.put_file(
            f"/Reports/2026/sales-2026-{month:02d}.csv", table, modified=_moment(2026, month, 28)
        )
    profile = {"name": user.display_name, "mail": user.properties["mail"], "themes": ["dark", "compact"]}
    user.drive.put_file("/Settings/profile.json", _json(profile), modified=_moment(2026, 2, 3))


def _finance_files(drive: Drive, dice: random.Random) -> None:
    accounts = [
        (4000 + 10 * index, name) for index, name in enumerate(("Revenue", "Travel", "Rent", "Software"))
    ]
    drive.put_file("/Accounts.csv", _table(("account", "name"), accounts), modified=_moment(2026, 1, 5))
    for year in (2025, 2026):
        for quarter in range(1, 5 if year == 2025 else 3):
            rows = [(number, name, round(dice.uniform(900, 90_000), 2)) for number, name in accounts]
            table = _table(("account", "name", "amount"), rows)
            drive.put_file(f"/Ledger/{year}/Q{quarter}.csv", table, modified=_moment(year, quarter * 3, 30))
    invoices = [
        {
            "number": f"INV-{index:05d}",
            "date": f"2026-{dice.randint(1, 6):02d}-{dice.randint(1, 28):02d}",
            "customer": dice.choice(("Fabrikam", "Adventure Works", "Northwind")),
            "lines": [{"product": code, "quantity": dice.randint(1, 9)} for code, _, _ in _PRODUCTS],
        }
        for index in range(1, 41)
    ]
    drive.put_file("/Invoices/2026.json", _json(invoices), modified=_moment(2026, 6, 30))


def _sales_files(drive: Drive, dice: random.Random) -> None:
    drive.put_file(
        "/Products.csv", _table(("code", "name", "price"), _PRODUCTS), modified=_moment(2026, 1, 2)
    )
    for year in (2024, 2025, 2026):
        for month in range(1, 13 if year < 2026 else 7):
            table = _table(("date", "region", "product", "quantity", "amount"), _sales(year, month, dice))
            drive.put_file(
                f"/Orders/{year}/orders-{year}-{month:02d}.csv", table, modified=_moment(year, month, 28)
            )
    drive.put_file("/Templates/Offer.txt", b"Dear customer,\n\nwe offer ...\n", modified=_moment(2025, 9, 9))


def _odd_names(drive: Drive) -> None:
    names = (
        "Fabrikam #7 (100%).txt",
        "R&D + Legal; v1,2.txt",
        "Ångström's notes – final.txt",
        "契約書.txt",
        "🚚 delivery.txt",
        "%41 is not A.txt",
        "a=b@c!$.txt",
    )
    for name in names:
        drive.put_file(f"/Odd names/{name}", f"{name}\n".encode(), modified=_moment(2026, 4, 1))
    drive.put_file("/" + "/".join(f"Level {level}" for level in range(1, 9)) + "/deep.txt", b"deep\n")


def _stock_files(drive: Drive, dice: random.Random) -> None:
    for city in ("Madrid", "Zürich", "Osaka"):
        rows = [(code, name, dice.randint(0, 500)) for code, name, _ in _PRODUCTS]
        table = _table(("code", "name", "stock"), rows)
        drive.put_file(f"/Stock/{city}.csv", table, modified=_moment(2026, 6, 1))
    lines = "".join(
        json.dumps({"delivery": number, "weight_kg": round(dice.uniform(1, 800), 1)}) + "\n"
        for number in range(200)
    )
    drive.put_file("/Deliveries/2026-06.jsonl", lines.encode(), modified=_moment(2026, 6, 30))


def _sales(year: int, month: int, dice: random.Random) -> Iterable[tuple[str, str, str, int, float]]:
    for day in range(1, 29):
        for region in _REGIONS:
            code, _, price = dice.choice(_PRODUCTS)
            quantity = dice.randint(1, 30)
            yield f"{year}-{month:02d}-{day:02d}", region, code, quantity, round(quantity * price, 2)


def _table(header: tuple[str, ...], rows: Iterable[tuple[object, ...]]) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(header)
    writer.writerows(rows)
    return text.getvalue().encode("utf-8")


def _json(content: object) -> bytes:
    return json.dumps(content, indent=2, ensure_ascii=False).encode("utf-8")


def _moment(year: int, month: int, day: int) -> float:
    return datetime(year, month, day, 9, 30, tzinfo=UTC).timestamp()
