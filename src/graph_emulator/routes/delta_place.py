"""Where a round of delta stands, and the tokens that say so: opaque, for one drive, and too old after a while."""

from __future__ import annotations

import base64
import binascii
import math
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

import orjson

from graph_emulator.call import Call
from graph_emulator.errors import bad_request, resync_required
from graph_emulator.store import Drive


@dataclass(frozen=True, slots=True)
class Place:
    """A round tells the changes after number `since` up to `until`, and has told those up to `at`.

    `until` is None before the round has begun. `earliest` (seconds since 1970) leaves out what is older, for a time
    that lies before all that the drive remembers.
    """

    since: int
    at: int
    until: int | None
    earliest: float | None = None

    @property
    def initial(self) -> bool:
        """Return whether the round tells everything there is, rather than what changed."""
        return self.since == 0 and self.earliest is None


def place_of(call: Call, drive: Drive, token: str | None, known: int) -> Place:
    """Return the place a token names, in a drive whose changes are told up to number `known`.

    Raises GraphError 400 for what is no token, 410 for one that is too old or another drive's.
    """
    if not token:
        return Place(0, 0, known)
    if (moment := _moment(token)) is not None:
        if drive.remembers(moment):
            since = drive.last_change_by(math.nextafter(moment, 0))
            return Place(since, since, max(known, since))
        return Place(0, 0, known, moment)
    place, drive_id, made = _read(token)
    too_old = call.world.clock.now() - made > call.world.behaviour.delta_life
    if drive_id != drive.id or place.at > drive.sequence or too_old:
        raise resync_required(fresh_start(call), call.world.behaviour.delta_resync)
    until = max(known, place.since) if place.until is None else place.until
    return Place(place.since, place.at, until, place.earliest)


def token_for(call: Call, drive: Drive, place: Place) -> str:
    """Return an opaque token that names `place`."""
    held = {**asdict(place), "drive": drive.id, "made": int(call.world.clock.now())}
    return base64.urlsafe_b64encode(orjson.dumps(held)).rstrip(b"=").decode("ascii")


def fresh_start(call: Call) -> str:
    """Return the address at which everything is told anew."""
    return f"{call.request.base_url}{call.request.target.partition('?')[0].partition('(')[0]}?token="


def _moment(token: str) -> float | None:
    try:
        moment = datetime.fromisoformat(token)
    except ValueError:
        return None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


def _read(token: str) -> tuple[Place, str, float]:
    try:
        held: dict[str, Any] = orjson.loads(base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)))
        until, earliest = held["until"], held["earliest"]
        place = Place(
            int(held["since"]),
            int(held["at"]),
            None if until is None else int(until),
            None if earliest is None else float(earliest),
        )
        return place, str(held["drive"]), float(held["made"])
    except (ValueError, KeyError, TypeError, binascii.Error):
        raise bad_request("The delta token is not one that the service gave out.") from None
