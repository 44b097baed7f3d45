"""What a new tenant begins with: an invented company, nothing, or very many files."""

from __future__ import annotations

from typing import TYPE_CHECKING

from graph_emulator.demo import plant_demo

if TYPE_CHECKING:
    from graph_emulator.emulator import Emulator
    from graph_emulator.store import Tenant

CONTOSO_ID = "3f4c1d0e-8a55-4c6b-9a41-6f2f6c1c7b10"
_FILES_IN_A_FOLDER = 5000
_CONTENTS = 97


def plant(emulator: Emulator, seed: str) -> None:
    """Give the emulator its first tenant. Raises ValueError for a seed that is not known."""
    kind, _, number = seed.partition(":")
    if kind not in ("demo", "none", "bulk") or (kind == "bulk") != number.isdecimal():
        raise ValueError(f"the seed {seed!r} is none of demo, none, bulk:N")
    tenant = emulator.add_tenant("contoso.com", "Contoso", CONTOSO_ID)
    if kind == "demo":
        plant_demo(tenant)
    elif kind == "bulk":
        plant_bulk(tenant, int(number))


def plant_bulk(tenant: Tenant, number: int) -> None:
    """Give one user `number` small CSV files: one folder of up to 5,000 of them after another, named Bulk/0000 on.

    The files share a few contents, so that many of them cost little.
    """
    user = tenant.add_user("alice", "Alice Romero", givenName="Alice", surname="Romero")
    drive = user.drive
    if drive is None:
        return
    rows = [f"id,value\n{index},{index * index}\n".encode() * (index % 7 + 1) for index in range(_CONTENTS)]
    contents = [tenant.contents.from_bytes(row) for row in rows]
    for first in range(0, number, _FILES_IN_A_FOLDER):
        folder = drive.create_folder(f"/Bulk/{first // _FILES_IN_A_FOLDER:04d}")
        for index in range(first, min(first + _FILES_IN_A_FOLDER, number)):
            drive.put(folder, f"file-{index:06d}.csv", contents[index % _CONTENTS])
