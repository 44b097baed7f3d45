"""A writer that is killed leaves what was there before; the next one starts anew."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time

import pytest

from graph_emulator import faults

from .conftest import Tenant

WRITER = """
import json, sys
from driveql.filesystem import OneDriveFileSystem
fs = OneDriveFileSystem(**json.loads(sys.stdin.readline()))
if sys.argv[1] == "transaction":
    fs.start_transaction()
for path in ("/a.bin", "/b.bin"):
    with fs.open(path, "wb") as file:
        file.write(b"new" * 10_000_000)
if sys.argv[1] == "transaction":
    fs.end_transaction()
"""


@pytest.mark.parametrize("kind", ["file", "transaction"])
def test_killed_in_the_middle_of_an_upload(tenant: Tenant, kind: str) -> None:
    tenant.store.put_file("/a.bin", b"before")
    tenant.emulator.faults.add(faults.Delay(60), method="PUT", target="_upload", nth=2)
    command = [sys.executable, "-c", WRITER, kind]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stderr=subprocess.PIPE, env={**os.environ}
    ) as writer:
        assert writer.stdin is not None
        writer.stdin.write(json.dumps(tenant.parameters).encode() + b"\n")
        writer.stdin.flush()
        for _ in range(600):
            if writer.poll() is not None or not tenant.emulator.faults.pending():
                break
            time.sleep(0.05)
        tenant.emulator.faults.assert_consumed()
        writer.kill()
    uploads = tenant.emulator.world.uploads
    for session in list(uploads._open.values()):  # as the service does when the session's time is over
        uploads.cancel(session)
    assert {path: tenant.fs.cat_file(path) for path in tenant.fs.find("/")} == {"/a.bin": b"before"}
    with tenant.fs.open("/a.bin", "wb") as file:
        file.write(b"after")
    assert tenant.fs.cat_file("/a.bin") == b"after"
