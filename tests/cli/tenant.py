"""A demo tenant with one certificate application, as `connect` and `doctor` are tried on it."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pexpect
from click.testing import CliRunner, Result

from driveql.auth.issue import IssuedCertificate, issue
from driveql.cli.main import driveql
from graph_emulator import Emulator

PASSWORD = "hunter2 for connections"


@dataclass
class Tenant:
    """The running emulator, its application, and a command line that knows nothing else."""

    emulator: Any
    running: Any
    application: Any
    issued: IssuedCertificate
    directory: Path
    extra: dict[str, str] = field(default_factory=dict)

    @property
    def parameters(self) -> dict[str, str]:
        return {
            "TokenUrl": self.running.token_url(self.emulator.tenant),
            "GraphUrl": self.running.graph_url,
            "ClientId": self.application.client_id,
            "CertificatePath": str(self.directory / "app.pfx"),
            "CertificatePassword": "env:APP_PASSWORD",
            "GroupOrUserId": f"alice@{self.emulator.tenant.domain}",
        }

    @property
    def string(self) -> str:
        return "".join(f"{name}={value};" for name, value in self.parameters.items())

    @property
    def environment(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("DRIVEQL_")}
        own = {
            "DRIVEQL_CONNECTIONS": str(self.directory / "connections.toml"),
            "APP_PASSWORD": PASSWORD,
            "NO_PROXY": "*",
        }
        return kept | own | self.extra

    def run(self, *words: str) -> Result:
        unset = {name: None for name in os.environ if name.startswith("DRIVEQL_")}
        result = CliRunner(env=unset | self.environment).invoke(driveql, list(words))
        assert PASSWORD not in result.output
        return result

    def records(self, *words: str) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.run(*words, "--json").stdout.splitlines()]

    def terminal(self, *words: str) -> pexpect.spawn:
        return pexpect.spawn(
            sys.executable, ["-m", "driveql.cli.main", *words], env=self.environment, timeout=30, encoding="utf-8",
            dimensions=(50, 200), cwd=str(self.directory),
        )  # fmt: skip


@contextmanager
def tenant(directory: Path, permissions: set[str], seed: str = "demo") -> Iterator[Tenant]:
    """Serve a tenant with an application that holds these permissions, until the block ends."""
    emulator, issued = Emulator(seed=seed), issue("CN=connect", now=datetime.now(UTC) - timedelta(days=1))
    application = emulator.register_application("Loader", permissions, certificate=issued.cer())
    (directory / "app.pfx").write_bytes(issued.pfx(PASSWORD))
    with emulator.serve_in_thread() as running:
        yield Tenant(emulator, running, application, issued, directory)
