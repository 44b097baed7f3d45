"""SQL over files and listings; every answer is compared with what it has to be."""

from __future__ import annotations

import shlex
import shutil
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from bench import tables
from bench.measuring import FailedError, Figure, Tenant, attempt, peer, tenant, work

NAMES = ("sql-csv", "sql-parquet", "sql-limit", "sql-join")
_LATENCY_MS = 20.0
_GROUPED = "SELECT region, count(*), sum(quantity) FROM read_csv('{}') GROUP BY 1 ORDER BY 1"


class Queries:
    """Questions to one tenant. Of a peer that cannot answer, the reason is kept in `left_out`."""

    def __init__(
        self, place: Tenant, home: Path, figures: list[Figure], left_out: list[str], runs: int
    ) -> None:
        self.place = place
        self.home = home
        self.figures = figures
        self.left_out = left_out
        self.runs = runs

    def csv(self, mebibytes: int) -> None:
        """Aggregate a large CSV file."""
        self.place.tell("plant_csv", "/big.csv", mebibytes)
        what, wanted = f"sql: {mebibytes:,} MiB of CSV", tables.csv_answer(mebibytes)
        self._asked(what, "driveql", work("sql", _GROUPED.format("onedrive:/big.csv")), wanted)
        copied = _GROUPED.format(self.home / "copy" / "big.csv")
        self._asked(what, "rclone 1.75 copy, DuckDB", self._copied("/big.csv", copied), wanted)
        self._asked(
            what, "msgraphfs, DuckDB", peer("msgraphfs_sql", _GROUPED.format("msgd://big.csv")), wanted
        )
        self._asked(what, "office365 client, pandas", peer("office365_csv", "/big.csv"), wanted)

    def parquet(self, rows: int) -> None:
        """Sum one column of eight; driveql may fetch no more than a quarter of the file for it."""
        size = self.place.tell("plant_parquet", "/wide.parquet", rows)
        what, wanted = f"sql: 1 of 8 columns, {size >> 20:,} MiB", tables.parquet_answer(rows)
        query = "SELECT sum(c5) FROM read_parquet('{}')"

        def little(figure: Figure) -> None:
            if figure.bytes is None or figure.bytes > size / 4:
                raise FailedError(f"driveql fetched {figure.bytes} bytes of {size}")

        self._asked(what, "driveql", work("sql", query.format("onedrive:/wide.parquet")), wanted, little)
        copied = query.format(self.home / "copy" / "wide.parquet")
        self._asked(what, "rclone 1.75 copy, DuckDB", self._copied("/wide.parquet", copied), wanted)
        self._asked(
            what, "msgraphfs, DuckDB", peer("msgraphfs_sql", query.format("msgd://wide.parquet")), wanted
        )

    def limit(self) -> None:
        """The first ten files of a drive of 100,000 items; driveql may ask for two pages, besides its sign-in."""
        count = self.place.tell("items", 1000, 99)
        what = f"sql: LIMIT 10 of {count:,} items"

        def few(figure: Figure) -> None:
            if figure.requests is None or figure.requests > 4:
                raise FailedError(
                    f"driveql sent {figure.requests} requests: sign-in, the drive, and two pages are four"
                )

        query = "SELECT name FROM files WHERE size > 0 LIMIT 10"
        self._asked(what, "driveql", work("sql", f"SELECT count(*) FROM ({query})"), "[(10,)]", few)
        self._asked(what, "office365 client, pandas", peer("office365_limit"), "[(10,)]")

    def join(self, rows: int) -> None:
        """Join the rows of a file with the listing of 100,000 items by their paths."""
        self.place.tell("items", 1000, 99)
        wanted = self.place.tell("plant_paths", "/paths.csv", rows)
        what = f"sql: {rows:,} rows join a listing"
        query = (
            "SELECT count(*), sum(f.size), sum(r.amount) FROM read_csv('onedrive:/paths.csv') r"
            " JOIN files f ON f.path = r.path"
        )
        self._asked(what, "driveql", work("sql", query), wanted)
        self._asked(what, "office365 client, pandas", peer("office365_join", "/paths.csv"), wanted)

    def _copied(self, path: str, query: str) -> list[str]:
        copy = self.place.rclone("copy", f"remote:{path}", str(self.home / "copy"))
        return [
            "sh",
            "-c",
            f"{shlex.join(copy)} && {shlex.join([sys.executable, '-m', 'bench.work', 'duckdb', query])}",
        ]

    def _asked(
        self,
        what: str,
        who: str,
        command: list[str],
        wanted: str,
        further: Callable[[Figure], None] = lambda _: None,
    ) -> None:
        def right(figure: Figure) -> str:
            if wanted not in figure.result:
                raise FailedError(f"{who} answered {figure.result[-300:]}, not {wanted}")
            further(figure)
            return "same answer"

        attempt(
            self.figures, self.left_out, what, who, command, self.place, after=right,
            runs=self.runs if who.startswith(("driveql", "rclone")) else 1,
            before=lambda: shutil.rmtree(self.home / "copy", ignore_errors=True),
        )  # fmt: skip


def queries(names: list[str], figures: list[Figure], left_out: list[str], *, runs: int) -> None:
    """Run what is named of NAMES, each on a tenant of its own."""
    jobs: dict[str, Callable[[Queries], None]] = {
        "sql-csv": lambda each: each.csv(1024),
        "sql-parquet": lambda each: each.parquet(4_000_000),
        "sql-limit": lambda each: each.limit(),
        "sql-join": lambda each: each.join(1_000_000),
    }
    for name in NAMES:
        if name not in names:
            continue
        with tempfile.TemporaryDirectory() as home, tenant() as place:
            place.tell("latency", _LATENCY_MS)
            jobs[name](Queries(place, Path(home), figures, left_out, runs))
