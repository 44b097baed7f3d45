"""The notification receiver on a real socket: answers validation, believes the client state only, keeps its queue bounded."""

from __future__ import annotations

import asyncio
import io
from typing import Any

import aiohttp
import pytest

from driveql import errors
from driveql.transport.receiver import Receiver


def notification(state: str, number: int = 1) -> dict[str, Any]:
    return {
        "subscriptionId": str(number),
        "clientState": state,
        "resource": "drives/b!1/root",
        "changeType": "updated",
        "subscriptionExpirationDateTime": "2026-12-01T00:00:00.0000000Z",
        "tenantId": "t",
    }


async def post(url: str, **content: Any) -> tuple[int, str, str]:
    async with aiohttp.ClientSession() as session, session.post(url, **content) as answer:
        return answer.status, answer.content_type, await answer.text()


@pytest.mark.parametrize("token", ["abc", "Validation: Testing client & reachability + <b>é</b> 100%", ""])
async def test_the_validation_token_comes_back_as_plain_text(token: str) -> None:
    async with Receiver() as receiver:
        answer = await post(receiver.url, params={"validationToken": token})
        assert answer == (200, "text/plain", token)
        assert (await post(receiver.url, params={"validationToken": "x" * 5000}))[0] == 400


async def test_notifications_with_the_client_state_arrive_and_others_do_not(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with Receiver() as receiver:
        body = {
            "value": [
                notification(receiver.client_state, 1),
                notification("guess", 2),
                {"subscriptionId": "3"},
            ]
        }
        assert (await post(receiver.url, json=body))[0] == 202
        arrived = await asyncio.wait_for(receiver.next(), 5)
        assert (arrived.subscription_id, arrived.resource, arrived.change_type) == (
            "1",
            "drives/b!1/root",
            "updated",
        )
        assert receiver.refused == 2
        assert receiver.client_state not in repr(arrived) + repr(receiver) + caplog.text
        assert (await post(receiver.url, json={"value": [notification(receiver.client_state, 4)]}))[0] == 202
        assert (await asyncio.wait_for(receiver.next(), 5)).subscription_id == "4", "none came between"


async def test_a_full_queue_asks_for_another_delivery_and_loses_nothing() -> None:
    async with Receiver(capacity=2) as receiver:
        state = receiver.client_state
        many = {"value": [notification(state, number) for number in range(3)]}
        assert (await post(receiver.url, json=many))[0] == 202, "one delivery is taken whole"
        assert (await post(receiver.url, json={"value": [notification(state, 9)]}))[0] == 503
        stream = receiver.notifications()
        assert [(await anext(stream)).subscription_id for _ in range(3)] == ["0", "1", "2"]
        assert (await post(receiver.url, json={"value": [notification(state, 9)]}))[0] == 202
        assert (await anext(stream)).subscription_id == "9"
        await stream.aclose()


async def test_what_is_no_notification_is_refused() -> None:
    async with Receiver(path="/hook") as receiver:
        assert (await post(receiver.url, data=b"<html>"))[0] == 400
        assert (await post(receiver.url, json={"value": [{"clientState": receiver.client_state}]}))[0] == 400
        assert (await post(receiver.url.replace("/hook", "/other"), json={}))[0] == 404
        async with aiohttp.ClientSession() as session, session.get(receiver.url) as answer:
            assert answer.status == 405
        assert (await post(receiver.url, data=io.BytesIO(b"x" * (5 << 20))))[0] == 413


async def test_where_it_listens_is_said_and_where_it_cannot_too() -> None:
    receiver = Receiver()
    with pytest.raises(errors.ConfigurationError, match="not listening"):
        _ = receiver.url
    async with receiver:
        port = int(receiver.url.split(":")[2].split("/")[0])
        with pytest.raises(errors.ConnectError, match=str(port)):
            async with Receiver(port=port):
                pass
    assert Receiver().client_state != Receiver().client_state
    for wrong in (
        {"path": "x"},
        {"client_state": ""},
        {"client_state": "x" * 129},
        {"public_url": "http://a.b/"},
    ):
        with pytest.raises(errors.ConfigurationError):
            Receiver(**wrong)  # type: ignore[arg-type]
    async with Receiver(public_url="https://hooks.contoso.com/n") as behind:
        assert behind.url == "https://hooks.contoso.com/n"
