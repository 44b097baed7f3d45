"""A state directory outlives the process: the same tenants, items, contents and credentials."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from tests.emulator.conftest import Asker

from graph_emulator import Emulator
from graph_emulator.representation import item_json


def rendered(emulator: Emulator) -> dict[str, bytes]:
    drives = (drive for tenant in emulator.tenants.values() for drive in tenant.drives.values())
    return {
        item.id: item_json(item)
        for drive in drives
        for item in (*drive.items.values(), *drive.deleted.values())
    }


def test_everything_is_there_again(tmp_path: Path) -> None:
    first = Emulator("demo", state=tmp_path / "state")
    other = first.add_tenant("fabrikam.com", "Fabrikam")
    other.add_user("zoe")
    ask = Asker(first)
    drive = next(iter(first.tenant.users.values())).drive
    assert drive is not None
    drive.put_file("/x/versions.txt", b"one")
    drive.put_file("/x/versions.txt", b"two")
    drive.put_file("/x/large.bin", bytes(5_000_000))
    drive.put_file("/gone/inside/a.txt", b"a")
    drive.delete(drive.item("/gone/inside"))
    drive.delete(drive.item("/gone"))
    first.save()
    second = Emulator("none", state=tmp_path / "state")
    assert rendered(second) == rendered(first)
    assert [tenant.domain for tenant in second.tenants.values()] == ["contoso.com", "fabrikam.com"]
    again = second.tenant.drives[drive.id]
    assert (again.tree(), again.sequence) == (drive.tree(), drive.sequence)
    assert [version.content.read() for version in again.item("/x/versions.txt").history] == [b"one"]
    inside = next(item for item in again.deleted.values() if item.name == "inside")
    assert inside.parent is not None
    assert inside.parent.name == "gone"
    for path in (
        "/users",
        "/groups",
        "/sites?search=*",
        f"/drives/{drive.id}",
        f"/drives/{drive.id}/root/search(q='')",
    ):
        asked = Asker(second)
        asked.token = ask.token  # the application and its permissions are there again too
        assert without_links(asked("GET", path).json) == without_links(ask("GET", path).json)
    fresh = again.put_file("/fresh.txt", b"")
    assert fresh.id not in rendered(first)


def without_links(content: Any) -> Any:
    if isinstance(content, list):
        return [without_links(each) for each in content]
    if isinstance(content, dict):
        return {key: without_links(value) for key, value in content.items() if "downloadUrl" not in key}
    return content


def test_only_what_changed_is_written(tmp_path: Path) -> None:
    emulator = Emulator("demo", state=tmp_path)
    emulator.save()
    before = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*.json")}
    drive = next(iter(emulator.tenant.drives.values()))
    drive.put_file("/new.txt", b"new")
    emulator.save()
    changed = [path for path, moment in before.items() if path.stat().st_mtime_ns != moment]
    assert len(changed) == 1
    assert all(path.stat().st_mode & 0o077 == 0 for path in before)


def test_a_foreign_directory_is_refused(tmp_path: Path) -> None:
    Emulator("demo", state=tmp_path).save()
    path = next(tmp_path.glob("tenants/*/tenant.json"))
    path.write_text(json.dumps({**json.loads(path.read_text()), "format": 99}))
    with pytest.raises(ValueError, match="format 99"):
        Emulator("demo", state=tmp_path)


def test_a_missing_content_is_named(tmp_path: Path) -> None:
    Emulator("demo", state=tmp_path).save()
    next(path for path in (tmp_path / "content").rglob("*") if path.is_file()).unlink()
    with pytest.raises(FileNotFoundError, match="lacks the content"):
        Emulator("demo", state=tmp_path)


def test_credentials_are_kept(tmp_path: Path) -> None:
    emulator = Emulator("demo", state=tmp_path)
    first = emulator.write_credentials(tmp_path / "credentials")
    emulator.save()
    again = Emulator("demo", state=tmp_path).write_credentials(tmp_path / "credentials")
    assert again == first
    assert first.client_secret not in repr(first)
    assert first.certificate_password not in repr(first)
    other = Emulator("demo").write_credentials(tmp_path / "credentials")
    assert other.client_id != first.client_id


def test_the_demo_is_the_same_each_time() -> None:
    one, two = Emulator("demo"), Emulator("demo")
    trees = [[drive.tree() for drive in each.tenant.drives.values()] for each in (one, two)]
    assert trees[0] == trees[1]
    assert (len(one.tenant.users), len(one.tenant.groups)) == (6, 3)
    assert sum(len(tree) for tree in trees[0]) > 80


@pytest.mark.parametrize("seed", ["", "demos", "bulk", "bulk:", "bulk:x", "bulk:-1", "none:1"])
def test_unknown_seeds(seed: str) -> None:
    with pytest.raises(ValueError, match="seed"):
        Emulator(seed)


def test_bulk_seed() -> None:
    drive = next(iter(Emulator("bulk:5003").tenant.users.values())).drive
    assert drive is not None
    assert [child.name for child in drive.item("/Bulk").children or ()] == ["0000", "0001"]
    assert len(drive.tree()) == 5003
