"""At the end of a program and after a fork: nothing is left open, nothing waits for ever."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from .conftest import Tenant

PROGRAM = """
import fsspec, gc, json, os, sys
from driveql.filesystem import OneDriveFileSystem, register
register()
parameters = json.loads(sys.stdin.readline())
fs = fsspec.filesystem("onedrive", **parameters)
fs.pipe_file("/a", b"x" * 100_000)
with fs.open("/a") as file:
    file.read(10)
other = OneDriveFileSystem(**parameters, max_concurrency=3, skip_instance_cache=True)
other.ls("/")
del other
gc.collect()
child = os.fork()
if child == 0:
    own = fsspec.filesystem("onedrive", **parameters)
    os._exit(7 if own is not fs and own.cat_file("/a") == b"x" * 100_000 else 1)
print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")
def test_a_program_ends_in_silence_and_its_forked_child_works(tenant: Tenant) -> None:
    ended = subprocess.run(
        [sys.executable, "-W", "default", "-W", "ignore::DeprecationWarning", "-c", PROGRAM],
        input=json.dumps(tenant.parameters) + "\n",
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (ended.stdout, ended.stderr, ended.returncode) == ("7\n", "", 0)


def test_without_fsspec_the_error_says_what_to_install() -> None:
    program = "import sys; sys.modules['fsspec'] = None; import driveql.filesystem"
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert "MissingExtraError" in ended.stderr
    assert "driveql[fsspec]" in ended.stderr
