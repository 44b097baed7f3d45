"""Sizes and times as a person writes them on the command line: `10M`, `+1G`, `7d`, `2026-01-31`."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from driveql.drive.finding import SizeTest

_UNITS = {"": 1, "c": 1, "b": 1, "k": 1 << 10, "m": 1 << 20, "g": 1 << 30, "t": 1 << 40}
_SIZE = re.compile(r"([+-]?)(\d+(?:\.\d+)?)\s*([cbkmgt]?)(?:i?b)?", re.IGNORECASE)
_AGE = re.compile(r"(\d+(?:\.\d+)?)\s*(s|min|h|d|w)", re.IGNORECASE)
_SECONDS = {"s": 1, "min": 60, "h": 3600, "d": 86400, "w": 604800}


def size_test(text: str) -> SizeTest:
    """Read `+10M` as more than 10 MiB, `-1k` as less than 1 KiB, `0` as exactly nothing. Raises click.BadParameter."""
    from driveql.drive.finding import Comparison, SizeTest

    match = _SIZE.fullmatch(text.strip())
    if match is None:
        raise click.BadParameter(f"{text!r} is no size; write +10M (more than), -1k (less than) or 0.")
    comparison: Comparison = (
        "more" if match.group(1) == "+" else "less" if match.group(1) == "-" else "exactly"
    )
    return SizeTest(comparison, int(float(match.group(2)) * _UNITS[match.group(3).casefold()]))


def past(text: str) -> datetime:
    """Read a time (`2026-01-31`, `2026-01-31T08:00+01:00`; local without a zone) or an age before now (`7d`, `12h`)."""
    return _moment(text, -1)


def past_or_file(text: str) -> datetime:
    """As `past`; the name of a local file stands for its time of change."""
    try:
        return _moment(text, -1)
    except click.BadParameter:
        if not text or not Path(text).exists():
            raise
        return datetime.fromtimestamp(Path(text).stat().st_mtime, UTC)


def future(text: str) -> datetime:
    """Read a time, or a span after now (`7d`, `12h`)."""
    return _moment(text, 1)


def _moment(text: str, sign: int) -> datetime:
    age = _AGE.fullmatch(text.strip())
    try:
        if age is not None:
            seconds = float(age.group(1)) * _SECONDS[age.group(2).casefold()]
            return datetime.now(UTC) + sign * timedelta(seconds=seconds)
        moment = datetime.fromisoformat(text.strip())
        return (moment if moment.tzinfo else moment.astimezone()).astimezone(UTC)
    except (ValueError, OverflowError, OSError):
        raise click.BadParameter(
            f"{text!r} is no time; write 2026-01-31, 2026-01-31T08:00Z, 7d or 12h."
        ) from None
