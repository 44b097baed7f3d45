"""Thumbnails, previews and conversions, the same over plain HTTP and over TLS through a proxy."""

from __future__ import annotations

import struct
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from tests.support import LocalTenant, local_tenant

from driveql import errors
from graph_emulator import faults

DOCUMENT = "/Reports/a b#1.docx"


@pytest_asyncio.fixture(params=["http", "tls through a proxy"])
async def tenant(request: pytest.FixtureRequest) -> AsyncIterator[LocalTenant]:
    listen = {} if request.param == "http" else {"tls_port": 0, "proxy_port": 0}
    async with local_tenant(listen=listen) as local:
        local.store_drive.put_file(DOCUMENT, b"x" * 1000, modified=1_700_000_000)
        local.store_drive.put_file("/raw.bin", b"x")
        yield local
        assert not local.emulator.leaks


async def test_pictures_are_listed_in_the_usual_sizes_or_ones_own(
    tenant: LocalTenant, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    renditions = tenant.handle.renditions
    pictures = {picture.size: picture for picture in await renditions.thumbnails(DOCUMENT)}
    assert set(pictures) == {"small", "medium", "large"}
    assert (pictures["small"].width, pictures["small"].height) == (96, 96)
    [own] = await renditions.thumbnails(DOCUMENT, size="c300x400_crop")
    assert own.size == "c300x400_crop"
    assert {own.width, own.height} == {300, 400}
    assert own.url
    assert own.url not in repr(own)
    assert "tempauth" not in caplog.text
    assert await renditions.thumbnails("/raw.bin") == []


async def test_a_picture_is_downloaded_whole(tenant: LocalTenant, tmp_path: Path) -> None:
    target = tmp_path / "picture.png"
    picture = await tenant.handle.renditions.download_thumbnail(DOCUMENT, target, size="medium")
    content = target.read_bytes()
    assert content.startswith(b"\x89PNG")
    assert struct.unpack(">II", content[16:24]) == (picture.width, picture.height)
    with pytest.raises(errors.NotFoundError):
        await tenant.handle.renditions.download_thumbnail("/raw.bin", tmp_path / "none.png")
    with pytest.raises(errors.ConfigurationError):
        await tenant.handle.renditions.download_thumbnail(DOCUMENT, target, size="huge")
    assert [path.name for path in tmp_path.iterdir()] == ["picture.png"]


async def test_a_document_is_converted_to_pdf(tenant: LocalTenant, tmp_path: Path) -> None:
    target = tmp_path / "a.pdf"
    item = await tenant.handle.renditions.convert(DOCUMENT, target)
    assert item.path == DOCUMENT
    content = target.read_bytes()
    assert content.startswith(b"%PDF-")
    assert content.rstrip().endswith(b"%%EOF")
    assert target.stat().st_mtime == 1_700_000_000
    assert [path.name for path in tmp_path.iterdir()] == ["a.pdf"]


async def test_what_cannot_be_converted_leaves_nothing(tenant: LocalTenant, tmp_path: Path) -> None:
    renditions = tenant.handle.renditions
    with pytest.raises(errors.BadRequestError) as caught:
        await renditions.convert("/raw.bin", tmp_path / "raw.pdf")
    assert caught.value.status == 406
    assert "raw.bin" in (caught.value.hint or "")
    with pytest.raises(errors.InvalidPathError, match="folder"):
        await renditions.convert("/Reports", tmp_path / "x.pdf")
    with pytest.raises(errors.ConfigurationError):
        await renditions.convert(DOCUMENT, tmp_path / "x.doc", format="doc")  # type: ignore[arg-type]
    with pytest.raises(errors.ConfigurationError):
        await renditions.convert(DOCUMENT, tmp_path / "x.jpg", format="jpg")
    with pytest.raises(errors.LocalFileError):
        await renditions.convert(DOCUMENT, tmp_path / "missing" / "a.pdf")
    assert not list(tmp_path.iterdir())


async def test_a_preview_is_a_secret_url(tenant: LocalTenant) -> None:
    preview = await tenant.handle.renditions.preview(DOCUMENT, page=2, zoom=1.5)
    assert preview.get_url
    assert preview.get_url not in repr(preview)


@pytest.mark.parametrize(
    ("fault", "count"),
    [
        (faults.Truncate(bytes=3), 1),
        (faults.Truncate(bytes=200), 1),
        (faults.DropBefore(), 2),
        (faults.ExpiredUrl(401), 1),
        (faults.ExpiredUrl(404), 2),
        (faults.Refuse(429, retry_after=0), 2),
        (faults.Refuse(503, retry_after=0), 1),
    ],
    ids=repr,
)
async def test_a_conversion_outlives_a_fault_at_its_content(
    tmp_path: Path, fault: faults.Effect, count: int
) -> None:
    async with local_tenant() as tenant:
        tenant.store_drive.put_file(DOCUMENT, b"x" * 1000)
        tenant.emulator.faults.add(fault, target="_content", count=count)
        await tenant.handle.renditions.convert(DOCUMENT, tmp_path / "a.pdf")
        assert (tmp_path / "a.pdf").read_bytes().rstrip().endswith(b"%%EOF")
        tenant.emulator.faults.assert_consumed()


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        (faults.NotJson(), errors.IntegrityError),
        (faults.EmptyBody(), errors.IntegrityError),
        (faults.ExpiredUrl(403), errors.DriveqlError),
        (faults.DropBefore(), errors.ConnectionLostError),
    ],
    ids=repr,
)
async def test_what_is_no_pdf_never_appears_as_one(
    tmp_path: Path, fault: faults.Effect, kind: type[Exception]
) -> None:
    (tmp_path / "a.pdf").write_bytes(b"the old one")
    async with local_tenant(retry_count_max=1) as tenant:
        tenant.store_drive.put_file(DOCUMENT, b"x" * 1000)
        tenant.emulator.faults.add(fault, target="_content", count=None)
        with pytest.raises(kind):
            await tenant.handle.renditions.convert(DOCUMENT, tmp_path / "a.pdf")
        tenant.emulator.faults.assert_consumed()
        assert (tmp_path / "a.pdf").read_bytes() == b"the old one"
        assert [path.name for path in tmp_path.iterdir()] == ["a.pdf"]
