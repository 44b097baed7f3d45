"""Runs every measurement and prints one table; the figures also go to `bench/out/latest.json`.

A process is measured as the operating system saw it: wall seconds, CPU seconds, peak memory. The smallest of several
runs is shown, since everything else is noise of the machine. Requests are counted by the emulator, not by the client.
"""

from __future__ import annotations

import contextlib
import json
import os
import platform
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent


@dataclass
class Figure:
    """One measured process."""

    what: str
    who: str
    wall_seconds: float
    cpu_seconds: float
    peak_mib: float
    requests: int | None = None
    result: str = ""


def measure(
    what: str, who: str, command: Sequence[str], environment: dict[str, str] | None = None, runs: int = 3
) -> Figure:
    """Run a command several times and return its best figures. A command that fails stops the benchmark."""
    best: Figure | None = None
    for _ in range(runs):
        started = time.perf_counter()
        process = subprocess.Popen(
            command,
            env={**os.environ, **(environment or {})},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=ROOT,
        )
        assert process.stdout is not None
        assert process.stderr is not None
        output = process.stdout.read().decode(errors="replace")
        complaint = process.stderr.read().decode(errors="replace")
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - started
        process.stdout.close()
        process.stderr.close()
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            raise SystemExit(f"{who} failed at {what}: {complaint[-2000:]}")
        figure = Figure(
            what, who, wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, result=output.strip()
        )
        if best is None or figure.wall_seconds < best.wall_seconds:
            best = figure
    assert best is not None
    return best


@contextlib.contextmanager
def tenant(folders: int, files: int, latency_ms: float) -> Iterator[dict[str, Any]]:
    """A tenant in its own process, ended with the block."""
    process = subprocess.Popen(
        [sys.executable, "-m", "bench.tenant", str(folders), str(files), str(latency_ms)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT,
    )  # fmt: skip
    assert process.stdout is not None
    assert process.stdin is not None
    try:
        yield json.loads(process.stdout.readline())
    finally:
        process.stdin.close()
        process.wait(timeout=20)
        process.stdout.close()


def requests_since(ready: dict[str, Any], before: int) -> tuple[int, int]:
    """Return how many requests the emulator answered since `before`, and how many in all."""
    with urlopen(Request(ready["admin_url"])) as answer:
        total = int(json.load(answer)["requests"])
    return total - before, total


def starts() -> list[Figure]:
    """Imports and program starts, beside the bare interpreter and what others need to be imported."""
    python = sys.executable
    jobs = [
        ("start", "python -c pass", [python, "-c", "pass"]),
        ("start", "driveql --version", [str(BIN / "driveql"), "--version"]),
        ("start", "driveql --help", [str(BIN / "driveql"), "--help"]),
        ("start", "rclone version", [str(BIN / "rclone"), "version"]),
        ("import", "driveql", [python, "-c", "import driveql"]),
        ("import", "driveql.aio", [python, "-c", "import driveql.aio"]),
        ("import", "msal", [python, "-c", "import msal"]),
        ("import", "azure.identity", [python, "-c", "import azure.identity"]),
        ("import", "msgraph", [python, "-c", "import msgraph; msgraph.GraphServiceClient"]),
    ]
    return [measure(what, who, command, runs=7) for what, who, command in jobs]


def flights(ready: dict[str, Any]) -> list[Figure]:
    """Two hundred concurrent first calls."""
    _, before = requests_since(ready, 0)
    figure = measure("200 first calls at once", "driveql", _work("flight"), _environment(ready), runs=1)
    figure.requests, _ = requests_since(ready, before)
    figure.result = f"{figure.result.split()[0]} token request(s)"
    return [figure]


def listings(ready: dict[str, Any], expected: int, latency_ms: float) -> list[Figure]:
    """A whole drive, recursively."""
    what = f"list {expected:,} items, {latency_ms:g} ms"
    environment = _environment(ready)
    remote = f":onedrive,drive_id='{ready['drive_id']}',drive_type=business:"
    rclone = [str(BIN / "rclone"), "lsf", "-R", "--checkers", "16", remote]
    jobs = [
        ("driveql", _work("walk")),
        ("rclone 1.75", rclone),
        ("rclone 1.75 --fast-list", [*rclone, "--fast-list"]),
        ("msgraph-sdk", _work("sdk_walk")),
    ]
    figures = []
    for who, command in jobs:
        if who.endswith("--fast-list") and not _knows_delta():
            continue
        _, before = requests_since(ready, 0)
        runs = 1 if latency_ms or who == "msgraph-sdk" else 3
        figure = measure(what, who, command, environment, runs)
        answered, _ = requests_since(ready, before)
        figure.requests = answered // runs
        count = len(figure.result.splitlines()) if who.startswith("rclone") else int(figure.result.split()[0])
        if count != expected:
            raise SystemExit(f"{who} listed {count} of {expected} items")
        figure.result = f"{count:,} items"
        figures.append(figure)
    return figures


def _knows_delta() -> bool:
    from graph_emulator.router import ROUTES

    return any("delta" in route for _, route in ROUTES)


def _work(name: str) -> list[str]:
    return [sys.executable, "-m", "bench.work", name]


def _environment(ready: dict[str, Any]) -> dict[str, str]:
    tenant_url = f"https://login.microsoftonline.com/{ready['tenant_id']}/oauth2/v2.0/token"
    connection = (
        f"TokenUrl={tenant_url};GraphUrl=https://graph.microsoft.com;ClientId={ready['client_id']};"
        f"ClientSecret={{{ready['client_secret']}}};GroupOrUserId=/users/{ready['user']};"
        f"Proxy={ready['proxy_url']};CaBundle={ready['ca_certificate']}"
    )
    return {
        "BENCH_CONNECTION": connection,
        "BENCH_TENANT": ready["tenant_id"],
        "BENCH_CLIENT": ready["client_id"],
        "BENCH_SECRET": ready["client_secret"],
        "BENCH_DRIVE": ready["drive_id"],
        "HTTPS_PROXY": ready["proxy_url"],
        "SSL_CERT_FILE": ready["ca_certificate"],
        "REQUESTS_CA_BUNDLE": ready["ca_certificate"],
        "NO_PROXY": "",
        "RCLONE_CONFIG": os.devnull,
        "RCLONE_ONEDRIVE_CLIENT_ID": ready["client_id"],
        "RCLONE_ONEDRIVE_CLIENT_SECRET": ready["client_secret"],
        "RCLONE_ONEDRIVE_TENANT": ready["tenant_id"],
        "RCLONE_ONEDRIVE_CLIENT_CREDENTIALS": "true",
    }


def show(figures: Sequence[Figure]) -> None:
    """Print the figures, each with its ratio to driveql's in the same group."""
    own: dict[str, float] = {}
    for figure in figures:
        if figure.who.startswith("driveql"):
            own.setdefault(figure.what, figure.wall_seconds)
    print(
        f"{'what':<32} {'who':<26} {'wall s':>8} {'cpu s':>7} {'peak MiB':>9} {'requests':>9} {'x':>6}  result"
    )
    for figure in figures:
        ratio = f"{figure.wall_seconds / own[figure.what]:.1f}" if own.get(figure.what) else ""
        requests = "" if figure.requests is None else str(figure.requests)
        note = figure.result.splitlines()[0][:40] if figure.result else ""
        print(
            f"{figure.what:<32} {figure.who:<26} {figure.wall_seconds:>8.3f} {figure.cpu_seconds:>7.2f} "
            f"{figure.peak_mib:>9.1f} {requests:>9} {ratio:>6}  {note}"
        )


def main() -> None:
    """Measure everything."""
    figures = starts()
    for latency_ms in (0.0, 20.0):
        with tenant(200, 49, latency_ms) as ready:
            if not latency_ms:
                figures += flights(ready)
            # 200 folders of 49 files, 10 folders above them, /tree, and the bulk seed's folders and file.
            figures += listings(ready, 200 * 49 + 200 + 10 + 1 + 3, latency_ms)
    print(
        f"{platform.python_implementation()} {platform.python_version()}, {os.cpu_count()} cores, {platform.machine()}\n"
    )
    show(figures)
    out = ROOT / "bench" / "out"
    out.mkdir(exist_ok=True)
    (out / "latest.json").write_text(json.dumps([asdict(figure) for figure in figures], indent=1))


if __name__ == "__main__":
    main()
