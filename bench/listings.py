"""A whole drive, listed recursively; whoever does not list every item has no figure."""

from __future__ import annotations

from collections.abc import Sequence

from bench.measuring import BIN, FailedError, Figure, attempt, peer, tenant, work

# What lists one folder after another is measured where that ends in reasonable time.
_PATIENCE_MS = 20.0


def listing(
    figures: list[Figure],
    left_out: list[str],
    folders: int,
    files: int,
    latencies: Sequence[float],
    *,
    runs: int,
    every_peer: bool,
) -> None:
    """List `folders` folders of `files` files, at each latency in milliseconds.

    Parameters:
        every_peer: also at other latencies than 20 ms, and also the one that takes two minutes.
    """
    with tenant() as place:
        expected = place.tell("items", folders, files)
        for latency in latencies:
            place.tell("latency", latency)
            what = f"list {expected:,} items, {latency:g} ms"
            rclone = place.rclone("lsf", "-R", "remote:")
            jobs = [
                ("driveql", work("walk")),
                ("driveql, children", work("walk", "children")),
                ("driveql ls -R", [str(BIN / "driveql"), "ls", "-R", "--json", "onedrive:/"]),
                ("rclone 1.75", rclone),
                ("rclone 1.75, delta", [*rclone, "--fast-list", "--onedrive-delta"]),
                ("msgraphfs", peer("msgraphfs_walk")),
                ("msgraph-sdk", work("sdk_walk")),
                ("O365", peer("o365_walk")),
                ("office365-rest-python-client", peer("office365_walk")),
            ]
            for who, command in jobs:
                own = who.startswith(("driveql", "rclone"))
                if not own and (latency > _PATIENCE_MS or expected > 50_000):
                    continue
                if not own and not every_peer and (latency != _PATIENCE_MS or who == "msgraph-sdk"):
                    continue

                def complete(figure: Figure, who: str = who) -> str:
                    lines = who.startswith("rclone") or who.endswith("-R")
                    text = figure.result
                    count = len(text.splitlines()) if lines else int(text.split()[-2])
                    if count != expected:
                        raise FailedError(f"{who} listed {count} of {expected} items")
                    return f"{count:,} items"

                times = runs if own else 1
                attempt(figures, left_out, what, who, command, place, runs=times, after=complete)
