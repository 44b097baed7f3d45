"""The files that `driveql demo` uploads, made from one fixed seed, and the answers that SQL over them must give."""

from __future__ import annotations

import csv
import json
import random
from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

_REGIONS = ("Americas", "APAC", "EMEA")
_PRODUCTS = {
    "P-100": ("Desk lamp", 39.9),
    "P-200": ("Office chair", 189.0),
    "P-300": ("Standing desk", 449.5),
}
_QUARTERS = {"Q1 #1 100%.csv": 1, "Q2 (final) & checked.csv": 4, "Q3 März–September.csv": 7}
_TARGETS = {"Americas": 290_000, "APAC": 275_000, "EMEA": 310_000}


@dataclass(frozen=True, slots=True)
class Expected:
    """What the queries must give.

    `folders`: path below the drive's root → (files, bytes). `regions`: region → (amount in cents, target).
    `lines`: file name → (bytes, lines of sales).
    """

    folders: dict[str, tuple[int, int]]
    regions: dict[str, tuple[int, int]]
    lines: dict[str, tuple[int, int]]


def write_files(root: Path, place: str) -> Expected:
    """Write the demo's files below `root`, and return what must be found once they are at `place` in the drive."""
    dice = random.Random(2026)  # noqa: S311 - invented data, not secrets
    for folder in ("Sales/2026", "Stock", "Notes", "Archive/empty"):
        (root / folder).mkdir(parents=True)
    cents: dict[str, int] = defaultdict(int)
    lines: dict[str, tuple[int, int]] = {}
    for name, month in _QUARTERS.items():
        path = root / "Sales/2026" / name
        count = _sales(path, month, dice, cents)
        lines[name] = path.stat().st_size, count
    _targets(root / "Sales/Übersicht & Plan.xlsx")
    (root / "Sales/products.json").write_text(
        json.dumps(
            [{"product": key, "name": name, "price": price} for key, (name, price) in _PRODUCTS.items()]
        ),
        encoding="utf-8",
    )
    _stock(root / "Stock/stock.parquet", dice)
    (root / "Notes/Besprechung 12. März.md").write_text(
        "# Besprechung\n\n- Preise für Q4\n- 会議: 東京\n", encoding="utf-8"
    )
    (root / "Notes/nothing yet.txt").write_bytes(b"")
    folders: dict[str, tuple[int, int]] = {}
    for path in sorted(path for path in root.rglob("*") if path.is_file()):
        parent = f"{place}/{path.parent.relative_to(root).as_posix()}"
        files, size = folders.get(parent, (0, 0))
        folders[parent] = files + 1, size + path.stat().st_size
    regions = {region: (cents[region], _TARGETS[region]) for region in _REGIONS}
    return Expected(folders, regions, lines)


def _sales(path: Path, month: int, dice: random.Random, cents: dict[str, int]) -> int:
    day, count = date(2026, month, 1), dice.randrange(180, 260)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["date", "region", "product", "quantity", "amount"])
        for _ in range(count):
            region, product = dice.choice(_REGIONS), dice.choice(list(_PRODUCTS))
            quantity = dice.randrange(1, 12)
            amount = round(_PRODUCTS[product][1] * quantity * 100)
            cents[region] += amount
            when = day + timedelta(days=dice.randrange(90))
            writer.writerow([when.isoformat(), region, product, quantity, f"{amount / 100:.2f}"])
    return count


def _targets(path: Path) -> None:
    import xlsxwriter

    with xlsxwriter.Workbook(str(path)) as book:
        book.set_properties({"created": datetime(2026, 1, 7, tzinfo=UTC)})
        sheet = book.add_worksheet("Targets")
        bold = book.add_format({"bold": True})
        sheet.write_row(0, 0, ["region", "target", "owner"], bold)
        for row, (region, target) in enumerate(_TARGETS.items(), start=1):
            sheet.write_row(row, 0, [region, target, f"Lead {region}"])
        book.add_worksheet("Remarks").write(0, 0, "Targets are in EUR, without tax.")


def _stock(path: Path, dice: random.Random) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    rows = [
        (product, site, dice.randrange(5, 400))
        for product in _PRODUCTS
        for site in ("Zürich", "Osaka", "Reno")
    ]
    columns = list(zip(*rows, strict=True))
    table = pa.table(
        {"product": columns[0], "warehouse": columns[1], "on_hand": pa.array(columns[2], pa.int32())}
    )
    pq.write_table(table, path, compression="zstd")
