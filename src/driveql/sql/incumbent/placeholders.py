"""Placeholder functions, `<<argument,FUNCTION>>`: replaced in a statement's text before anything else reads it. Pure.

    <<FUN_TODAY>>, <<yyyy-MM-dd,FUN_TODAY>>          the day that began at midnight UTC
    <<yyyy-MM-dd HH:mm:ss,FUN_GETDATE>>              now, in UTC
    <<monthstart-1d|~|yyyyMMdd,FUN_TO_DATE>>         a day by name or written, moved by y, m, d, h, n (minutes) or s
    <<text,FUN_BASE64ENC>>   <<text,FUN_BASE64DEC>>  <<text,FUN_TRIM>>

Within quotes a value takes the placeholder's place; elsewhere it becomes a quoted text. Formats are those of .NET.
"""

from __future__ import annotations

import base64
import binascii
import calendar
import itertools
import re
from bisect import bisect_right
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from sqlglot.tokenizer_core import TokenType

from driveql.errors import SqlNotSupportedError, SqlSyntaxError
from driveql.sql.syntax import Splice, quoted, splice, tokens_of

_PLACEHOLDER = re.compile(r"<<(?:((?:(?!<<|>>).)*),)?\s*(FUN_\w+)\s*>>", re.DOTALL | re.IGNORECASE)
_SEPARATOR = re.compile(r"\|~\||\|\|")
_STEP = re.compile(r"\s*([+-])\s*(\d{1,5})\s*([ymdhns])", re.IGNORECASE)
_NAMED = re.compile(r"[a-z]+", re.IGNORECASE)
_FORMAT = re.compile(r"'[^']*'|\"[^\"]*\"|\\.|([a-zA-Z])\1*|.", re.DOTALL)
_DAY, _MOMENT = "yyyy-MM-dd", "yyyy-MM-ddTHH:mm:ss"


def replaced(sql: str, now: datetime) -> str:
    """Return the statement with its placeholders replaced.

    Parameters:
        now: the time that FUN_GETDATE means, with its zone.

    Raises:
        SqlNotSupportedError: a function has no plain meaning here. SqlSyntaxError: its argument cannot be read.
    """
    found = list(_PLACEHOLDER.finditer(sql))
    if not found:
        return sql
    quotes = [
        (token.start, token.end, "'" if token.token_type is TokenType.STRING else '"')
        for token in tokens_of(sql)
        if token.token_type in {TokenType.STRING, TokenType.IDENTIFIER}
    ]
    splices: list[Splice] = []
    for match in found:
        mark = _quote_around(quotes, match.start())
        argument = match[1] or ""
        value = _value(match[2].upper(), argument.replace(mark * 2, mark) if mark else argument, now)
        text = value.replace(mark, mark * 2) if mark else quoted(value)
        splices.append(Splice(match.start(), match.end(), text))
    return splice(sql, splices)


def _quote_around(quotes: list[tuple[int, int, str]], position: int) -> str:
    index = bisect_right(quotes, position, key=lambda quote: quote[0]) - 1
    return quotes[index][2] if index >= 0 and position <= quotes[index][1] else ""


def _value(name: str, argument: str, now: datetime) -> str:
    function = _FUNCTIONS.get(name)
    if function is None:
        raise SqlNotSupportedError(
            f"The placeholder function {name} is not supported.",
            hint=f"There are {', '.join(sorted(_FUNCTIONS))}; for others SQL has functions: now(), upper(x), md5(x).",
        )
    return function(argument, now.astimezone(UTC))


def _today(argument: str, now: datetime) -> str:
    return formatted(_midnight(now), argument.strip() or _DAY)


def _now(argument: str, now: datetime) -> str:
    return formatted(now, argument.strip() or _MOMENT)


def _to_date(argument: str, now: datetime) -> str:
    return _moved(argument, now, _DAY)


def _to_datetime(argument: str, now: datetime) -> str:
    return _moved(argument, now, _MOMENT)


def _encoded(argument: str, _now: datetime) -> str:
    return base64.b64encode(argument.encode()).decode("ascii")


def _decoded(argument: str, _now: datetime) -> str:
    try:
        return base64.b64decode(argument, validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        raise SqlSyntaxError("The argument of FUN_BASE64DEC is not Base64 of a text.") from None


def _trimmed(argument: str, _now: datetime) -> str:
    return argument.strip()


_FUNCTIONS: dict[str, Callable[[str, datetime], str]] = {
    "FUN_TODAY": _today,
    "FUN_GETDATE": _now,
    "FUN_NOW": _now,
    "FUN_TO_DATE": _to_date,
    "FUN_TO_DATETIME": _to_datetime,
    "FUN_BASE64ENC": _encoded,
    "FUN_BASE64DEC": _decoded,
    "FUN_TRIM": _trimmed,
}


def _midnight(moment: datetime) -> datetime:
    return moment.replace(hour=0, minute=0, second=0, microsecond=0)


def _moved(argument: str, now: datetime, default: str) -> str:
    written, *rest = _SEPARATOR.split(argument.strip())
    return formatted(_moment(written.strip() or "today", now), rest[0].strip() if rest else default)


def _moment(written: str, now: datetime) -> datetime:
    """Return a moment by its name, such as `monthend`, or as written, with the steps after it taken."""
    name = _NAMED.match(written)
    steps = list(_STEP.finditer(written, name.end() if name else 0))
    head = written[: steps[0].start()] if name and steps else written
    if name is None:
        # In 2026-01-31-1d the last part is a step; what is before it is the date.
        steps = [step for step in steps if step.end() == len(written)]
        head = written[: steps[0].start()] if steps else written
    elif steps and (
        steps[0].start() != name.end() or any(a.end() != b.start() for a, b in itertools.pairwise(steps))
    ):
        raise _no_date(written)
    if steps and steps[-1].end() != len(written):
        raise _no_date(written)
    moment = _start(head.strip(), now)
    for step in steps:
        moment = _step(moment, int(step[1] + step[2]), step[3].lower())
    return moment


def _start(head: str, now: datetime) -> datetime:
    today = _midnight(now)
    week = today - timedelta(days=today.weekday())
    month_days = calendar.monthrange(today.year, today.month)[1]
    named = {
        "now": now,
        "today": today,
        "yesterday": today - timedelta(days=1),
        "weekstart": week,
        "weekend": week + timedelta(days=6),
        "monthstart": today.replace(day=1),
        "monthend": today.replace(day=month_days),
        "yearstart": today.replace(month=1, day=1),
        "yearend": today.replace(month=12, day=31),
    }
    if head.lower() in named:
        return named[head.lower()]
    try:
        moment = datetime.fromisoformat(head)
    except ValueError:
        raise _no_date(head) from None
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)


def _step(moment: datetime, count: int, unit: str) -> datetime:
    try:
        if unit in "ym":
            months = moment.year * 12 + moment.month - 1 + count * (12 if unit == "y" else 1)
            year, month = divmod(months, 12)
            day = min(moment.day, calendar.monthrange(year, month + 1)[1])
            return moment.replace(year=year, month=month + 1, day=day)
        seconds = {"d": 86_400, "h": 3_600, "n": 60, "s": 1}[unit]
        return moment + timedelta(seconds=count * seconds)
    except (ValueError, OverflowError):
        raise SqlSyntaxError("The date of a placeholder lies outside the years 1 to 9999.") from None


def _no_date(written: str) -> SqlSyntaxError:
    return SqlSyntaxError(
        f"{written!r} is no date that FUN_TO_DATE knows.",
        hint="Write <<today-1d,FUN_TO_DATE>>, <<monthstart-1m|~|yyyyMMdd,FUN_TO_DATE>> or <<2026-01-31,FUN_TO_DATE>>; days"
        " have the names now, today, yesterday, and week, month or year with start or end.",
    )


def formatted(moment: datetime, pattern: str) -> str:
    """Return a moment in a .NET format. Raises SqlNotSupportedError for a specifier that is not known."""
    return "".join(_part(moment, match) for match in _FORMAT.finditer(pattern))


def _part(moment: datetime, match: re.Match[str]) -> str:
    text = match[0]
    if text[0] in "'\"" and len(text) > 1:
        return text[1:-1]
    if text[0] == "\\" and len(text) > 1:
        return text[1]
    if match[1] is None or text in {"T", "Z"}:
        return text
    if text in _PARTS:
        return _PARTS[text](moment)
    if set(text) == {"f"} and len(text) <= 6:
        return f"{moment.microsecond:06d}"[: len(text)]
    raise SqlNotSupportedError(
        f"The date format has {text!r}, which is not supported.",
        hint="There are yyyy, yy, MMMM, MMM, MM, M, dddd, ddd, dd, d, HH, H, hh, h, mm, m, ss, s, fff, tt and zzz.",
    )


_PARTS: dict[str, Callable[[datetime], str]] = {
    "yyyy": lambda m: f"{m.year:04d}",
    "yy": lambda m: f"{m.year % 100:02d}",
    "MMMM": lambda m: calendar.month_name[m.month],
    "MMM": lambda m: calendar.month_abbr[m.month],
    "MM": lambda m: f"{m.month:02d}",
    "M": lambda m: str(m.month),
    "dddd": lambda m: calendar.day_name[m.weekday()],
    "ddd": lambda m: calendar.day_abbr[m.weekday()],
    "dd": lambda m: f"{m.day:02d}",
    "d": lambda m: str(m.day),
    "HH": lambda m: f"{m.hour:02d}",
    "H": lambda m: str(m.hour),
    "hh": lambda m: f"{(m.hour + 11) % 12 + 1:02d}",
    "h": lambda m: str((m.hour + 11) % 12 + 1),
    "mm": lambda m: f"{m.minute:02d}",
    "m": lambda m: str(m.minute),
    "ss": lambda m: f"{m.second:02d}",
    "s": lambda m: str(m.second),
    "tt": lambda m: "AM" if m.hour < 12 else "PM",
    "zzz": lambda _: "+00:00",
}
