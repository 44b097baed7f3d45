"""Any history of changes leaves listings, remembered ones too, and the service's state equal."""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from driveql.filesystem import OneDriveFileSystem

from .conftest import Tenant

names = st.sampled_from(["/A", "/d/a", "/D/e/c#", "/D/new", "/d/E"])
operations = st.one_of(
    st.tuples(st.just("pipe"), names, st.binary(max_size=4)),
    st.tuples(st.sampled_from(["rm", "mkdir", "rmdir", "touch", "ls", "find"]), names, st.none()),
    st.tuples(st.sampled_from(["mv", "cp"]), names, names),
)


def carry_out(fs: OneDriveFileSystem, operation: str, name: str, other: object) -> None:
    actions = {
        "pipe": lambda: fs.pipe_file(name, other),
        "rm": lambda: fs.rm(name, recursive=True),
        "mkdir": lambda: fs.mkdir(name),
        "rmdir": lambda: fs.rmdir(name),
        "touch": lambda: fs.touch(name, truncate=False),
        "ls": lambda: fs.ls(name),
        "find": lambda: fs.find(name),
        "mv": lambda: fs.mv(name, other),
        "cp": lambda: fs.cp(name, other, recursive=True),
    }
    actions[operation]()


@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(operations, min_size=2, max_size=8))
def test_a_history(tenant: Tenant, history: list[tuple[str, str, object]]) -> None:
    tenant.clear()
    for path in ("/a", "/d/a", "/d/e/b%20"):
        tenant.store.put_file(path, b"planted")
    fs = tenant.fs
    fs.find("/")
    for operation, name, other in history:
        try:
            carry_out(fs, operation, name, other)
        except OSError as error:
            assert error.filename is None or isinstance(error.filename, str)  # noqa: PT017 - refusals are part of it
        stored = tenant.store.tree()
        walked = [f"{path.rstrip('/')}/{file}" for path, _, files in fs.walk("/") for file in files]
        assert sorted(walked) == sorted(stored)
        assert fs.find("/") == sorted(stored)
    for path in tenant.store.tree():
        assert fs.info(path)["size"] == len(fs.cat_file(path))
