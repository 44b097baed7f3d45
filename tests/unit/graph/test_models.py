"""Items read what Graph sends, and what is mangled is an error of ours."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from driveql.errors import DriveqlError, ProtocolError
from driveql.graph.models import Drive, DriveItem

FILE: dict[str, Any] = {
    "id": "01A", "name": "a b.csv", "size": 7, "eTag": '"{G},1"', "cTag": '"c:{G},1"', "webUrl": "https://x",
    "parentReference": {"driveId": "b!1", "id": "01P", "path": "/drives/b!1/root:/Q1%20%23/x"},
    "file": {"mimeType": "text/csv", "hashes": {"quickXorHash": "AAAA"}},
    "createdBy": {"application": {"displayName": "job"}}, "lastModifiedBy": {"user": {"displayName": "Alice"}},
    "fileSystemInfo": {"lastModifiedDateTime": "2026-01-02T03:04:05Z"}, "lastModifiedDateTime": "2026-09-09T00:00:00Z",
}  # fmt: skip


def test_a_file() -> None:
    item = DriveItem.from_json(FILE)
    assert (item.path, item.size, item.is_folder, item.mime_type) == ("/Q1 #/x/a b.csv", 7, False, "text/csv")
    assert item.modified == datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    assert (item.created_by, item.modified_by) == ("job", "Alice")
    assert item.quick_xor_hash == "AAAA"
    assert "raw" not in repr(item)


def test_the_root_and_hashes_that_are_not_there() -> None:
    assert DriveItem.from_json({"id": "r", "root": {}, "folder": {"childCount": 3}}).path == "/"
    for hashes in ({}, None, {"quickXorHash": ""}):
        assert DriveItem.from_json({"id": "x", "file": {"hashes": hashes}}).quick_xor_hash is None


def test_the_download_url_is_not_shown() -> None:
    item = DriveItem.from_json(
        {"id": "x", "@microsoft.graph.downloadUrl": "https://x.sharepoint.com/?tempauth=secret"}
    )
    assert item.download_url is not None
    assert "tempauth" not in repr(item)


@pytest.mark.parametrize(
    "change",
    [{"id": None}, {"id": 7}, {"size": "big"}, {"size": -1}, {"fileSystemInfo": {"createdDateTime": "soon"}}],
)
def test_what_is_mangled_is_an_error_of_ours(change: dict[str, Any]) -> None:
    with pytest.raises(ProtocolError):
        DriveItem.from_json({**FILE, **change})


FLAT = st.dictionaries(
    st.sampled_from(["id", "name", "size", "webUrl", "driveType"]),
    st.none() | st.text(max_size=5) | st.integers(),
)


@given(FLAT)
def test_any_flat_object_is_read_or_refused(raw: dict[str, Any]) -> None:
    for model in (DriveItem, Drive):
        try:
            model.from_json(raw)
        except DriveqlError as error:
            assert error.message  # noqa: PT017 - either outcome is right
