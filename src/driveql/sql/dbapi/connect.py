"""From connection parameters to an open connection. No request is sent until a statement needs one."""

from __future__ import annotations

import asyncio
import contextlib
import os
import weakref
from typing import Any

from driveql.connection import settings_from
from driveql.connection.settings import ConnectionSettings
from driveql.drive.onedrive import OneDrive
from driveql.errors import DriveqlError
from driveql.sql.dbapi.connection import Connection
from driveql.sql.limits import Limits
from driveql.sql.plans import Defaults
from driveql.sql.session import Session
from driveql.sql.tally import counting
from driveql.transport.portal import Portal, portal
from driveql.transport.trace import TraceHook

# Seconds that open network connections get to say goodbye.
_PATIENCE = 5


def connect(
    connection_string: str | None = None,
    *,
    name: str | None = None,
    settings: ConnectionSettings | None = None,
    credential: object | None = None,
    trace: TraceHook | None = None,
    untrusted: bool = False,
    limits: Limits | None = None,
    **parameters: Any,
) -> Connection:
    """Return a connection that answers SQL.

    Parameters:
        connection_string: `Name=value;...`. name: a stored connection's name. parameters: single ones in snake_case.
        settings: made by `driveql.settings_from`, instead of these.
        credential: any azure-core credential object, instead of what the parameters say.
        trace: called for every try of every request.
        untrusted: the statements come from strangers: they can reach OneDrive, as far as the connection may, and nothing of
            the machine that runs them.
        limits: what statements may use of the machine; `Limits()` where `untrusted`, none otherwise.

    Raises:
        ConfigurationError: a parameter is missing or malformed.
    """
    if settings is None:
        settings = settings_from(connection_string, name=name, **parameters)

    async def opened() -> OneDrive:
        return OneDrive(settings, credential=credential, trace=counting(trace))

    way = portal()
    drive = way.call(opened())
    unindexed = settings.search_option_for_non_indexed_fields is not None
    defaults = Defaults(settings.group_or_user_id or None, settings.drive_id, unindexed)
    connection = Connection(Session(drive, way, defaults, untrusted=untrusted, limits=limits))
    # Runs once: when the connection is closed, or else when it is forgotten or the program ends.
    connection.on_close = weakref.finalize(connection, _close, way, drive)
    return connection


def _close(way: Portal, drive: OneDrive) -> None:
    if way.process != os.getpid():
        return  # The loop that could close it is in the process that this one was forked from.
    closing = asyncio.run_coroutine_threadsafe(drive.close(), way.loop)
    with contextlib.suppress(RuntimeError):
        if asyncio.get_running_loop() is way.loop:
            # Forgotten connections are collected in any thread, also in the loop's own, which cannot wait for itself.
            return
    with contextlib.suppress(TimeoutError, DriveqlError):
        closing.result(_PATIENCE)
