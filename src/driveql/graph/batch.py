"""Many requests in one call: how they are written, and what each one's answer is.

The service answers in any order and each inner request succeeds, fails or is throttled by itself.
Source: https://learn.microsoft.com/graph/json-batching
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson
from multidict import CIMultiDict

from driveql.errors import ProtocolError
from driveql.graph.addresses import Address
from graph_contract import load


@dataclass(frozen=True, slots=True)
class BatchRequest:
    """One inner request.

    Parameters:
        doing: what it is, for messages; method and path by default.
        safe_to_repeat: sending it twice does no more than once.
    """

    method: str
    address: Address
    json: object = None
    headers: Mapping[str, str] = field(default_factory=dict)
    safe_to_repeat: bool = True

    @property
    def doing(self) -> str:
        """The request as messages name it."""
        return f"{self.method} {self.address.path}"

    def as_json(self, identifier: str) -> dict[str, Any]:
        """Return the request as the service reads it."""
        headers = dict(self.headers)
        content: dict[str, Any] = {"id": identifier, "method": self.method, "url": str(self.address)}
        if self.json is not None:
            content["body"] = self.json
            headers.setdefault("Content-Type", "application/json")
        if headers:
            content["headers"] = headers
        return content


@dataclass(frozen=True, slots=True)
class InnerAnswer:
    """One inner answer, as if it had come by itself."""

    status: int
    headers: Mapping[str, str]
    body: bytes


def chunks(indices: Sequence[int]) -> Iterator[list[int]]:
    """Cut a list of request numbers into calls of at most 20."""
    most: int = load("limits")["batch"]["requests_max"]
    for start in range(0, len(indices), most):
        yield list(indices[start : start + most])


def body(requests: Mapping[int, BatchRequest]) -> dict[str, Any]:
    """Return the call's body; ids are the request numbers."""
    return {"requests": [request.as_json(str(number)) for number, request in requests.items()]}


def answers(content: Any, numbers: Sequence[int]) -> dict[int, InnerAnswer]:
    """Return each request's answer by its number.

    Raises:
        ProtocolError: an answer is missing, doubled, or for a request that was not in the call.
    """
    responses = content.get("responses") if isinstance(content, dict) else None
    if not isinstance(responses, list):
        raise ProtocolError("The answer to a batch holds no responses.")
    found: dict[int, InnerAnswer] = {}
    for response in responses:
        identifier = response.get("id") if isinstance(response, dict) else None
        status = response.get("status") if isinstance(response, dict) else None
        if not isinstance(identifier, str) or not identifier.isdecimal() or not isinstance(status, int):
            raise ProtocolError("The answer to a batch holds a response without id or status.")
        number = int(identifier)
        if number not in numbers or number in found:
            raise ProtocolError(f"The answer to a batch names the request {identifier}, which it may not.")
        inner = response.get("body")
        headers = response.get("headers")
        found[number] = InnerAnswer(
            status,
            CIMultiDict(
                {
                    str(name): str(value)
                    for name, value in (headers if isinstance(headers, dict) else {}).items()
                }
            ),
            b"" if inner is None else orjson.dumps(inner),
        )
    if len(found) != len(numbers):
        raise ProtocolError(f"The answer to a batch of {len(numbers)} requests holds {len(found)} responses.")
    return found
