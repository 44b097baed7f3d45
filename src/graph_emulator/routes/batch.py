"""$batch: up to 20 requests in one, each answered as if it had come alone, in no order but what dependsOn asks for.

Follows "Combine multiple requests in one HTTP call using JSON batching".
"""

from __future__ import annotations

import base64
import binascii
import random
from dataclasses import dataclass
from typing import Any

import orjson
from multidict import CIMultiDict

from graph_contract import load
from graph_emulator.call import Call
from graph_emulator.errors import GraphError, not_implemented
from graph_emulator.messages import Request, Response, json_response

_MAX = int(load("limits")["batch"]["requests_max"])
_METHODS = frozenset(("GET", "POST", "PUT", "PATCH", "DELETE"))
_UNSEEN = frozenset(("date", "x-ms-ags-diagnostic", "transfer-encoding", "content-length"))


@dataclass(slots=True)
class Step:
    """One request of a batch."""

    id: str
    method: str
    url: str
    headers: dict[str, str]
    body: bytes
    depends_on: tuple[str, ...]


async def answer_batch(call: Call) -> Response:
    """Answer POST $batch: 200 with the answers. Raises GraphError 400 for a batch that is malformed."""
    call.options.only()
    steps = _read(await call.json_body())
    statuses: dict[str, int] = {}
    answers: list[dict[str, Any]] = []
    for step in _in_order(steps, call.world.behaviour.batch_order):
        if any(statuses[needed] >= 400 for needed in step.depends_on):
            refusal = GraphError(424, "FailedDependency", "A request this one depends on has failed.")
            response = refusal.response(call.world.clock.now(), step.headers.get("client-request-id"))
        else:
            response = await _answered(call, step)
        statuses[step.id] = response.status
        answers.append(_shown(step, response))
    return json_response(200, {"responses": answers})


async def _answered(call: Call, step: Step) -> Response:
    if call.world.answer is None:
        raise not_implemented("$batch without an emulator around it")
    headers = CIMultiDict(step.headers)
    headers["Authorization"] = call.request.headers.get("Authorization", "")
    target = f"/v1.0/{step.url.lstrip('/')}"
    if target.partition("?")[0].rstrip("/").casefold() == "/v1.0/$batch":
        refusal = GraphError(400, "BadRequest", "A batch cannot hold another batch.")
        return refusal.response(call.world.clock.now(), None)
    response = await call.world.answer(
        Request(step.method, call.request.base_url, target, headers, step.body)
    )
    if response.drop:
        failure = GraphError(504, "generalException", "The upstream service did not answer in time.")
        return failure.response(call.world.clock.now(), None)
    return response


def _shown(step: Step, response: Response) -> dict[str, Any]:
    headers = {
        "location" if name.casefold() == "location" else str(name): value
        for name, value in response.headers.items()
        if name.casefold() not in _UNSEEN
    }
    shown: dict[str, Any] = {"id": step.id, "status": response.status, "headers": headers}
    if not isinstance(response.body, bytes):
        raise not_implemented("a streamed answer in a batch")
    if response.status == 204:
        shown["body"] = None
    elif response.body and "json" in response.headers.get("Content-Type", ""):
        shown["body"] = orjson.loads(response.body)
    elif response.body:
        shown["body"] = base64.b64encode(response.body).decode("ascii")
    return shown


def _in_order(steps: list[Step], order: str) -> list[Step]:
    """Return the steps as they are carried out and answered: after what they depend on, and else not as written."""
    waiting = list(steps)
    if order == "reversed":
        waiting.reverse()
    elif order == "shuffled":
        random.Random(len(waiting)).shuffle(waiting)  # noqa: S311 - the same order each time
    done: list[Step] = []
    names: set[str] = set()
    while waiting:
        ready = next((step for step in waiting if names.issuperset(step.depends_on)), None)
        if ready is None:
            raise _malformed("The requests depend on each other in a circle.")
        waiting.remove(ready)
        done.append(ready)
        names.add(ready.id)
    return done


def _read(body: dict[str, Any]) -> list[Step]:
    written = body.get("requests")
    if not isinstance(written, list) or not written:
        raise _malformed("The batch has no requests.")
    if len(written) > _MAX:
        raise GraphError(
            400,
            "MaximumValueExceeded",
            f"Number of batch request steps exceeds the maximum value of {_MAX}.",
        )
    steps = [_step(each) for each in written]
    names = [step.id for step in steps]
    for name in names:
        if names.count(name) > 1:
            raise _malformed(f"The request id '{name}' occurs more than once.")
    for step in steps:
        for needed in step.depends_on:
            if needed not in names or needed == step.id:
                raise _malformed(f"The request '{step.id}' depends on '{needed}', which it cannot.")
    return steps


def _step(written: object) -> Step:
    if not isinstance(written, dict):
        raise _malformed("A request must be an object.")
    identifier, method, url = (written.get(name) for name in ("id", "method", "url"))
    if not isinstance(identifier, str) or not identifier:
        raise _malformed("A request must have an id that is a string.")
    if not isinstance(method, str) or method.upper() not in _METHODS:
        raise _malformed(f"The request '{identifier}' has no known method.")
    if not isinstance(url, str) or not url.strip("/") or "://" in url.partition("?")[0]:
        raise _malformed(f"The request '{identifier}' must have a URL relative to the service's root.")
    headers = written.get("headers") or {}
    if not isinstance(headers, dict):
        raise _malformed(f"The headers of the request '{identifier}' must be an object.")
    depends_on = written.get("dependsOn") or []
    if not isinstance(depends_on, list) or not all(isinstance(each, str) for each in depends_on):
        raise _malformed(f"dependsOn of the request '{identifier}' must be a list of ids.")
    sent = {str(name): str(value) for name, value in headers.items()}
    content = _content(identifier, written.get("body"), CIMultiDict(sent).get("Content-Type"))
    return Step(identifier, method.upper(), url, sent, content, tuple(depends_on))


def _content(identifier: str, body: object, content_type: str | None) -> bytes:
    """Return the bytes of a request's body: JSON as it stands, anything else in base64."""
    if body is None:
        return b""
    if content_type is None:
        raise _malformed(f"Write request id : {identifier} does not contain Content-Type header or body.")
    if "json" in content_type.casefold():
        return orjson.dumps(body)
    if not isinstance(body, str):
        raise _malformed(f"The body of the request '{identifier}' must be in base64.")
    try:
        return base64.b64decode(
            body.replace("-", "+").replace("_", "/") + "=" * (-len(body) % 4), validate=True
        )
    except (binascii.Error, ValueError):
        raise _malformed(f"The body of the request '{identifier}' must be in base64.") from None


def _malformed(message: str) -> GraphError:
    return GraphError(400, "BadRequest", message)
