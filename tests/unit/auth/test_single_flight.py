"""Over real sockets: 200 first calls on one connection are one request to the token endpoint."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from driveql.connection import settings_from
from driveql.errors import DriveqlError
from driveql.transport.session import GraphSession
from graph_emulator import Emulator


async def test_200_concurrent_first_calls_ask_once(tmp_path: Path) -> None:
    emulator = Emulator(seed="none", latency=0.05)
    application = emulator.register_application("flight", {"User.ReadBasic.All"})
    async with emulator.serve() as running:
        settings = settings_from(
            environ={"DRIVEQL_CONNECTIONS": str(tmp_path / "none.toml")},
            token_url=running.token_url(emulator.tenant),
            graph_url=running.graph_url,
            client_id=application.client_id,
            client_secret=emulator.add_secret(application),
            group_or_user_id="/sites/root",
        )
        async with GraphSession(settings) as session:
            tokens = await asyncio.gather(*(session.access_token() for _ in range(200)))
    assert len({token.value for token in tokens}) == 1
    assert session.statistics.token_requests == 1
    assert len([record for record in emulator.requests if "/oauth2/" in str(record)]) == 1


async def test_closing_does_not_wait_for_a_sign_in_that_finds_no_server(tmp_path: Path) -> None:
    emulator = Emulator(seed="none")
    application = emulator.register_application("flight", {"User.ReadBasic.All"})
    async with emulator.serve() as running:
        settings = settings_from(
            environ={"DRIVEQL_CONNECTIONS": str(tmp_path / "none.toml")},
            token_url=running.token_url(emulator.tenant),
            graph_url=running.graph_url,
            client_id=application.client_id,
            client_secret=emulator.add_secret(application),
            group_or_user_id="/sites/root",
            proxy="",
        )
    refused = asyncio.Event()
    session = GraphSession(settings, trace=lambda event: refused.set())
    waiting = asyncio.create_task(session.access_token())
    await refused.wait()
    # It is to be tried again for minutes.
    await asyncio.wait_for(session.close(), 10)
    with pytest.raises(DriveqlError, match="closed"):
        await waiting
    assert not [task for task in asyncio.all_tasks() if task.get_name() == "driveql token"]
