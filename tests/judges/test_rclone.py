"""rclone, unmodified, works against the emulator: it is led there by a proxy and a CA, and finds its OneDrive."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sysconfig
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from tests.judges.conftest import Service

from graph_emulator.faults import Drop, ExpiredUrl, Refuse, Truncate
from graph_emulator.store import Drive

pytestmark = pytest.mark.judge

RCLONE = Path(sysconfig.get_path("scripts"), "rclone")
NAMES = (
    "plain.txt",
    "h#a.txt",
    "100%.txt",
    "a+b c.txt",
    "it's.txt",
    "50% of #1 & more.csv",
    "日本語.txt",
    "🎉 é.txt",
)
BIG = "big.bin"
BIG_SIZE = 11 * 1024 * 1024 + 17
FOLDER = "odd #1 %20 + & d'é"


@dataclass(frozen=True)
class Rclone:
    """rclone with one remote `od:`, configured by environment alone."""

    environment: dict[str, str]

    def run(self, *arguments: str, check: bool = True) -> subprocess.CompletedProcess[bytes]:
        command = [str(RCLONE), "--low-level-retries", "4", "--retries", "2", *arguments]
        done = subprocess.run(command, env=self.environment, capture_output=True, timeout=60, check=False)
        if check:
            assert done.returncode == 0, done.stderr.decode(errors="replace")[-3000:]
        return done

    def lines(self, *arguments: str) -> list[str]:
        return sorted(self.run(*arguments).stdout.decode().splitlines())


def remote(service: Service, drive: Drive, **changes: str) -> Rclone:
    settings = {
        "TYPE": "onedrive",
        "CLIENT_CREDENTIALS": "true",
        "CLIENT_ID": service.application.client_id,
        "CLIENT_SECRET": service.secret,
        "TENANT": service.emulator.tenant.tenant_id,
        "DRIVE_ID": drive.id,
        "DRIVE_TYPE": drive.drive_type,
        **changes,
    }
    configured = {f"RCLONE_CONFIG_OD_{name}": value for name, value in settings.items()}
    return Rclone(service.environment() | configured | {"RCLONE_CONFIG": os.devnull})


@pytest.fixture(scope="module")
def rclone(service: Service) -> Rclone:
    return remote(service, service.drive)


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """A tree as people have them: odd names, an empty file, an empty folder, a file of several fragments."""
    root = tmp_path / "source"
    deep = root / FOLDER / "deeper" / "and deeper"
    for folder in (root, root / FOLDER, deep):
        folder.mkdir(parents=True, exist_ok=True)
        for number, name in enumerate(NAMES):
            (folder / name).write_bytes(f"{folder.name}/{name}\n".encode() * (number * 40 + 1))
    (root / "empty file").write_bytes(b"")
    (root / "empty folder").mkdir()
    (root / FOLDER / BIG).write_bytes(os.urandom(BIG_SIZE))
    os.utime(root / "plain.txt", (1_500_000_000, 1_500_000_000))
    return root


@pytest.fixture
def copied(rclone: Rclone, source: Path, service: Service) -> Iterator[str]:
    rclone.run("copy", str(source), "od:copied", "--create-empty-src-dirs")
    yield "od:copied"
    if service.drive.resolve(["copied"]) is not None:
        rclone.run("purge", "od:copied")


def tree_of(folder: Path) -> dict[str, tuple[int, str]]:
    return {
        path.relative_to(folder).as_posix(): (
            path.stat().st_size,
            hashlib.sha256(path.read_bytes()).hexdigest(),
        )
        for path in folder.rglob("*")
        if path.is_file()
    }


def held_below(drive: Drive, folder: str) -> dict[str, tuple[int, str]]:
    """Return the files that the tenant holds below `folder`, by the emulator's own records."""
    held = {path.lstrip("/"): entry for path, entry in drive.tree().items()}
    start = f"{folder}/"
    return {path.removeprefix(start): entry for path, entry in held.items() if path.startswith(start)}


def test_copied_files_are_the_same_bytes(service: Service, source: Path, copied: str) -> None:
    assert held_below(service.drive, "copied") == tree_of(source)
    uploads = [
        record for record in service.emulator.requests if record.method == "PUT" and record.status == 202
    ]
    assert uploads, "the big file went up in one piece: no fragments were tried"


def test_check_by_hash_and_by_download(rclone: Rclone, source: Path, copied: str) -> None:
    rclone.run("check", str(source), copied)
    rclone.run("check", "--download", str(source), copied)
    (source / "plain.txt").write_bytes(b"plain.txt is another now\n")
    assert rclone.run("check", str(source), copied, check=False).returncode == 1


def test_listing_is_complete_with_times(rclone: Rclone, source: Path, copied: str) -> None:
    expected = sorted(
        path.relative_to(source).as_posix() + ("/" if path.is_dir() else "") for path in source.rglob("*")
    )
    assert rclone.lines("lsf", "-R", copied) == expected
    in_utc = Rclone({**rclone.environment, "TZ": "UTC"})
    times = in_utc.lines("lsf", "--files-only", "--format", "tp", copied, "--include", "plain.txt")
    assert times == ["2017-07-14 02:40:00;plain.txt"]


def test_reading_from_an_offset(rclone: Rclone, source: Path, copied: str) -> None:
    whole = (source / FOLDER / BIG).read_bytes()
    place = f"{copied}/{FOLDER}/{BIG}"
    assert (
        rclone.run("cat", place, "--offset", "5000000", "--count", "4097").stdout
        == whole[5_000_000:5_004_097]
    )
    assert rclone.run("cat", place, "--offset", str(BIG_SIZE - 3)).stdout == whole[-3:]
    assert rclone.run("cat", f"{copied}/empty file").stdout == b""


def test_quick_xor_hashes_agree(rclone: Rclone, source: Path, copied: str) -> None:
    """rclone computes the local hashes itself; the service has none for an empty file."""
    local = [line for line in rclone.lines("hashsum", "quickxor", str(source)) if "empty file" not in line]
    there = [line for line in rclone.lines("hashsum", "quickxor", copied) if "empty file" not in line]
    assert local == there
    assert len(there) == len(NAMES) * 3 + 1


def test_moving(rclone: Rclone, source: Path, copied: str) -> None:
    rclone.run("moveto", f"{copied}/h#a.txt", f"{copied}/{FOLDER}/moved 100%.txt")
    rclone.run("moveto", f"{copied}/{FOLDER}/deeper", f"{copied}/renamed & moved")
    listing = rclone.lines("lsf", "-R", "--files-only", copied)
    assert f"{FOLDER}/moved 100%.txt" in listing
    assert "h#a.txt" not in listing
    assert {f"renamed & moved/and deeper/{name}" for name in NAMES} <= set(listing)
    assert rclone.run("cat", f"{copied}/{FOLDER}/moved 100%.txt").stdout == (source / "h#a.txt").read_bytes()


def test_a_second_copy_sends_only_what_changed(
    rclone: Rclone, source: Path, copied: str, service: Service
) -> None:
    (source / "it's.txt").write_bytes(b"changed\n")
    before = len(service.emulator.requests)
    rclone.run("copy", str(source), copied)
    sent = [record for record in list(service.emulator.requests)[before:] if record.method in ("PUT", "POST")]
    assert len([record for record in sent if "createUploadSession" in record.target]) == 1
    assert rclone.run("cat", f"{copied}/it's.txt").stdout == b"changed\n"


def test_purge_leaves_nothing(rclone: Rclone, copied: str, service: Service) -> None:
    rclone.run("purge", copied)
    assert rclone.lines("lsf", "od:") == []
    assert service.drive.resolve(["copied"]) is None


def test_a_document_library(service: Service, source: Path) -> None:
    site = service.emulator.tenant.add_site("sites/Finance", "Finance")
    library = service.emulator.tenant.add_library(site, "Ledgers")
    there = remote(service, library)
    there.run("copy", str(source / FOLDER / "deeper"), "od:2026")
    there.run("check", str(source / FOLDER / "deeper"), "od:2026")


def test_it_survives_the_faults_of_the_service(
    rclone: Rclone, source: Path, tmp_path: Path, service: Service
) -> None:
    """What a serious client gets over, it gets over here too: the faults look like the service's own."""
    plan = service.emulator.faults
    plan.add(Refuse(429, retry_after=1), method="GET", route="children$")
    plan.add(Refuse(503, retry_after=1, as_date=True), method="POST", route="createUploadSession$")
    plan.add(Refuse(504), method="PUT", target="^/_upload/")
    plan.add(Drop(), method="PUT", target="^/_upload/", nth=3)
    plan.add(ExpiredUrl(401), target="^/_content/")
    plan.add(Truncate(3_000_000), target=rf"^/_content/.*{BIG}")
    try:
        rclone.run("copy", str(source), "od:stormy")
        rclone.run("copy", "od:stormy", str(tmp_path / "back"))
        assert tree_of(tmp_path / "back") == tree_of(source)
        plan.assert_consumed()
    finally:
        plan.clear()
        rclone.run("purge", "od:stormy")


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"CLIENT_SECRET": "wrong"}, "invalid_client"),
        ({"TENANT": "fabrikam.example"}, "invalid_request"),
        ({"CLIENT_ID": "00000000-0000-4000-8000-000000000001"}, "unauthorized_client"),
        ({"DRIVE_ID": "b!AAAA"}, "does not represent a valid drive"),
    ],
)
def test_refusals_are_understood(service: Service, changes: dict[str, str], said: str) -> None:
    there = remote(service, service.drive, **changes)
    done = there.run("lsf", "od:", check=False)
    assert done.returncode != 0
    assert said in done.stderr.decode()
