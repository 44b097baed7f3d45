"""Where the samples of versions, check-outs, the recycle bin and copies play: the places their routes need."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.emulator.sample_places import file_at

from graph_emulator.addresses import ITEM

EXCEPTIONS: dict[str, dict[str, str]] = {
    "bundle": {"bundle-update__": "albums are OneDrive personal's"},
    "lastModifiedBy.user.id": {"driveitemversion-get__": "shown for a signed-in user, not an application"},
}


def versions(stage: Any, _: str) -> str:
    """Return the versions of a file that was written three times."""
    place = file_at(stage)
    for size in (62, 123):
        stage.ask("PUT", f"{place}/content", data=bytes(size))
    return f"{place}/versions"


def version(suffix: str = "") -> Callable[[Any, str], str]:
    """Return what leads to `suffix` below a former version, or below the present one for the sample about it."""

    def place(stage: Any, sample: str) -> str:
        return f"{versions(stage, sample)}/{'current' if 'current' in sample else '1.0'}{suffix}"

    return place


def checked_out(suffix: str) -> Callable[[Any, str], str]:
    """Return what checks a file out and leads to `suffix` below it."""

    def place(stage: Any, _: str) -> str:
        item = file_at(stage)
        assert stage.ask("POST", f"{item}/checkout").status == 204
        return f"{item}{suffix}"

    return place


def deleted(stage: Any, _: str) -> str:
    """Return the restoring of a file in the recycle bin."""
    place = file_at(stage)
    assert stage.ask("DELETE", place).status == 204
    return f"{place}/restore"


def bin_of_a_site(stage: Any, _: str) -> str:
    """Return the recycle bin of a site, with a file in it."""
    drive = stage.site.drives[0]
    drive.delete(drive.put_file("/folder1/file1.txt", bytes(469)))
    return f"/sites/{stage.site.id}/recycleBin/items"


PLACES: dict[str, Callable[[Any, str], str]] = {
    f"{ITEM}/versions": versions,
    f"{ITEM}/versions/{{version-id}}": version(),
    f"{ITEM}/versions/{{version-id}}/content": version("/content"),
    f"{ITEM}/versions/{{version-id}}/restoreVersion": version("/restoreVersion"),
    f"{ITEM}/checkin": checked_out("/checkin"),
    f"{ITEM}/discardCheckout": checked_out("/discardCheckout"),
    f"{ITEM}/restore": deleted,
    "/sites/{site-id}/recycleBin/items": bin_of_a_site,
}
