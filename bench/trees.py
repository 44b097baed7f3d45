"""Directories of files whose bytes follow from a number, and the digest by which two trees are compared.

The digest is SHA-256 over names and SHA-256 of contents: it has nothing in common with how any of the measured verifies.
"""

from __future__ import annotations

import hashlib
import random
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

_PIECE = 1 << 20


@dataclass(frozen=True)
class Tree:
    """What a tree of files holds."""

    files: int
    bytes: int
    digest: str

    def as_json(self) -> dict[str, Any]:
        """Return it for a line of JSON."""
        return asdict(self)


def summed(files: Iterable[tuple[str, int, str]]) -> Tree:
    """Return the sum of files given as path, size and SHA-256 in hexadecimal."""
    every = sorted(files)
    lines = "\n".join(f"{path}\0{sha256}" for path, _, sha256 in every)
    return Tree(len(every), sum(size for _, size, _ in every), hashlib.sha256(lines.encode()).hexdigest())


def tree_of(directory: Path) -> Tree:
    """Return the sum of a local directory."""
    found = []
    for path in directory.rglob("*"):
        if path.is_file():
            with path.open("rb") as file:
                sha256 = hashlib.file_digest(file, "sha256").hexdigest()
            found.append((path.relative_to(directory).as_posix(), path.stat().st_size, sha256))
    return summed(found)


def sizes(kind: str) -> dict[str, int]:
    """Return the files of a kind of tree: `small` (2,000 of 10 KiB), `mixed` (200 of 1 KiB to 1 MiB), `large:MIB` (one)."""
    if kind == "small":
        return {f"{number // 100:02}/file-{number:04}.bin": 10 << 10 for number in range(2000)}
    if kind == "mixed":
        seeded = random.Random(7)
        return {f"{n // 20:02}/file-{n:03}.bin": 2 ** seeded.randint(10, 20) + n for n in range(200)}
    return {"large.bin": int(kind.partition(":")[2]) << 20}


def content(name: str, size: int) -> Iterable[bytes]:
    """Yield the bytes of a file, in pieces."""
    seeded = random.Random(name)
    for start in range(0, size, _PIECE):
        yield seeded.randbytes(min(_PIECE, size - start))


def plant(directory: Path, kind: str) -> None:
    """Make a tree of files."""
    for name, size in sizes(kind).items():
        path = directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("wb") as file:
            file.writelines(content(name, size))


def change(directory: Path, share: float) -> int:
    """Give a share of a tree's files other bytes of the same number, and return how many."""
    files = sorted(path for path in directory.rglob("*") if path.is_file())
    chosen = files[:: max(1, round(1 / share))]
    for path in chosen:
        path.write_bytes(random.randbytes(path.stat().st_size))
    return len(chosen)
