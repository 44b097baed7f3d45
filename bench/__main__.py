"""Runs what is asked for and prints one table; the figures also go to `bench/out/latest.json`.

`python -m bench [--full] [--latency=MS,...] [--out=FILE] [NAME...]`; without names everything is run, with `--full` at every
size and latency, of every peer, several times.
"""

from __future__ import annotations

import json
import os
import platform
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from bench.files import files
from bench.listings import listing
from bench.measuring import ROOT, Figure, show
from bench.queries import NAMES as QUERIES
from bench.queries import queries
from bench.starts import flight, starts

LATENCIES = (0.0, 20.0, 100.0)
NAMES = ("starts", "flight", "list", "list-large", "small", "large", "mirror", *QUERIES)


def run(
    names: list[str],
    full: bool,
    latencies: Sequence[float] | None,
    figures: list[Figure],
    left_out: list[str],
) -> None:
    """Measure what is named; at `latencies` in milliseconds where they are given."""
    few, runs = latencies or (LATENCIES if full else (20.0,)), 2 if full else 1
    if "starts" in names:
        starts(figures)
    if "flight" in names:
        flight(figures)
    if "list" in names:
        listing(figures, left_out, 400, 49, latencies or LATENCIES, runs=3 if full else 2, every_peer=full)
    if "list-large" in names:
        listing(figures, left_out, 1000, 99, few, runs=runs, every_peer=False)
    if "small" in names:
        files(figures, left_out, "small", few, runs=runs, peers=True, deletions_by_peers=full)
    if "large" in names:
        files(figures, left_out, "large:1024", few, runs=2, peers=full)
    if "mirror" in names:
        files(figures, left_out, "mixed", few, runs=2, peers=False)
    queries([name for name in names if name in QUERIES], figures, left_out, runs=3 if full else 2)


def main(arguments: list[str]) -> None:
    """Read the command line, measure, show."""
    full = "--full" in arguments
    names = [each for each in arguments if not each.startswith("-")]
    options = dict(each.partition("=")[::2] for each in arguments if each.startswith("--"))
    if set(names) - set(NAMES) or set(options) - {"--full", "--latency", "--out"}:
        usage = "python -m bench [--full] [--latency=MS,...] [--out=FILE] [NAME...]"
        raise SystemExit(f"{usage}, where NAME is of: {', '.join(NAMES)}")
    latencies = [float(each) for each in options.get("--latency", "").split(",") if each] or None
    figures: list[Figure] = []
    left_out: list[str] = []
    started = time.perf_counter()
    try:
        run(names or list(NAMES), full, latencies, figures, left_out)
    finally:
        print(
            f"{platform.python_implementation()} {platform.python_version()}, {os.cpu_count()} cores, "
            f"{platform.machine()}, load {os.getloadavg()[0]:.1f}, {time.perf_counter() - started:.0f} s in all\n"
        )
        show(figures, left_out)
    out = Path(options.get("--out") or ROOT / "bench" / "out" / "latest.json")
    out.parent.mkdir(exist_ok=True)
    out.write_text(json.dumps([asdict(figure) for figure in figures], indent=1))


if __name__ == "__main__":
    main(sys.argv[1:])
