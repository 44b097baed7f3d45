"""The work done with other libraries, in their own environment: `python -m bench.peers LIBRARY_TASK ARGUMENT...`.

Each library is used as its documentation shows, with as many threads as the others have requests under way.
"""

from __future__ import annotations

import functools
import os
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from itertools import islice
from pathlib import Path
from typing import Any

THREADS = 16
Child = tuple[str, bool, Any]
_TENANT, _CLIENT, _SECRET, _DRIVE = (
    os.environ[f"BENCH_{name}"] for name in ("TENANT", "CLIENT", "SECRET", "DRIVE")
)


class MsGraphFs:
    """msgraphfs: an fsspec file system; what names an item is its path."""

    def __init__(self) -> None:
        from msgraphfs import MSGDriveFS

        self.fs = MSGDriveFS(drive_id=_DRIVE, client_id=_CLIENT, tenant_id=_TENANT, client_secret=_SECRET)

    def top(self, path: str) -> Any:
        return path

    def children(self, folder: Any) -> list[Child]:
        every = self.fs.ls(folder, detail=True)
        return [
            (
                name := each["name"].rpartition("/")[2],
                each["type"] == "directory",
                f"{folder.rstrip('/')}/{name}",
            )
            for each in every
        ]

    def make(self, folder: Any, name: str) -> Any:
        self.fs.mkdir(f"{folder}/{name}")
        return f"{folder}/{name}"

    def put(self, folder: Any, source: Path) -> None:
        self.fs.put_file(str(source), f"{folder}/{source.name}")

    def get(self, item: Any, target: Path) -> None:
        self.fs.get_file(item, str(target))

    def delete(self, item: Any) -> None:
        self.fs.rm_file(item)


class O365:
    """O365: one account for all threads; what names an item is the library's object."""

    def __init__(self) -> None:
        from O365 import Account
        from O365.utils.token import MemoryTokenBackend

        account = Account(
            (_CLIENT, _SECRET),
            auth_flow_type="credentials",
            tenant_id=_TENANT,
            token_backend=MemoryTokenBackend(),
        )
        if not account.authenticate():
            raise SystemExit("O365 could not sign in")
        self.drive = account.storage().get_drive(_DRIVE)

    def top(self, path: str) -> Any:
        return self.drive.get_root_folder() if path == "/" else self.drive.get_item_by_path(path)

    def children(self, folder: Any) -> list[Child]:
        return [(each.name, each.is_folder, each) for each in folder.get_items(limit=None, batch=999)]

    def make(self, folder: Any, name: str) -> Any:
        return folder.create_child_folder(name)

    def put(self, folder: Any, source: Path) -> None:
        if not folder.upload_file(str(source)):
            raise SystemExit(f"O365 did not upload {source.name}")

    def get(self, item: Any, target: Path) -> None:
        if not item.download(to_path=target.parent):
            raise SystemExit(f"O365 did not download {target.name}")

    def delete(self, item: Any) -> None:
        if not item.delete():
            raise SystemExit("O365 did not delete")


class Office365:
    """office365-rest-python-client: a context for each thread; what names an item is its id."""

    def __init__(self) -> None:
        self._here = threading.local()

    def _items(self) -> Any:
        if not hasattr(self._here, "items"):
            from office365.graph_client import GraphClient

            client = GraphClient(tenant=_TENANT).with_client_secret(_CLIENT, _SECRET)
            self._here.items = client.drives[_DRIVE].items
            self._here.root = client.drives[_DRIVE].root
        return self._here.items

    def top(self, path: str) -> Any:
        self._items()
        root = self._here.root
        found = (root if path == "/" else root.get_by_path(path)).get().execute_query()
        return found.id

    def children(self, folder: Any) -> list[Child]:
        every = self._items()[folder].children.get_all(page_size=999).execute_query()
        return [(each.name, each.is_folder, each.id) for each in every]

    def make(self, folder: Any, name: str) -> Any:
        return self._items()[folder].create_folder(name).execute_query().id

    def put(self, folder: Any, source: Path) -> None:
        # A fresh item for each call: the client keeps what it was given before in the folder's collection.
        self._items()[folder].upload_file(str(source)).execute_query()

    def get(self, item: Any, target: Path) -> None:
        with target.open("wb") as file:
            self._items()[item].download(file).execute_query()

    def delete(self, item: Any) -> None:
        self._items()[item].delete_object().execute_query()


def walk(library: Any, pool: ThreadPoolExecutor, path: str) -> Iterator[tuple[str, bool, Any]]:
    """Yield all below a folder as path from there, whether it is a folder, and the library's name for it."""
    running: dict[Future[list[Child]], str] = {pool.submit(library.children, library.top(path)): ""}
    while running:
        done, _ = wait(running, return_when=FIRST_COMPLETED)
        for each in done:
            above = running.pop(each)
            for name, is_folder, item in each.result():
                if is_folder:
                    running[pool.submit(library.children, item)] = f"{above}{name}/"
                yield f"{above}{name}", is_folder, item


def run(library: Any, pool: ThreadPoolExecutor, task: str, arguments: list[str]) -> int:
    """Carry out one task and return how many items it was about."""
    if task == "walk":
        return sum(1 for _ in walk(library, pool, "/"))
    if task == "up":
        source, (parent, _, name) = Path(arguments[0]), arguments[1].rpartition("/")
        top = library.make(library.top(parent), name)
        folders = {source: top}
        files = []
        for path in sorted(source.rglob("*")):
            if path.is_dir():
                folders[path] = library.make(folders[path.parent], path.name)
            else:
                files.append(path)
        return len(list(pool.map(lambda path: library.put(folders[path.parent], path), files)))
    found = list(walk(library, pool, arguments[0]))
    files = [(path, item) for path, is_folder, item in found if not is_folder]
    if task == "delete":
        return len(list(pool.map(lambda each: library.delete(each[1]), files)))
    target = Path(arguments[1])
    for path, _ in files:
        (target / path).parent.mkdir(parents=True, exist_ok=True)
    return len(list(pool.map(lambda each: library.get(each[1], target / each[0]), files)))


def sql(statement: str) -> str:
    """Run a statement with DuckDB over msgraphfs, as its documentation registers a file system; return the rows."""
    import duckdb
    from msgraphfs import MSGDriveFS

    engine = duckdb.connect()
    engine.register_filesystem(
        MSGDriveFS(drive_id=_DRIVE, client_id=_CLIENT, tenant_id=_TENANT, client_secret=_SECRET)
    )
    return str(engine.execute(statement).fetchall())


def _frame(library: Office365, path: str) -> Any:
    import tempfile

    import pandas

    with tempfile.TemporaryDirectory() as home:
        target = Path(home, "file.csv")
        library.get(library.top(path), target)
        return pandas.read_csv(target)


def csv(path: str) -> str:
    """Fetch a CSV file with office365-rest-python-client and aggregate it with pandas."""
    frame = _frame(Office365(), path)
    found = frame.groupby("region")["quantity"].agg(["count", "sum"])
    return str(
        [(region, int(row["count"]), int(row["sum"])) for region, row in found.sort_index().iterrows()]
    )


def limit() -> str:
    """List with office365-rest-python-client until there are ten files."""
    with ThreadPoolExecutor(THREADS) as pool:
        files = (path for path, is_folder, _ in walk(Office365(), pool, "/") if not is_folder)
        return str([(len(list(islice(files, 10))),)])


def join(path: str) -> str:
    """Join a CSV file with the drive's listing with pandas."""
    import pandas

    library = Office365()
    with ThreadPoolExecutor(THREADS) as pool:
        listed = [(f"/{each}", 13) for each, is_folder, _ in walk(library, pool, "/") if not is_folder]
    rows = _frame(library, path).merge(pandas.DataFrame(listed, columns=["path", "size"]), on="path")
    return str([(len(rows), int(rows["size"].sum()), int(rows["amount"].sum()))])


QUERIES = {"msgraphfs_sql": sql, "office365_csv": csv, "office365_limit": limit, "office365_join": join}
LIBRARIES = {"msgraphfs": MsGraphFs, "o365": O365, "office365": Office365}

if __name__ == "__main__":
    library, _, task = sys.argv[1].partition("_")
    if sys.argv[1] in QUERIES:
        print(QUERIES[sys.argv[1]](*sys.argv[2:]))
        sys.exit()
    with ThreadPoolExecutor(THREADS) as pool:
        count = functools.partial(run, LIBRARIES[library](), pool, task)(sys.argv[2:])
    print(count, "items")
