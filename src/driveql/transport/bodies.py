"""The body of an answer on a blocking connection: straight from its socket where its length was said.

http.client calls six functions of Python for each record of TLS, and a body of a gibibyte has 65,000 of them.
"""

from __future__ import annotations

import http.client
import socket
import ssl
import time
from collections.abc import Callable
from typing import cast

# More than http.client may have read together with the head of an answer.
_WITH_HEAD = 1 << 16
# A slow line hands over what it has: what is not handed over is lost when the process is killed.
_LONGEST_FILL = 0.5

Receive = Callable[[int, memoryview], int]


class Body:
    """The body of one answer.

    `received` is how many bytes came, `missing` how many of those that were announced did not, `ended` that no more will come.
    """

    def __init__(self, answer: http.client.HTTPResponse, connection: http.client.HTTPConnection) -> None:
        self.received = 0
        self.missing = answer.length or 0
        self._answer = answer
        self._stays_open = not answer.will_close
        # Chunks, and a body that the end of the connection ends, are http.client's affair; for those it keeps the socket.
        is_plain = answer.length is not None and not answer.chunked and connection.sock is not None
        self._receive = _receiver(connection.sock) if is_plain else None
        self._may_be_buffered = True
        self.ended = answer.length == 0

    @property
    def leaves_connection(self) -> bool:
        """Whether the connection can carry another request: the body was read to its end, which was not the connection's."""
        return self.ended and not self.missing and self._stays_open

    def fill(self, view: memoryview) -> None:
        """Fill a view from its beginning, as far as bytes come within half a second, or until the first ones come.

        Raises:
            OSError, http.client.HTTPException: the connection broke; what came before counts as received.
        """
        until = time.monotonic() + _LONGEST_FILL
        filled = 0
        while filled < len(view) and not self.ended and (filled == 0 or time.monotonic() < until):
            rest = view[filled:]
            if self._receive is None:
                count = self._by_library(rest)
            elif self._may_be_buffered:
                count = self._with_head(rest)
            else:
                count = self._receive(min(len(rest), self.missing), rest)
                self.missing -= count
                self.ended = not (count and self.missing)
            filled += count
            self.received += count
        if self.ended:
            self._answer.close()

    def _by_library(self, view: memoryview) -> int:
        count = self._answer.readinto(view)
        self.missing = self._answer.length or 0
        self.ended = count == 0 or self._answer.length == 0
        return count

    def _with_head(self, view: memoryview) -> int:
        wanted = min(len(view), _WITH_HEAD)
        content = self._answer.read1(wanted)
        self._may_be_buffered = len(content) == wanted
        self.missing = self._answer.length or 0
        self.ended = not (content and self.missing)
        view[: len(content)] = content
        return len(content)


def _receiver(connected: socket.socket) -> Receive:
    if isinstance(connected, ssl.SSLSocket):
        # What its recv_into comes to, two calls later.
        return cast(Receive, connected.read)
    return lambda size, view: connected.recv_into(view, size)
