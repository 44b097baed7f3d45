"""Thumbnails, previews, conversions, and what $expand shows beside an item."""

from __future__ import annotations

import re
import struct
import zlib

import pytest
from tests.emulator.conftest import Asker

from graph_emulator import Clock
from graph_emulator.renditions import pdf, png
from graph_emulator.store import Drive, Item


@pytest.fixture
def photo(drive: Drive) -> Item:
    return drive.put_file("/photos/beach #1.jpg", b"not really")


@pytest.fixture
def place(drive: Drive, photo: Item) -> str:
    return f"/drives/{drive.id}/items/{photo.id}"


def picture_size(data: bytes) -> tuple[int, int]:
    """Read a PNG strictly: signature, checksums, the pixels that its header announces."""
    assert data[:8] == b"\x89PNG\r\n\x1a\n"
    position, pixels, size = 8, b"", (0, 0)
    while position < len(data):
        (length,) = struct.unpack(">I", data[position : position + 4])
        kind, content = data[position + 4 : position + 8], data[position + 8 : position + 8 + length]
        (checksum,) = struct.unpack(">I", data[position + 8 + length : position + 12 + length])
        assert checksum == zlib.crc32(kind + content)
        if kind == b"IHDR":
            size = struct.unpack(">II", content[:8])
        pixels += content if kind == b"IDAT" else b""
        position += 12 + length
    assert len(zlib.decompress(pixels)) == size[1] * (1 + (size[0] + 7) // 8)
    return size


@pytest.mark.parametrize(("width", "height"), [(1, 1), (7, 3), (800, 800), (1023, 5)])
def test_pictures_are_real(width: int, height: int) -> None:
    assert picture_size(png(width, height, b"abc")) == (width, height)


def test_documents_are_real() -> None:
    document = pdf("a (1) \\ ü 日")
    start = int(document.rsplit(b"startxref\n", 1)[1].split()[0])
    assert document[start : start + 4] == b"xref"
    places = [int(line) for line in re.findall(rb"^(\d{10}) 00000 n", document, re.MULTILINE)]
    for number, found in enumerate(places, 1):
        assert document[found:].startswith(b"%d 0 obj" % number)
    (length,) = re.findall(rb"/Length (\d+)", document)
    stream = document.split(b"stream\n", 1)[1]
    assert stream[int(length) :].startswith(b"\nendstream")


def test_thumbnails(ask: Asker, place: str) -> None:
    (shown,) = ask("GET", f"{place}/thumbnails").json["value"]
    assert {name: (size["width"], size["height"]) for name, size in shown.items() if name != "id"} == {
        "small": (96, 96),
        "medium": (176, 176),
        "large": (800, 800),
    }
    (custom,) = ask("GET", f"{place}/thumbnails?select=c300x400_crop,small").json["value"]
    assert set(custom) == {"id", "c300x400_crop", "small"}
    fetched = ask("GET", custom["c300x400_crop"]["url"])
    assert (fetched.headers["Content-Type"], picture_size(fetched.body)) == ("image/png", (300, 400))
    one = ask("GET", f"{place}/thumbnails/0/medium").json
    assert picture_size(ask("GET", one["url"]).body) == (176, 176)
    led = ask("GET", f"{place}/thumbnails/0/c20x30/content")
    assert (led.status, picture_size(ask("GET", led.headers["Location"]).body)) == (302, (20, 30))
    assert set(ask("GET", f"{place}/thumbnails/0").json) == {"id", "small", "medium", "large"}
    for wrong, status in (("0/huge", 400), ("0/c0x5", 400), ("1/small", 404)):
        assert ask("GET", f"{place}/thumbnails/{wrong}").status == status


def test_what_has_no_picture(ask: Asker, drive: Drive) -> None:
    text = drive.put_file("/notes.txt", b"text")
    for item in (text, drive.root):
        assert ask("GET", f"/drives/{drive.id}/items/{item.id}/thumbnails").json["value"] == []
        assert ask("GET", f"/drives/{drive.id}/items/{item.id}/thumbnails/0/small").status == 404


def test_addresses_of_renditions_are_guarded(ask: Asker, place: str, photo: Item, clock: Clock) -> None:
    url = ask("GET", f"{place}/thumbnails/0/small").json["url"]
    assert url.startswith("http://localhost")
    assert ask("GET", url, token=True).status == 401
    assert ask.emulator.leaks
    assert ask("GET", url.replace("picture-96x96", "picture-96x97")).status == 401
    assert ask("GET", url.replace("picture-96x96", "pdf")).status == 401
    assert ask("POST", url).status == 501
    assert all("tempauth=..." in each.target for each in ask.emulator.requests if "tempauth" in each.target)
    clock.advance(3601)
    assert ask("GET", url).status == 401


def test_a_preview(ask: Asker, place: str, drive: Drive) -> None:
    shown = ask("POST", f"{place}/preview", json={"page": 2, "zoom": 1.5}).json
    assert b"beach #1.jpg" in ask("GET", shown["getUrl"]).body
    assert ask("POST", f"{place}/preview", json={"zoom": "big"}).status == 400
    assert ask("POST", f"/drives/{drive.id}/root/preview").status == 400


@pytest.mark.parametrize("name", ["a.docx", "b.XLSX", "c.csv", "d.pptx"])
def test_office_files_become_pdf(ask: Asker, drive: Drive, name: str) -> None:
    drive.put_file(f"/{name}", b"text")
    led = ask("GET", f"/drives/{drive.id}/root:/{name}:/content?format=pdf")
    assert led.status == 302
    fetched = ask("GET", led.headers["Location"])
    assert (fetched.headers["Content-Type"], fetched.body[:5]) == ("application/pdf", b"%PDF-")


def test_what_cannot_be_converted(ask: Asker, drive: Drive) -> None:
    for name, wanted, status in (("a.pdf", "pdf", 406), ("noext", "pdf", 406), ("a.docx", "epub", 501)):
        drive.put_file(f"/{name}", b"text")
        assert ask("GET", f"/drives/{drive.id}/root:/{name}:/content?format={wanted}").status == status
    assert ask("GET", f"/drives/{drive.id}/root/content?format=pdf").status == 400


def test_beside_an_item(ask: Asker, drive: Drive, place: str) -> None:
    expand = "permissions,thumbnails($select=small),listItem($expand=fields($select=FileLeafRef))"
    shown = ask("GET", f"{place}?$select=id,sharepointIds&$expand={expand}").json
    assert shown["permissions"][0]["roles"] == ["owner"]
    assert set(shown["thumbnails"][0]) == {"id", "small"}
    assert shown["listItem"]["fields"]["FileLeafRef"] == "beach #1.jpg"
    ids = shown["sharepointIds"]
    assert (ids["listItemId"], ids["siteUrl"]) == (shown["listItem"]["id"], drive.site.web_url)
    (listed,) = ask("GET", f"/drives/{drive.id}/root:/photos:/children?$expand=thumbnails").json["value"]
    assert listed["thumbnails"][0]["small"]["width"] == 96
    expand = "children($select=name;$expand=permissions)"
    (child,) = ask("GET", f"/drives/{drive.id}/root:/photos?$expand={expand}").json["children"]
    assert set(child) == {"@odata.etag", "name", "permissions"}
    assert ask("GET", f"{place}?$expand=analytics").status == 501
    assert ask("GET", f"{place}?$expand=((").status == 400


def test_following(ask: Asker, drive: Drive, place: str, photo: Item) -> None:
    assert (ask("POST", f"{place}/follow").status, ask("POST", f"{place}/follow").json["id"]) == (
        200,
        photo.id,
    )
    assert ask("GET", f"/drives/{drive.id}/following").names == ["beach #1.jpg"]
    assert ask("POST", f"{place}/unfollow").status == 204
    assert ask("GET", f"/drives/{drive.id}/following").json["value"] == []
    assert ask("DELETE", f"/drives/{drive.id}/following/{photo.id}").status == 404
    ask("POST", f"{place}/follow")
    assert ask("DELETE", f"/users/alice@contoso.com/drive/following/{photo.id}").status == 204


def test_shared_with_me_is_retired(ask: Asker, drive: Drive) -> None:
    for target in ("/users/alice@contoso.com/drive/sharedWithMe", f"/drives/{drive.id}/sharedWithMe()"):
        answer = ask("GET", target)
        assert (answer.status, answer.json["value"]) == (200, [])
    assert ask("GET", "/me/drive/sharedWithMe").status == 400
    ask.emulator.behaviour.shared_with_me = "refused"
    assert ask("GET", f"/drives/{drive.id}/sharedWithMe").code == "accessDenied"


def test_search_that_is_closed_to_applications(ask: Asker, drive: Drive, photo: Item) -> None:
    target = f"/drives/{drive.id}/root/search(q='beach')"
    assert ask("GET", target).names == ["beach #1.jpg"]
    ask.emulator.behaviour.search_refused = True
    assert (ask("GET", target).status, ask("GET", target).code) == (403, "accessDenied")
