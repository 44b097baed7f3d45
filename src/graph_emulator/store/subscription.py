"""One subscription: who is to be told, about what, until when, and how far they have been told."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(slots=True, eq=False)
class Subscription:
    """A subscription to the changes of a drive (`drive_id`) or of a plain list (`list_guid`).

    Times are seconds since 1970. `told` is the number of the last change that was delivered; after a failure
    `attempts` counts the tries since `failing_since`, and the next is `due`.
    """

    id: str
    resource: str
    change_type: str
    notification_url: str
    application_id: str
    creator_id: str
    expires: float
    told: int
    drive_id: str | None = None
    list_guid: str | None = None
    client_state: str | None = None
    lifecycle_url: str | None = None
    tls_version: str = "v1_2"
    attempts: int = 0
    failing_since: float = 0.0
    due: float = 0.0

    def delivered(self, change: int) -> None:
        """Note that the receiver knows of all changes up to `change`."""
        self.told = max(self.told, change)
        self.attempts, self.failing_since, self.due = 0, 0.0, 0.0

    def failed(self, now: float, first_wait: float) -> None:
        """Note a try that failed `now`; the waits double from `first_wait` seconds on."""
        self.failing_since = self.failing_since or now
        self.due = now + first_wait * 2.0 ** min(self.attempts, 10)
        self.attempts += 1
