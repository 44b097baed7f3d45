"""Writes `.xlsb` workbooks, after [MS-XLSB]: as much of BIFF12 as cells of every kind need. None of our libraries does.

A part is a row of records: a number and a length, each in groups of seven bits with the lowest first, and the bytes.
Source: https://learn.microsoft.com/openspecs/office_file_formats/ms-xlsb (2.1.4 Record, 2.3.2 Record Enumeration)
"""

from __future__ import annotations

import io
import struct
import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import IntEnum

_EPOCH = datetime(1899, 12, 30)
_SPREADSHEET = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_KIND = "application/vnd.ms-excel"


class Brt(IntEnum):
    """Numbers of records (2.3.2)."""

    ROW_HEADER, CELL_BLANK, CELL_RK, CELL_ERROR, CELL_BOOL, CELL_REAL, CELL_TEXT, CELL_SHARED = range(8)
    FORMULA_NUMBER = 9
    SHARED_ITEM, FORMAT, CELL_FORMAT = 19, 44, 47
    BEGIN_SHEET, END_SHEET, BEGIN_BOOK, END_BOOK = range(129, 133)
    BEGIN_SHEETS, END_SHEETS, BEGIN_CELLS, END_CELLS = range(143, 147)
    DIMENSION, BOOK_PROPERTIES, SHEET_PLACE = 148, 153, 156
    BEGIN_SHARED, END_SHARED = 159, 160
    BEGIN_STYLES, END_STYLES = 278, 279
    BEGIN_FORMATS, END_FORMATS, BEGIN_CELL_FORMATS, END_CELL_FORMATS = range(615, 619)


@dataclass(frozen=True)
class Shared:
    """A text kept in the table of shared strings."""

    text: str


@dataclass(frozen=True)
class Formula:
    """A formula with the number that it came to when the workbook was saved; of its tokens there is only that number."""

    value: float


@dataclass(frozen=True)
class Error:
    """A cell's error: 0x07 is #DIV/0!, 0x2A is #N/A (2.5.97.2 BErr)."""

    code: int


Cell = str | bool | int | float | datetime | date | time | Shared | Formula | Error | None
# The formats of cells by their place: of the ids of number formats, 14 is built in, those from 164 on are a workbook's own.
_FORMATS = {0: 0, 1: 14, 2: 164, 3: 165}
_OWN = {164: "yyyy\\-mm\\-dd\\ hh:mm:ss", 165: "hh:mm:ss"}


def workbook(
    sheets: dict[str, Sequence[Sequence[Cell]]], *, hidden: Iterable[str] = (), since_1904: bool = False
) -> bytes:
    """Return a workbook with some sheets.

    Parameters:
        hidden: the names of those that are not shown. since_1904: days count from 1904, as on old Macs.
    """
    shared: dict[str, int] = {}
    days = 1462 if since_1904 else 0
    parts = {f"xl/worksheets/sheet{number}.bin": _sheet(rows, shared, days)
             for number, rows in enumerate(sheets.values(), start=1)}  # fmt: skip
    relations = [(f"rId{number}", f"{_SPREADSHEET}/worksheet", f"worksheets/sheet{number}.bin")
                 for number in range(1, len(sheets) + 1)]  # fmt: skip
    relations.append(("rIdS", f"{_SPREADSHEET}/styles", "styles.bin"))
    relations.append(("rIdT", f"{_SPREADSHEET}/sharedStrings", "sharedStrings.bin"))
    overrides = {
        "xl/workbook.bin": f"{_KIND}.sheet.binary.macroEnabled.main",
        "xl/styles.bin": f"{_KIND}.styles",
        "xl/sharedStrings.bin": f"{_KIND}.sharedStrings",
        **dict.fromkeys(parts, f"{_KIND}.worksheet"),
    }
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as container:
        container.writestr("[Content_Types].xml", _types(overrides))
        container.writestr(
            "_rels/.rels", _relations([("rId1", f"{_SPREADSHEET}/officeDocument", "xl/workbook.bin")])
        )
        container.writestr("xl/workbook.bin", _book(list(sheets), set(hidden), since_1904))
        container.writestr("xl/_rels/workbook.bin.rels", _relations(relations))
        container.writestr("xl/styles.bin", _styles())
        container.writestr("xl/sharedStrings.bin", _shared(shared))
        for name, part in parts.items():
            container.writestr(name, part)
    return content.getvalue()


def record(number: Brt, content: bytes = b"") -> bytes:
    """Return one record (2.1.4)."""
    return _groups(number) + _groups(len(content)) + content


def _groups(value: int) -> bytes:
    groups = bytearray()
    while value > 0x7F:
        groups.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*groups, value])


def _text(text: str) -> bytes:
    """XLWideString (2.5.169)."""
    return struct.pack("<I", len(text.encode("utf-16-le")) // 2) + text.encode("utf-16-le")


def _book(names: list[str], hidden: set[str], since_1904: bool) -> bytes:
    places = (
        record(
            Brt.SHEET_PLACE, struct.pack("<II", name in hidden, number) + _text(f"rId{number}") + _text(name)
        )
        for number, name in enumerate(names, start=1)
    )
    properties = struct.pack("<II", since_1904, 0) + _text("")
    return b"".join(
        [record(Brt.BEGIN_BOOK), record(Brt.BOOK_PROPERTIES, properties), record(Brt.BEGIN_SHEETS), *places,
         record(Brt.END_SHEETS), record(Brt.END_BOOK)]
    )  # fmt: skip


def _sheet(rows: Sequence[Sequence[Cell]], shared: dict[str, int], days: int) -> bytes:
    width = max((len(row) for row in rows), default=1)
    dimension = struct.pack("<IIII", 0, max(len(rows) - 1, 0), 0, width - 1)
    parts = [record(Brt.BEGIN_SHEET), record(Brt.DIMENSION, dimension), record(Brt.BEGIN_CELLS)]
    for number, row in enumerate(rows):
        # BrtRowHdr: row, format, height, three bytes of flags, one span of columns.
        header = struct.pack("<IIH3xIII", number, 0, 300, 1, 0, width - 1)
        parts.append(record(Brt.ROW_HEADER, header))
        parts += [_cell(column, cell, shared, days) for column, cell in enumerate(row) if cell is not None]
    return b"".join([*parts, record(Brt.END_CELLS), record(Brt.END_SHEET)])


def _cell(column: int, cell: Cell, shared: dict[str, int], days: int) -> bytes:
    """A cell of its kind: column, format of the cell in 24 bits and 8 flags, value."""
    number, format_, content = _value(cell, shared, days)
    return record(number, struct.pack("<II", column, format_) + content)


def _value(cell: Cell, shared: dict[str, int], days: int) -> tuple[Brt, int, bytes]:
    match cell:
        case bool():
            return Brt.CELL_BOOL, 0, struct.pack("<B", cell)
        case int():
            return Brt.CELL_RK, 0, _rk(cell)
        case float():
            cents = round(cell * 100)
            short = abs(cents) < 1 << 29 and cents / 100 == cell
            return (Brt.CELL_RK, 0, _rk(cents, cents=True)) if short else (Brt.CELL_REAL, 0, _real(cell))
        case datetime():
            return Brt.CELL_REAL, 2, _real((cell - _EPOCH) / timedelta(days=1) - days)
        case date():
            return Brt.CELL_RK, 1, _rk((cell - _EPOCH.date()).days - days)
        case time():
            return Brt.CELL_REAL, 3, _real((cell.hour * 3600 + cell.minute * 60 + cell.second) / 86_400)
        case Shared():
            return Brt.CELL_SHARED, 0, struct.pack("<I", shared.setdefault(cell.text, len(shared)))
        case Formula():
            # BrtFmlaNum: value, flags, and a formula of one token, PtgNum with the same number, and no further data.
            token = b"\x1f" + _real(cell.value)
            return (
                Brt.FORMULA_NUMBER,
                0,
                _real(cell.value) + struct.pack("<HI", 0, len(token)) + token + bytes(4),
            )
        case Error():
            return Brt.CELL_ERROR, 0, struct.pack("<B", cell.code)
        case None:
            return Brt.CELL_BLANK, 0, b""
        case text:
            return Brt.CELL_TEXT, 0, _text(text)


def _rk(number: int, *, cents: bool = False) -> bytes:
    """RkNumber (2.5.123): 30 bits of an integer, a flag that it is one, and a flag that it counts hundredths."""
    assert abs(number) < 1 << 29
    return struct.pack("<i", number << 2 | 0b10 | cents)


def _real(value: float) -> bytes:
    return struct.pack("<d", value)


def _shared(texts: dict[str, int]) -> bytes:
    items = (record(Brt.SHARED_ITEM, b"\x00" + _text(text)) for text in texts)
    counts = struct.pack("<II", len(texts), len(texts))
    return b"".join([record(Brt.BEGIN_SHARED, counts), *items, record(Brt.END_SHARED)])


def _styles() -> bytes:
    own = (record(Brt.FORMAT, struct.pack("<H", number) + _text(code)) for number, code in _OWN.items())
    formats = (
        record(Brt.CELL_FORMAT, struct.pack("<HHHHH6x", 0, number, 0, 0, 0)) for number in _FORMATS.values()
    )
    return b"".join(
        [record(Brt.BEGIN_STYLES), record(Brt.BEGIN_FORMATS, struct.pack("<I", len(_OWN))), *own, record(Brt.END_FORMATS),
         record(Brt.BEGIN_CELL_FORMATS, struct.pack("<I", len(_FORMATS))), *formats, record(Brt.END_CELL_FORMATS),
         record(Brt.END_STYLES)]
    )  # fmt: skip


def _types(overrides: dict[str, str]) -> str:
    listed = "".join(
        f'<Override PartName="/{name}" ContentType="{kind}"/>' for name, kind in overrides.items()
    )
    defaults = f'<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>{listed}'
    return f'<?xml version="1.0" encoding="UTF-8"?><Types xmlns="{_PACKAGE}/content-types">{defaults}</Types>'


def _relations(relations: Iterable[tuple[str, str, str]]) -> str:
    listed = "".join(
        f'<Relationship Id="{id_}" Type="{kind}" Target="{target}"/>' for id_, kind, target in relations
    )
    return f'<?xml version="1.0" encoding="UTF-8"?><Relationships xmlns="{_PACKAGE}/relationships">{listed}</Relationships>'
