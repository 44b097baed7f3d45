"""Turns figures into tables: `python -m bench.page FILE...` merges runs and keeps each one's fastest.

With a page before the files (`docs/benchmarks.md`) the tables take the place of those between its markers.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from bench.measuring import Figure

_HEAD = "| who | seconds | × | CPU s | peak MiB | requests | MB on the wire | emulator's CPU s |"


def merged(files: list[Path]) -> list[Figure]:
    """Return the fastest figure of each measurement over several runs, in the order in which they first came."""
    best: dict[tuple[str, str], Figure] = {}
    for file in files:
        for raw in json.loads(file.read_text()):
            figure = Figure(**raw)
            known = best.get((figure.what, figure.who))
            if known is None or figure.wall_seconds < known.wall_seconds:
                best[figure.what, figure.who] = figure
    return list(best.values())


def table(figures: list[Figure]) -> str:
    """Return one Markdown table for each thing that was measured."""
    lines: list[str] = []
    for what in dict.fromkeys(figure.what for figure in figures):
        group = [figure for figure in figures if figure.what == what]
        own = next((figure.wall_seconds for figure in group if figure.who.startswith("driveql")), None)
        lines += ["", f"**{what}**", "", _HEAD, "|---|---:|---:|---:|---:|---:|---:|---:|"]
        for figure in group:
            ratio = f"{figure.wall_seconds / own:.1f}" if own else ""
            carried = "" if figure.bytes is None else f"{figure.bytes / 1e6:,.1f}"
            emulator = "" if figure.emulator_cpu_seconds is None else f"{figure.emulator_cpu_seconds:.1f}"
            requests = "" if figure.requests is None else f"{figure.requests:,}"
            lines.append(
                f"| {figure.who} | {figure.wall_seconds:.2f} | {ratio} | {figure.cpu_seconds:.2f} |"
                f" {figure.peak_mib:.0f} | {requests} | {carried} | {emulator} |"
            )
    return "\n".join(lines)


def into(page: Path, tables: str) -> None:
    """Put tables between a page's markers."""
    before, begin, rest = page.read_text(encoding="utf-8").partition("<!-- figures -->")
    _, end, after = rest.partition("<!-- end of figures -->")
    if not begin or not end:
        raise SystemExit(f"{page} has no markers for figures.")
    page.write_text(f"{before}{begin}\n{tables}\n\n{end}{after}", encoding="utf-8")


def main(arguments: list[Path]) -> None:
    """Print the tables, or write them into the page that comes first."""
    pages = [path for path in arguments if path.suffix == ".md"]
    tables = table(merged([path for path in arguments if path.suffix != ".md"]))
    for page in pages:
        into(page, tables)
    if not pages:
        print(tables)


if __name__ == "__main__":
    main([Path(name) for name in sys.argv[1:]])
