"""Many small requests in few calls, with an outcome for each, in the order they were given.

Inner requests that were throttled or failed in passing are sent again by themselves, as the retry parameters say.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from driveql.errors import DriveqlError
from driveql.graph import batch
from driveql.graph.addresses import Address
from driveql.graph.batch import BatchRequest, InnerAnswer
from driveql.transport.attempts import Attempts
from driveql.transport.session import GraphSession
from driveql.transport.wire import GraphResponse

_BATCHES_AT_ONCE = 4


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one request: its answer, or the error."""

    request: BatchRequest
    answer: GraphResponse | None
    error: DriveqlError | None

    @property
    def succeeded(self) -> bool:
        """True where there is no error."""
        return self.error is None


async def run(session: GraphSession, requests: Sequence[BatchRequest]) -> list[Outcome]:
    """Send requests in batches of twenty; return one outcome for each, in order. No failure stops the others.

    Raises:
        ConfigurationError: the connection is ReadOnly.
    """
    running = _Run(session, requests)
    session.check_writable("POST")
    await running.all()
    return [running.outcomes[number] for number in range(len(requests))]


class _Run:
    def __init__(self, session: GraphSession, requests: Sequence[BatchRequest]) -> None:
        self.session = session
        self.requests = requests
        self.outcomes: dict[int, Outcome] = {}
        self.attempts: dict[int, Attempts] = {}

    async def all(self) -> None:
        due = list(range(len(self.requests)))
        while due:
            again: list[tuple[int, float]] = []
            gate = asyncio.Semaphore(_BATCHES_AT_ONCE)

            async def one(
                numbers: list[int], gate: asyncio.Semaphore = gate, again: list[tuple[int, float]] = again
            ) -> None:
                async with gate:
                    again += await self._call(numbers)

            await asyncio.gather(*(one(numbers) for numbers in batch.chunks(due)))
            if again:
                await asyncio.sleep(max(seconds for _, seconds in again))
            due = sorted(number for number, _ in again)

    async def _call(self, numbers: list[int]) -> list[tuple[int, float]]:
        """Send one batch; return which requests are to be sent again, and after how long."""
        body = batch.body({number: self.requests[number] for number in numbers})
        repeatable = all(self.requests[number].safe_to_repeat for number in numbers)
        for number in numbers:
            self._attempts(number).begin()
        try:
            answer = await self.session.request(
                "POST", Address("/$batch"), json=body, safe_to_repeat=repeatable
            )
            inner = batch.answers(answer.json(), numbers)
        except DriveqlError as error:
            for number in numbers:
                self.outcomes[number] = Outcome(self.requests[number], None, error)
            return []
        return [pair for number in numbers if (pair := self._judge(number, inner[number])) is not None]

    def _judge(self, number: int, inner: InnerAnswer) -> tuple[int, float] | None:
        answer = GraphResponse(inner.status, inner.headers, inner.body)
        if inner.status < 400:
            self.outcomes[number] = Outcome(self.requests[number], answer, None)
            return None
        try:
            return number, self._attempts(number).judge(answer)
        except DriveqlError as error:
            self.outcomes[number] = Outcome(self.requests[number], answer, error)
            return None

    def _attempts(self, number: int) -> Attempts:
        if number not in self.attempts:
            request = self.requests[number]
            url = request.address.url(self.session.settings.graph_url)
            self.attempts[number] = self.session.attempts(
                request.method, url, safe_to_repeat=request.safe_to_repeat
            )
        return self.attempts[number]
