"""A tenant in a process of its own, told what to do by lines of JSON on its standard input, answering each with one.

`python -m bench.tenant` first prints its ready line. Commands are the methods of `Commands`.
"""

from __future__ import annotations

import asyncio
import os
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import orjson

from bench import tables, trees
from graph_emulator import Emulator
from graph_emulator.credentials import ready_line, write_credentials


class Commands:
    """What a benchmark asks of the emulator from behind: nothing of this goes through its front."""

    def __init__(self, emulator: Emulator) -> None:
        self.emulator = emulator
        self.drive: Any = next(
            user.drive for user in emulator.tenant.users.values() if user.drive is not None
        )

    def latency(self, milliseconds: float) -> None:
        """Let every answer wait."""
        self.emulator.latency = milliseconds / 1000

    def items(self, folders: int, files: int) -> int:
        """Make `folders` folders of `files` files below /tree, and return how many items the drive has below its root."""
        shared = self.emulator.world.contents.from_bytes(b"id,value\n1,2\n")
        for number in range(folders):
            folder = self.drive.create_folder(f"/tree/{number // 20:03}/{number:04}")
            for name in range(files):
                self.drive.put(folder, f"file-{name:05}.csv", shared)
        return len(self.drive.items) - 1

    def plant(self, folder: str, kind: str) -> dict[str, Any]:
        """Make a tree of files below a folder, the same bytes as `trees.plant` makes."""
        for name, size in trees.sizes(kind).items():
            writer = self.emulator.world.contents.writer()
            for piece in trees.content(name, size):
                writer.write(piece)
            path = Path(folder, name)
            self.drive.put(self.drive.create_folder(path.parent.as_posix()), path.name, writer.finish())
        return self.tree(folder)

    def plant_csv(self, path: str, mebibytes: int) -> int:
        """Make a CSV file, and return its size in bytes."""
        return self._plant(path, tables.csv_pieces(mebibytes))

    def plant_parquet(self, path: str, rows: int) -> int:
        """Make a Parquet file, and return its size in bytes."""
        return self._plant(path, [tables.parquet(rows)])

    def plant_paths(self, path: str, rows: int) -> str:
        """Make a CSV file of rows that name the drive's files, and return what their join has to answer."""
        found = [
            (item.path, item.content.size) for item in self.drive.items.values() if item.content is not None
        ]
        self._plant(path, [tables.paths_csv([each for each, _ in found], rows)])
        return tables.paths_answer([size for _, size in found], rows)

    def _plant(self, path: str, pieces: Iterable[bytes]) -> int:
        writer = self.emulator.world.contents.writer()
        for piece in pieces:
            writer.write(piece)
        content = writer.finish()
        folder = (
            self.drive.create_folder(Path(path).parent.as_posix()) if path.count("/") > 1 else self.drive.root
        )
        self.drive.put(folder, Path(path).name, content)
        return int(content.size)

    def folder(self, path: str) -> None:
        """Make a folder."""
        self.drive.create_folder(path)

    def tree(self, folder: str) -> dict[str, Any]:
        """Return the sum of what lies below a folder, and whether anything is left half done."""
        found = []
        for item in self.drive.items.values():
            path = item.path
            if item.content is not None and path.startswith(f"{folder}/"):
                found.append((path.removeprefix(f"{folder}/"), item.content.size, item.content.sha256))
        return trees.summed(found).as_json() | {"open_upload_sessions": len(self.emulator.world.uploads)}

    def begin(self) -> float:
        """Forget the requests so far, and return the CPU seconds so far."""
        self.emulator.requests.clear()
        return sum(os.times()[:2])

    def end(self) -> dict[str, Any]:
        """Return what happened since `begin`: requests on the wire, and CPU seconds so far."""
        outer = sum(not record.batched for record in self.emulator.requests)
        failed = sum(record.status >= 500 or record.status == 429 for record in self.emulator.requests)
        return {"requests": outer, "failed": failed, "cpu": sum(os.times()[:2])}


async def _serve() -> None:
    emulator = Emulator("bulk:1")
    commands = Commands(emulator)
    with tempfile.TemporaryDirectory() as home:
        credentials = write_credentials(emulator, Path(home))
        async with emulator.serve(tls_port=0) as running:
            ready = ready_line(running, credentials) | {"tls_port": running.tls_port}
            print(orjson.dumps(ready).decode(), flush=True)
            loop = asyncio.get_running_loop()
            while line := await loop.run_in_executor(None, sys.stdin.readline):
                name, arguments = orjson.loads(line)
                print(orjson.dumps(getattr(commands, name)(*arguments)).decode(), flush=True)


if __name__ == "__main__":
    asyncio.run(_serve())
