"""The emulator as a command: it prints one line of JSON when it is ready, and runs until it is told to stop."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import signal
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import orjson

from graph_emulator.emulator import Emulator


def main(arguments: Sequence[str] | None = None) -> int:
    """Run with the command line's arguments."""
    parser = argparse.ArgumentParser(
        prog="python -m graph_emulator", description="A local Entra ID and Microsoft Graph."
    )
    parser.add_argument("--seed", default="demo", help="demo, none or bulk:N (default: demo)")
    parser.add_argument("--port", type=int, default=0, help="HTTP port (default: any free one)")
    parser.add_argument("--tls-port", type=int, help="also listen with TLS; 0: any free port")
    parser.add_argument(
        "--proxy-port", type=int, help="also run the CONNECT proxy (brings TLS); 0: any free port"
    )
    parser.add_argument("--state", type=Path, help="directory in which the tenant outlives the process")
    parser.add_argument("--latency-ms", type=float, default=0.0, help="milliseconds added to every answer")
    given = parser.parse_args(arguments)
    try:
        return run(
            seed=given.seed,
            port=given.port,
            tls_port=given.tls_port,
            proxy_port=given.proxy_port,
            state=given.state,
            latency_ms=given.latency_ms,
        )
    except (OSError, ValueError) as error:
        parser.exit(1, f"{parser.prog}: {error}\n")


def run(
    *,
    seed: str = "demo",
    port: int = 0,
    tls_port: int | None = None,
    proxy_port: int | None = None,
    state: Path | None = None,
    latency_ms: float = 0.0,
) -> int:
    """Serve until SIGTERM or SIGINT, then return 0; prints the ready line on standard output first.

    Raises ValueError for an unknown seed or a state directory of another format, OSError for a port that is taken.
    """
    return asyncio.run(_run(seed, port, tls_port, proxy_port, state, latency_ms))


async def _run(
    seed: str, port: int, tls_port: int | None, proxy_port: int | None, state: Path | None, latency_ms: float
) -> int:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        with contextlib.suppress(NotImplementedError):  # Windows' loops take no signal handlers
            loop.add_signal_handler(number, stop.set)
    with contextlib.ExitStack() as stack:
        emulator = Emulator(seed, state=state, latency=latency_ms / 1000)
        stack.callback(emulator.close)
        home = state or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="graph-emulator-")))
        emulator.write_credentials(home / "credentials")
        async with emulator.serve(port=port, tls_port=tls_port, proxy_port=proxy_port) as running:
            sys.stdout.write(orjson.dumps(emulator.ready_line(running)).decode("utf-8") + "\n")
            sys.stdout.flush()
            await stop.wait()
    return 0
