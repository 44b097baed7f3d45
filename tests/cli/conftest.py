"""Commands run against a real local tenant: in this process for speed, as a process of its own for what only one has."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from driveql.cli.main import driveql
from graph_emulator import Emulator

PERMISSIONS = frozenset({"Files.ReadWrite.All", "Sites.ReadWrite.All", "User.Read.All", "Group.Read.All"})


@dataclass
class CommandLine:
    """The `driveql` command on a connection to one user's drive; `drive` is the server's side of it."""

    emulator: Any
    running: Any
    drive: Any
    connection_string: str
    directory: Path
    without_environment: bool = False
    extra: dict[str, str] = field(default_factory=dict)

    @property
    def environment(self) -> dict[str, str]:
        """The environment of a process that uses this connection and nothing of the developer's own."""
        kept = {key: value for key, value in os.environ.items() if not key.startswith("DRIVEQL_")}
        connection = {} if self.without_environment else {"DRIVEQL_CONNECTION_STRING": self.connection_string}
        return (
            kept
            | connection
            | self.extra
            | {
                "DRIVEQL_CONNECTIONS": str(self.directory / "connections.toml"),
                "NO_PROXY": "*",
                "PYTHONUNBUFFERED": "1",
            }
        )

    def run(self, *words: str, input: str | bytes | None = None) -> Result:  # noqa: A002 - click's own word
        """Run a command in this process."""
        return CliRunner(env=dict(self.environment)).invoke(driveql, list(words), input=input)

    def ok(self, *words: str, input: str | bytes | None = None) -> str:  # noqa: A002
        """Run a command that must succeed, and return its standard output."""
        result = self.run(*words, input=input)
        assert result.exit_code == 0, (result.exit_code, result.stdout, result.stderr)
        return result.stdout

    def records(self, *words: str) -> list[dict[str, Any]]:
        """Run a command with --json and return its records."""
        return [json.loads(line) for line in self.ok(*words, "--json").splitlines()]

    def process(self, *words: str, **options: Any) -> subprocess.CompletedProcess[str]:
        """Run a command as a process of its own."""
        return subprocess.run(
            [sys.executable, "-m", "driveql.cli.main", *words],
            env=self.environment, cwd=self.directory, capture_output=True, text=True, timeout=60, check=False, **options,
        )  # fmt: skip


@pytest.fixture
def cli(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[CommandLine]:
    """A tenant whose one user has an empty drive; the current directory is empty too."""
    for name in [name for name in os.environ if name.startswith("DRIVEQL_")]:
        monkeypatch.delenv(name)
    emulator = Emulator(seed="none")
    user = emulator.tenant.add_user("alice", "Alice Smith")
    work = tmp_path / "work"
    work.mkdir()
    monkeypatch.chdir(work)
    # A secret, since a key for each test would cost more than the tests; `emulate` and `demo` sign in with certificates.
    application = emulator.register_application("driveql tests", PERMISSIONS)
    secret = emulator.add_secret(application)
    with emulator.serve_in_thread() as running:
        connection_string = (
            f"TokenUrl={running.token_url()};GraphUrl={running.graph_url};ClientId={application.client_id};"
            f"ClientSecret={{plain:{secret}}};GroupOrUserId=/users/{user.user_principal_name}"
        )
        yield CommandLine(emulator, running, user.drive, connection_string, work)
    assert not emulator.leaks
    emulator.close()
