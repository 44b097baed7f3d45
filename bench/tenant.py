"""A tenant with a tree of a given shape, in a process of its own: `python -m bench.tenant FOLDERS FILES LATENCY_MS`."""

from __future__ import annotations

import asyncio
import sys
import tempfile
from pathlib import Path

import orjson

from graph_emulator import Emulator
from graph_emulator.credentials import ready_line, write_credentials


async def _serve(folders: int, files: int, latency: float) -> None:
    emulator = Emulator("bulk:1", latency=latency / 1000)
    drive = next(user.drive for user in emulator.tenant.users.values() if user.drive is not None)
    content = emulator.tenant.contents.from_bytes(b"id,value\n1,2\n")
    for number in range(folders):
        folder = drive.create_folder(f"/tree/{number // 20:03}/{number:04}")
        for name in range(files):
            drive.put(folder, f"file-{name:05}.csv", content)
    with tempfile.TemporaryDirectory() as home:
        credentials = write_credentials(emulator, Path(home))
        async with emulator.serve(proxy_port=0) as running:
            sys.stdout.write(orjson.dumps(ready_line(running, credentials)).decode() + "\n")
            sys.stdout.flush()
            await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(_serve(int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3])))
