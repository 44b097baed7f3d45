"""`driveql emulate`: the local tenant as a process; the work is `graph_emulator`'s."""

from __future__ import annotations

import re
from pathlib import Path

import click

_SEED = re.compile(r"demo|none|bulk:[1-9][0-9]*")


def _seed(_context: click.Context, _parameter: click.Parameter, value: str) -> str:
    if not _SEED.fullmatch(value):
        raise click.BadParameter(f"{value!r} is not demo, none or bulk:N.")
    return value


_PORT = click.IntRange(0, 65535)


@click.command(
    epilog="\b\nExamples:\n"
    "  driveql emulate                          # a tenant with people, groups, sites and files\n"
    "  driveql emulate --seed bulk:100000       # one drive with 100,000 items\n"
    "  driveql emulate --state ./tenant         # kept in a directory, there again next time\n"
    "  driveql emulate --tls-port 0 --proxy-port 0\n\n"
    "\b\nIn another shell, or in a script:\n"
    "  driveql emulate > ready.json &\n"
    '  export DRIVEQL_CONNECTION_STRING="$(jq -r .connection_string ready.json)"\n'
    "  driveql ls\n\n"
    "Other programs for Microsoft Graph work too: set the proxy and the CA certificate that the line names."
)
@click.option(
    "--seed",
    default="demo",
    show_default=True,
    callback=_seed,
    metavar="demo|none|bulk:N",
    help="What the tenant begins with.",
)
@click.option("--port", type=_PORT, default=0, metavar="P", help="HTTP port; any free one by default.")
@click.option("--tls-port", type=_PORT, metavar="P", help="Listen with TLS too; 0 takes any free port.")
@click.option(
    "--proxy-port", type=_PORT, metavar="P", help="Run the CONNECT proxy too, with TLS; 0: any free port."
)
@click.option(
    "--state",
    type=click.Path(file_okay=False, path_type=Path),
    help="Keep the tenant in this directory; without it, it is gone at the end.",
)
@click.option(
    "--latency-ms", type=click.FloatRange(min=0), default=0.0, metavar="N", help="Delay every answer by N ms."
)
def emulate(
    seed: str, port: int, tls_port: int | None, proxy_port: int | None, state: Path | None, latency_ms: float
) -> None:
    """Run a faithful local Microsoft Entra ID and Microsoft Graph tenant until Ctrl-C.

    When it is ready, one line of JSON on standard output says all that a program needs to use it.
    """
    from driveql.errors import LocalFileError, MissingExtraError

    try:
        from graph_emulator.command import run
    except ImportError as error:
        raise MissingExtraError(
            f"The emulator needs {error.name}.", hint="pip install 'driveql[emulator]'"
        ) from None
    try:
        run(
            seed=seed,
            port=port,
            tls_port=tls_port,
            proxy_port=proxy_port,
            state=state,
            latency_ms=latency_ms,
        )
    except ValueError as error:
        raise click.UsageError(str(error)) from None
    except OSError as error:
        raise LocalFileError(f"The emulator cannot listen or keep its state: {error}.") from None
