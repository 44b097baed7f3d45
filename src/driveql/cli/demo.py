"""`driveql demo`: the whole way, from a certificate to SQL, against a local tenant; every result is checked.

What is shown is what a person would type; nothing of the person's own configuration is read or changed.
"""

from __future__ import annotations

import contextlib
import secrets
import signal
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from driveql.cli.demo_stage import Stage

if TYPE_CHECKING:
    from driveql.cli.demo_files import Expected
    from driveql.connection import ConnectionSettings
    from driveql.drive.blocking import OneDrive
    from graph_emulator import Emulator

PLACE = "/driveql demo"
PERMISSIONS = frozenset({"Files.ReadWrite.All", "Sites.ReadWrite.All", "User.Read.All", "Group.Read.All"})


@click.command(
    epilog="\b\nExamples:\n"
    "  driveql demo\n"
    "  driveql demo --keep          # leave the tenant running and try the commands yourself\n\n"
    "Exit code 1: something was not as expected."
)
@click.option("--keep", is_flag=True, help="Leave the local tenant running until Ctrl-C.")
def demo(keep: bool) -> None:
    """Show driveql at work against a local tenant: certificate, connection, upload, listing and SQL.

    No account and no network is needed. It takes a few seconds.
    """
    from driveql.errors import MissingExtraError

    try:
        from graph_emulator import Emulator
        from graph_emulator.server import serve_in_thread as _  # noqa: F401 - says now what is missing
    except ImportError as error:
        raise MissingExtraError(f"The demo needs {error.name}.", hint="pip install 'driveql[run]'") from None
    began = time.monotonic()
    with contextlib.ExitStack() as stack:
        directory = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="driveql-demo-")))
        emulator = Emulator(seed="demo")
        stack.callback(emulator.close)
        running = stack.enter_context(emulator.serve_in_thread())
        show = _Demo(emulator, running, directory)
        show.all()
        show.end(time.monotonic() - began, keep)
        if not show.as_expected:
            raise click.exceptions.Exit(1)
        if keep:
            _until_interrupted()


class _Demo:
    """The steps, in order."""

    def __init__(self, emulator: Emulator, running: Any, directory: Path) -> None:
        self._emulator = emulator
        self._running = running
        self._directory = directory
        self._connections = directory / "connections.toml"
        self._stage = Stage()

    @property
    def as_expected(self) -> bool:
        """True where every result was what it should be."""
        return not self._stage.faults

    def all(self) -> None:
        """Run the demo."""
        from driveql.drive.blocking import OneDrive

        self._tenant()
        self._certificate()
        settings = self._connection()
        with OneDrive(settings) as onedrive:
            self._test(onedrive)
            if self._stage.faults:
                return
            expected = self._upload(onedrive)
            self._list(onedrive, expected)
        self._query(settings, expected)

    def _tenant(self) -> None:
        self._stage.heading("A local tenant", "driveql emulate")
        tenant = self._emulator.tenant
        self._stage.say(
            f"{tenant.display_name} ({tenant.domain}) runs in this process at {self._running.graph_url}: Microsoft"
            f" Entra ID and Graph with {len(tenant.users)} people. With a real tenant, the administrator's portal"
            " takes its place."
        )

    def _certificate(self) -> None:
        from driveql.auth.issue import issue
        from driveql.cli.text import local_time

        self._stage.heading(
            "A certificate instead of a password", f"driveql cert create demo --directory {self._directory}"
        )
        issued = issue("CN=driveql demo")
        password = secrets.token_urlsafe(18)
        for name, content in {"demo.pfx": issued.pfx(password), "password": password.encode()}.items():
            path = self._directory / name
            path.touch(mode=0o600)
            path.write_bytes(content)
        (self._directory / "demo.cer").write_bytes(issued.cer())
        application = self._emulator.register_application(
            "driveql demo", PERMISSIONS, certificate=issued.cer()
        )
        self._client_id = application.client_id
        self._stage.say(
            f"demo.pfx holds the private key, demo.cer is what the portal gets. Thumbprint {issued.thumbprint_sha1},"
            f" valid until {local_time(issued.certificate.not_valid_after_utc)}."
        )
        self._stage.say(
            f"The application {application.client_id} now trusts it, with {', '.join(sorted(PERMISSIONS))}."
        )

    def _connection(self) -> ConnectionSettings:
        from driveql.connection import ConnectionStore, settings_from

        user = self._emulator.tenant.find_user(f"alice@{self._emulator.tenant.domain}")
        assert user is not None
        parameters = {
            "TokenUrl": self._running.token_url(),
            "GraphUrl": self._running.graph_url,
            "ClientId": self._client_id,
            "CertificatePath": str(self._directory / "demo.pfx"),
            "CertificatePassword": f"file:{self._directory / 'password'}",
            "GroupOrUserId": f"/users/{user.user_principal_name}",
        }
        self._stage.heading("A stored connection", "driveql connect add demo")
        ConnectionStore(self._connections).put("demo", parameters)
        self._stage.say(
            f"It is in {self._connections}, for this demo only; your own connections are not touched."
        )
        return settings_from(name="demo", environ={"DRIVEQL_CONNECTIONS": str(self._connections)})

    def _test(self, onedrive: OneDrive) -> None:
        from driveql.cli import steps
        from driveql.drive import checkup

        self._stage.heading("Does it work?", "driveql connect test demo")
        found = steps.show(checkup.steps(onedrive.asynchronous), as_json=False)
        for step in found:
            if step.result is not checkup.Result.OK:
                self._stage.fault(f"the step {step.name!r} ended with {step.result.value}")
        self._stage.check(len(found) >= 5, f"{len(found)} steps were taken")

    def _upload(self, onedrive: OneDrive) -> Expected:
        from driveql.cli.demo_files import write_files
        from driveql.cli.options import Invocation
        from driveql.cli.uploads import Uploads, upload

        files = self._directory / "files"
        expected = write_files(files, PLACE)
        self._stage.heading("Files up", f"driveql put -r files 'onedrive:{PLACE}'")
        silent = Invocation(None, None, json=False, quiet=True, verbose=False, trace=False)
        tally = upload(silent, onedrive, Uploads((str(files),), f"onedrive:{PLACE}", recursive=True))
        here = {path.relative_to(files).as_posix(): path for path in files.rglob("*") if path.is_file()}
        drive, _ = onedrive.at(f"onedrive:{PLACE}")
        same = all(drive.read(f"{PLACE}/{name}") == path.read_bytes() for name, path in here.items())
        self._stage.check(
            not tally.errors and same,
            f"{tally.done} files (CSV, JSON, Parquet, Excel, text; names with #, %, &, umlauts) are there, byte for byte",
        )
        return expected

    def _list(self, onedrive: OneDrive, expected: Expected) -> None:
        from driveql.cli.items import LONG, record
        from driveql.cli.render import console, drawn

        self._stage.heading("What is there", f"driveql ls -lR 'onedrive:{PLACE}'")
        drive, path = onedrive.at(f"onedrive:{PLACE}")
        items = sorted(drive.walk(path), key=lambda item: item.path or "")
        rows = [
            record(item)
            | {"name": (item.path or "").removeprefix(f"{PLACE}/") + ("/" if item.is_folder else "")}
            for item in items
        ]
        console().print(drawn([column for column in LONG if column.key != "modified_by"], rows))
        files = [item for item in items if not item.is_folder]
        wanted = sum(size for _, size in expected.folders.values())
        self._stage.check(
            sum(item.size for item in files) == wanted, f"{len(files)} files with {wanted:,} bytes in all"
        )

    def _query(self, settings: ConnectionSettings, expected: Expected) -> None:
        from driveql import sql as room
        from driveql.cli.demo_queries import QUERIES

        connect: Any = room.connect
        with connect(settings=settings) as connection:
            for query in QUERIES:
                self._stage.heading(query.title, f'driveql sql "{query.sql.lstrip()}"')
                cursor = connection.execute(query.sql)
                names = [column[0] for column in cursor.description or ()]
                rows = cursor.fetchall()
                self._stage.table(names, rows)
                wanted = query.expected(expected)
                self._stage.check(wanted == rows, query.proof)
                if wanted != rows:
                    click.echo(f"   wanted were: {wanted}")

    def end(self, seconds: float, keep: bool) -> None:
        """Say how it went and what to do next."""
        from driveql.cli.render import console

        self._emulator_is_clean()
        console().print()
        if self._stage.faults:
            click.secho("Not everything was as expected:", fg="red", bold=True)
            for fault in self._stage.faults:
                click.echo(f"  {fault}")
            return
        click.secho(
            f"All was as expected, in {seconds:.1f} s and {len(self._emulator.requests)} requests.", bold=True
        )
        if keep:
            click.echo("\nThe tenant is running. In another shell:\n")
            click.echo(f"  export DRIVEQL_CONNECTIONS={self._connections}")
            click.echo(f"  driveql ls -l 'onedrive:{PLACE}'")
            click.echo("  driveql sql 'SELECT display_name, mail FROM users'\n")
            click.echo("Ctrl-C here ends it.")
        else:
            click.echo(
                "The tenant is gone now. `driveql demo --keep` leaves it running, to try the commands yourself."
            )
            click.echo(
                "With a real tenant: driveql cert create, upload the .cer in the portal, driveql connect add."
            )

    def _emulator_is_clean(self) -> None:
        if self._emulator.leaks:
            self._stage.fault("a token was sent to an address that must not have it")


def _until_interrupted() -> None:
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    while not stop.wait(1):
        sys.stdout.flush()
