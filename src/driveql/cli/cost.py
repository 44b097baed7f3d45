"""What a statement costs while it runs and when it is done: seconds, requests, bytes, retries, pauses; as one line. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from driveql.cli.text import human_size

if TYPE_CHECKING:
    from driveql.transport.attempts import Statistics


def under_way(seconds: float, cost: Statistics, objects: int) -> str:
    """Return the line that is shown while a statement runs: `3 s  12 requests  2,000 objects  1.2 MiB`."""
    parts = [f"{seconds:.0f} s", _counted(cost.requests, "request")]
    if objects:
        parts.append(_counted(objects, "object"))
    if moved := cost.bytes_received + cost.bytes_sent:
        parts.append(human_size(moved))
    if cost.retries:
        parts.append("1 retry" if cost.retries == 1 else f"{cost.retries:,} retries")
    if cost.throttled_seconds:
        parts.append(f"throttled {cost.throttled_seconds:.0f} s")
    return "  ".join(parts)


def timing(seconds: float, cost: Statistics) -> str:
    """Return the line that `\\timing` and `--timing` tell when a statement is done."""
    retries = "1 retry" if cost.retries == 1 else f"{cost.retries:,} retries"
    return (
        f"Time: {seconds:.3f} s, {_counted(cost.requests, 'request')}, {human_size(cost.bytes_received)} received,"
        f" {human_size(cost.bytes_sent)} sent, {retries}, throttled {cost.throttled_seconds:.1f} s"
    )


def _counted(number: int, what: str) -> str:
    return f"{number:,} {what}" + ("" if number == 1 else "s")
