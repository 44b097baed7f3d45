"""How a process is measured: as the operating system saw it, with what the emulator and the wire counted meanwhile.

The emulator and the relay have one processor core for themselves and what is measured has another, where there are two:
so nobody waits for the other's turn, and the emulator's own CPU time, which is shown, says where it was the limit.
"""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent
PEERS = ROOT / "bench" / ".venv" / "bin" / "python"
CONCURRENCY = 16
# Installed packages are compiled: what would be measured otherwise is Python's compiler.
_ENVIRONMENT = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
_CORES = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else []


class FailedError(Exception):
    """What was measured did not do its work, so that there is no figure."""


@dataclass
class Figure:
    """One measured process. Bytes are those of the TLS connections, both ways."""

    what: str
    who: str
    wall_seconds: float
    cpu_seconds: float
    peak_mib: float
    requests: int | None = None
    bytes: int | None = None
    emulator_cpu_seconds: float | None = None
    result: str = ""
    load: float = 0.0


def _pinned(cores: Sequence[int]) -> Callable[[], None]:
    def pin() -> None:
        if len(_CORES) > 1:
            os.sched_setaffinity(0, cores)

    return pin


class Tenant:
    """An emulator and a relay in processes of their own, and the way to tell them what to do."""

    def __init__(self) -> None:
        self._emulator = self._start("bench.tenant")
        self.ready: dict[str, Any] = json.loads(self._line(self._emulator))
        self._relay = self._start("bench.relay", str(self.ready["tls_port"]))
        self.proxy_url = f"http://127.0.0.1:{int(self._line(self._relay))}"

    @staticmethod
    def _start(*module: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-m", *module], stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT, text=True,
            preexec_fn=_pinned(_CORES[:1]),
        )  # fmt: skip

    @staticmethod
    def _line(process: subprocess.Popen[str]) -> str:
        assert process.stdout is not None
        line = process.stdout.readline()
        if not line:
            raise FailedError("the emulator or the relay ended; see above")
        return line

    def tell(self, command: str, *arguments: Any) -> Any:
        """Carry out one of `bench.tenant.Commands` and return its answer."""
        assert self._emulator.stdin is not None
        self._emulator.stdin.write(json.dumps([command, arguments]) + "\n")
        self._emulator.stdin.flush()
        return json.loads(self._line(self._emulator))

    def carried(self) -> int:
        """Return the bytes carried so far."""
        assert self._relay.stdin is not None
        self._relay.stdin.write("\n")
        self._relay.stdin.flush()
        return sum(map(int, self._line(self._relay).split()))

    def close(self) -> None:
        """End both processes."""
        for process in (self._emulator, self._relay):
            assert process.stdin is not None
            assert process.stdout is not None
            process.stdin.close()
            process.wait(timeout=30)
            process.stdout.close()

    def environment(self) -> dict[str, str]:
        """Return what driveql and its peers need to reach the tenant under the service's real names."""
        ready = self.ready
        tenant_url = f"https://login.microsoftonline.com/{ready['tenant_id']}/oauth2/v2.0/token"
        connection = (
            f"TokenUrl={tenant_url};GraphUrl=https://graph.microsoft.com;ClientId={ready['client_id']};"
            f"ClientSecret={{{ready['client_secret']}}};GroupOrUserId=/users/{ready['user']};"
            f"Proxy={self.proxy_url};CaBundle={ready['ca_certificate']}"
        )
        return {
            "DRIVEQL_CONNECTION_STRING": connection,
            "BENCH_TENANT": ready["tenant_id"],
            "BENCH_CLIENT": ready["client_id"],
            "BENCH_SECRET": ready["client_secret"],
            "BENCH_DRIVE": ready["drive_id"],
            "HTTPS_PROXY": self.proxy_url,
            "SSL_CERT_FILE": ready["ca_certificate"],
            "REQUESTS_CA_BUNDLE": ready["ca_certificate"],
            "NO_PROXY": "",
            "RCLONE_CONFIG": os.devnull,
            "RCLONE_ONEDRIVE_CLIENT_ID": ready["client_id"],
            "RCLONE_ONEDRIVE_CLIENT_SECRET": ready["client_secret"],
            "RCLONE_ONEDRIVE_TENANT": ready["tenant_id"],
            "RCLONE_ONEDRIVE_CLIENT_CREDENTIALS": "true",
        }

    def rclone(self, verb: str, *arguments: str) -> list[str]:
        """Return a call of rclone; `remote:` at the beginning of an argument stands for the drive."""
        remote = f":onedrive,drive_id='{self.ready['drive_id']}',drive_type=business:"
        many = ("--transfers", str(CONCURRENCY), "--checkers", str(CONCURRENCY))
        given = (remote + each[7:] if each.startswith("remote:") else each for each in arguments)
        return [str(BIN / "rclone"), verb, *many, *given]


@contextlib.contextmanager
def tenant() -> Iterator[Tenant]:
    """A tenant, ended with the block."""
    started = Tenant()
    try:
        yield started
    finally:
        started.close()


def measure(
    what: str,
    who: str,
    command: Sequence[str],
    place: Tenant | None = None,
    *,
    runs: int = 1,
    before: Callable[[], None] = lambda: None,
    after: Callable[[Figure], str] | None = None,
) -> Figure:
    """Run a command several times and return the figures of its fastest run.

    Parameters:
        before: prepares each run. after: returns what to show as the result, or raises FailedError: no such figure counts.

    Raises:
        FailedError: the command failed.
    """
    best: Figure | None = None
    for _ in range(runs):
        before()
        figure = _once(what, who, command, place)
        if after is not None:
            figure.result = after(figure)
        if best is None or figure.wall_seconds < best.wall_seconds:
            best = figure
    assert best is not None
    return best


def _once(what: str, who: str, command: Sequence[str], place: Tenant | None) -> Figure:
    cpu, carried = (place.tell("begin"), place.carried()) if place else (0.0, 0)
    load = os.getloadavg()[0]
    core = str(_CORES[-1] if len(_CORES) > 1 else -1)
    with tempfile.TemporaryDirectory() as home:
        report = Path(home, "usage.json")
        ended = subprocess.run(
            [sys.executable, "-S", "-m", "bench.launch", str(report), core, *command],
            env={**_ENVIRONMENT, **(place.environment() if place else {})},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            cwd=ROOT,
        )
        output = ended.stdout.decode(errors="replace")
        if ended.returncode:
            raise FailedError(f"{who} failed at {what}: {output[-2000:]}")
        usage = json.loads(report.read_text())
    figure = Figure(what, who, usage["wall"], usage["cpu"], usage["peak"], result=output.strip(), load=load)
    if place is not None:
        end = place.tell("end")
        figure.requests, figure.bytes = end["requests"], place.carried() - carried
        figure.emulator_cpu_seconds = end["cpu"] - cpu
        if end["failed"]:
            raise FailedError(f"{who} met {end['failed']} failures of the emulator at {what}")
    return figure


def work(name: str, *arguments: str) -> list[str]:
    """Return the call of one of `bench.work`."""
    return [sys.executable, "-m", "bench.work", name, *arguments]


def peer(name: str, *arguments: str) -> list[str]:
    """Return the call of one of `bench.peers`."""
    return [str(PEERS), "-m", "bench.peers", name, *arguments]


def attempt(figures: list[Figure], left_out: list[str], *arguments: Any, **options: Any) -> None:
    """Measure a peer; one that cannot do it is left out, with the reason. driveql and rclone must be able to."""
    try:
        figures.append(measure(*arguments, **options))
    except FailedError as error:
        if arguments[1].startswith(("driveql", "rclone")):
            raise SystemExit(str(error)) from None
        left_out.append(f"{arguments[1]}, {arguments[0]}: {str(error).strip().splitlines()[-1][:300]}")


def show(figures: Sequence[Figure], left_out: Sequence[str]) -> None:
    """Print the figures, each with its ratio to driveql's in the same group, and what was left out."""
    own: dict[str, float] = {}
    for figure in figures:
        if figure.who.startswith("driveql"):
            own.setdefault(figure.what, figure.wall_seconds)
    print(
        f"{'what':<34} {'who':<29} {'wall s':>8} {'x':>6} {'cpu s':>7} {'peak MiB':>9} {'requests':>9} {'MB':>8}"
        f" {'emu cpu':>8}  result"
    )
    for figure in figures:
        ratio = f"{figure.wall_seconds / own[figure.what]:.1f}" if own.get(figure.what) else ""
        requests = "" if figure.requests is None else str(figure.requests)
        carried = "" if figure.bytes is None else f"{figure.bytes / 1e6:.1f}"
        emulator = "" if figure.emulator_cpu_seconds is None else f"{figure.emulator_cpu_seconds:.1f}"
        note = figure.result.splitlines()[0][:40] if figure.result else ""
        print(
            f"{figure.what:<34} {figure.who:<29} {figure.wall_seconds:>8.3f} {ratio:>6} {figure.cpu_seconds:>7.2f} "
            f"{figure.peak_mib:>9.1f} {requests:>9} {carried:>8} {emulator:>8}  {note}"
        )
    for line in left_out:
        print(f"left out: {line}")
