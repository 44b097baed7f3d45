"""The three queries of `driveql demo`, and what each must give."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from driveql.cli.demo_files import Expected

Rows = list[tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class Query:
    """A query, its heading, what it proves once its rows are right, and the rows it must give."""

    title: str
    sql: str
    proof: str
    expected: Callable[[Expected], Rows]


def _folders(expected: Expected) -> Rows:
    return [(path, files, size) for path, (files, size) in sorted(expected.folders.items())]


def _regions(expected: Expected) -> Rows:
    return [
        (region, cents / 100, target, round(cents / target, 1))
        for region, (cents, target) in sorted(expected.regions.items())
    ]


def _lines(expected: Expected) -> Rows:
    return [(name, size, lines) for name, (size, lines) in sorted(expected.lines.items())]


QUERIES = (
    Query(
        "SQL over the listing",
        """
SELECT parent_path, count(*) AS files, sum(size) AS bytes
FROM files
WHERE path LIKE '/driveql demo/%'
GROUP BY parent_path
ORDER BY parent_path""",
        "only that folder was listed; the sums are right",
        _folders,
    ),
    Query(
        "SQL over what is in the files: CSV joined with an Excel sheet",
        """
SELECT s.region, round(sum(s.amount), 2) AS sold, t.target, round(100 * sum(s.amount) / t.target, 1) AS percent
FROM read_csv('onedrive:/driveql demo/Sales/2026/*.csv') s
JOIN read_xlsx('onedrive:/driveql demo/Sales/Übersicht & Plan.xlsx', sheet = 'Targets') t ON t.region = s.region
GROUP BY s.region, t.target
ORDER BY s.region""",
        "three CSV files and a workbook, read where they lie",
        _regions,
    ),
    Query(
        "Contents joined with the listing: how many lines has each file?",
        """
SELECT f.name, f.size, count(*) AS lines
FROM read_csv('onedrive:/driveql demo/Sales/2026/*.csv', filename = true) s
JOIN files f ON 'onedrive://' || f.path = s.filename
WHERE f.parent_path = '/driveql demo/Sales/2026'
GROUP BY f.name, f.size
ORDER BY f.name""",
        "the files' own lines beside the service's record of each",
        _lines,
    ),
)
