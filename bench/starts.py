"""Imports, program starts and the flight of a token."""

from __future__ import annotations

import sys

from bench.measuring import BIN, Figure, measure, tenant, work


def starts(figures: list[Figure]) -> None:
    """Imports and program starts, beside the bare interpreter and what others need to be imported."""
    python = sys.executable
    jobs = [
        ("start", "python -c pass", [python, "-c", "pass"]),
        ("start", "driveql --version", [str(BIN / "driveql"), "--version"]),
        ("start", "driveql --help", [str(BIN / "driveql"), "--help"]),
        ("start", "rclone version", [str(BIN / "rclone"), "version"]),
        ("import", "driveql", [python, "-c", "import driveql"]),
        ("import", "driveql.aio", [python, "-c", "import driveql.aio"]),
        ("import", "msal", [python, "-c", "import msal"]),
        ("import", "azure.identity", [python, "-c", "import azure.identity"]),
        ("import", "msgraph", [python, "-c", "import msgraph; msgraph.GraphServiceClient"]),
    ]
    figures += [measure(what, who, command, runs=7) for what, who, command in jobs]


def flight(figures: list[Figure]) -> None:
    """Two hundred concurrent first calls."""
    with tenant() as place:
        figures.append(
            measure(
                "200 first calls at once", "driveql", work("flight"), place,
                after=lambda figure: f"{figure.result.split()[0]} token request(s)",
            )
        )  # fmt: skip
