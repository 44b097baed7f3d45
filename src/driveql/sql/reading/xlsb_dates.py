"""Dates in `.xlsb` workbooks: calamine forgets the format of a cell whose number is kept as a whole one, and so of most dates.

So these numbers are given the form that keeps fractions too, of the same length, before calamine reads them. Pure.
Source: https://learn.microsoft.com/openspecs/office_file_formats/ms-xlsb, 2.1.4 Record, 2.4.319 BrtCellRk, 2.5.123 RkNumber
"""

from __future__ import annotations

import io
import struct
import zipfile
import zlib

_BOOK = "xl/workbook.bin"
_SHEETS = "xl/worksheets/"
_CELL_RK = 2
# Column and format of the cell, then the number.
_BEFORE_NUMBER, _CELL_BYTES = 8, 12
# The flags of a number: hundredths of it are meant; it is a whole one.
_FLAGS, _WHOLE = 0b11, 0b10
# Whole numbers below this fit the 30 bits that are kept of a fraction; as a date it is in the year 3335.
_BOUND = 1 << 19


def with_dates(content: bytes) -> bytes:
    """Return a workbook with the whole numbers of its `.xlsb` worksheets written as calamine keeps them; any other as it is."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as parts:
            if _BOOK not in parts.namelist():
                return content
            changed = {
                name: _with_formats(parts.read(name))
                for name in parts.namelist()
                if name.startswith(_SHEETS) and name.endswith(".bin")
            }
            return _with(parts, changed)
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError):
        # calamine says what is wrong with it.
        return content


def _with(parts: zipfile.ZipFile, changed: dict[str, bytes]) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as written:
        for name in parts.namelist():
            written.writestr(name, changed.pop(name) if name in changed else parts.read(name))
    return content.getvalue()


def _with_formats(part: bytes) -> bytes:
    """Return a worksheet's records, with its whole numbers in the other form; what is cut short is left as it is."""
    records = bytearray(part)
    at, end = 0, len(records) - 1
    while at < end:
        number = records[at]
        at += 1
        if number & 0x80:
            number = number & 0x7F | records[at] << 7
            at += 1
        length = shift = 0
        while at <= end:
            group = records[at]
            at += 1
            length |= (group & 0x7F) << shift
            shift += 7
            if not group & 0x80:
                break
        if number == _CELL_RK and length == _CELL_BYTES and at + length <= end + 1:
            _rewrite(records, at + _BEFORE_NUMBER)
        at += length
    return bytes(records)


def _rewrite(records: bytearray, at: int) -> None:
    if records[at] & _FLAGS != _WHOLE:
        return
    (kept,) = struct.unpack_from("<i", records, at)
    value = kept >> 2
    if 0 < value < _BOUND:
        struct.pack_into("<I", records, at, struct.unpack("<Q", struct.pack("<d", value))[0] >> 32)
