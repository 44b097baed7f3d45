"""Trees of files up, down, deleted and mirrored again; every result is compared by SHA-256 with what it has to be."""

from __future__ import annotations

import itertools
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from bench import trees
from bench.measuring import BIN, FailedError, Figure, Tenant, attempt, peer, tenant, work

_NAMES = {"small": "2,000 files of 10 KiB", "mixed": "200 mixed files"}
_DRIVEQL = str(BIN / "driveql")
_numbers = itertools.count()


class Transfers:
    """Files of one kind between a local directory and a tenant's drive."""

    def __init__(
        self, place: Tenant, kind: str, home: Path, figures: list[Figure], left_out: list[str]
    ) -> None:
        self.place = place
        self.kind = kind
        self.home = home
        self.figures = figures
        self.left_out = left_out
        self.name = _NAMES.get(kind) or f"one file of {int(kind.partition(':')[2]):,} MiB"
        self.source = home / "source"
        trees.plant(self.source, kind)
        self.wanted = trees.tree_of(self.source).as_json()

    def up(self, latency: float, runs: int, peers: bool) -> None:
        """Upload the tree into a new folder."""
        for who, command in self._ups(peers):
            spot: dict[str, str] = {}

            def fresh(spot: dict[str, str] = spot) -> None:
                self.place.tell("folder", spot["folder"])

            def whole(_: Figure, spot: dict[str, str] = spot, who: str = who) -> str:
                return self._compared(who, self.place.tell("tree", f"{spot['folder']}/source"))

            for _ in range(runs):
                # A new folder for each run: what is there already would not be sent again.
                spot["folder"] = f"/up-{next(_numbers)}"
                self._attempt(
                    f"{self.name} up, {latency:g} ms", who, [each.replace("FOLDER", spot["folder"]) for each in command],
                    before=fresh, after=whole,
                )  # fmt: skip

    def down(self, latency: float, runs: int, peers: bool) -> None:
        """Download the tree into a new directory."""
        folder = f"/down-{next(_numbers)}"
        self.place.tell("plant", folder, self.kind)
        target = self.home / "target"

        def fresh() -> None:
            shutil.rmtree(target, ignore_errors=True)
            target.mkdir()

        for who, command in self._downs(peers):

            def whole(_: Figure, who: str = who) -> str:
                return self._compared(who, trees.tree_of(target / folder[1:]).as_json())

            given = [each.replace("FOLDER", folder).replace("TARGET", str(target)) for each in command]
            for _ in range(runs):
                self._attempt(f"{self.name} down, {latency:g} ms", who, given, before=fresh, after=whole)
        shutil.rmtree(target, ignore_errors=True)

    def deleted(self, latency: float, peers: bool) -> None:
        """Delete the tree's files, not its folders."""
        jobs = [
            ("driveql", work("delete", "FOLDER")),
            ("rclone 1.75", self.place.rclone("delete", "remote:FOLDER")),
        ]
        if peers:
            jobs += [(who, peer(f"{name}_delete", "FOLDER")) for who, name in _PEERS]
        for who, command in jobs:
            folder = f"/delete-{next(_numbers)}"

            def full(folder: str = folder) -> None:
                self.place.tell("plant", folder, self.kind)

            def gone(_: Figure, folder: str = folder, who: str = who) -> str:
                left = self.place.tell("tree", folder)["files"]
                if left:
                    raise FailedError(f"{who} left {left} files")
                return "all gone"

            given = [each.replace("FOLDER", folder) for each in command]
            self._attempt(f"{self.name} deleted, {latency:g} ms", who, given, before=full, after=gone)

    def mirrored(self, latency: float) -> None:
        """Mirror the tree upward again after one file of a hundred changed."""
        for who in ("driveql", "rclone 1.75"):
            folder = f"/mirror-{next(_numbers)}"
            self.place.tell("folder", folder)
            if who == "driveql":
                command = work("mirror", str(self.source), folder)
            else:
                command = self.place.rclone("sync", str(self.source), f"remote:{folder}")
            self._attempt(f"{self.name} mirrored first, {latency:g} ms", who, command)
            count = trees.change(self.source, 0.01)
            wanted = trees.tree_of(self.source).as_json()

            def same(
                _: Figure,
                folder: str = folder,
                who: str = who,
                wanted: dict[str, Any] = wanted,
                count: int = count,
            ) -> str:
                self._compared(who, self.place.tell("tree", folder), wanted)
                return f"{count} of {wanted['files']} files changed"

            self._attempt(f"{self.name} mirrored again, {latency:g} ms", who, command, after=same)

    def _ups(self, peers: bool) -> list[tuple[str, list[str]]]:
        jobs = [
            ("driveql put -r", [_DRIVEQL, "put", "-r", "-q", str(self.source), "onedrive:FOLDER"]),
            ("rclone 1.75", self.place.rclone("copy", str(self.source), "remote:FOLDER/source")),
        ]
        if peers:
            jobs += [(who, peer(f"{name}_up", str(self.source), "FOLDER/source")) for who, name in _PEERS]
        return jobs

    def _downs(self, peers: bool) -> list[tuple[str, list[str]]]:
        jobs = [
            ("driveql get -r", [_DRIVEQL, "get", "-r", "-q", "onedrive:FOLDER", "TARGET/"]),
            ("rclone 1.75", self.place.rclone("copy", "remote:FOLDER", "TARGETFOLDER")),
        ]
        if peers:
            jobs += [(who, peer(f"{name}_down", "FOLDER", "TARGETFOLDER")) for who, name in _PEERS]
        return jobs

    def _attempt(self, *arguments: Any, **options: Any) -> None:
        found: list[Figure] = []
        attempt(found, self.left_out, *arguments, self.place, **options)
        for figure in found:
            earlier = [each for each in self.figures if (each.what, each.who) == (figure.what, figure.who)]
            if not earlier:
                self.figures.append(figure)
            elif figure.wall_seconds < earlier[0].wall_seconds:
                self.figures[self.figures.index(earlier[0])] = figure

    def _compared(self, who: str, found: dict[str, Any], wanted: dict[str, Any] | None = None) -> str:
        wanted = wanted or self.wanted
        if found.pop("open_upload_sessions", 0):
            raise FailedError(f"{who} left upload sessions open")
        if found != wanted:
            raise FailedError(f"{who}: {found['files']} files, {found['bytes']} bytes; wanted: {wanted}")
        return "verified"


_PEERS = (("msgraphfs", "msgraphfs"), ("O365", "o365"), ("office365-rest-python-client", "office365"))


def files(
    figures: list[Figure],
    left_out: list[str],
    kind: str,
    latencies: Sequence[float],
    *,
    runs: int,
    peers: bool,
    deletions_by_peers: bool = False,
) -> None:
    """Run everything that is measured with one kind of tree, at each latency in milliseconds."""
    with tempfile.TemporaryDirectory() as home:
        for latency in latencies:
            with tenant() as place:
                place.tell("latency", latency)
                shutil.rmtree(Path(home, "source"), ignore_errors=True)
                transfers = Transfers(place, kind, Path(home), figures, left_out)
                with_peers = peers and latency <= 20
                if kind == "mixed":
                    transfers.mirrored(latency)
                    continue
                transfers.up(latency, runs, with_peers)
                transfers.down(latency, runs, with_peers)
                if kind == "small":
                    transfers.deleted(latency, with_peers and deletions_by_peers)
