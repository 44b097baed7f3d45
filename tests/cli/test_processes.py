"""What only a process of its own can show: pipes that close, signals, the local tenant, the demo, completion."""

from __future__ import annotations

import json
import os
import shlex
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest
from tests.cli.conftest import CommandLine

from driveql.cli import demo_queries
from graph_emulator import faults

DRIVEQL = [sys.executable, "-m", "driveql.cli.main"]


def test_version_and_help() -> None:
    shown = subprocess.run([*DRIVEQL, "--version"], capture_output=True, text=True, timeout=60, check=True)
    assert shown.stdout.startswith("driveql ")
    for flag in ("-h", "--help"):
        text = subprocess.run([*DRIVEQL, flag], capture_output=True, text=True, timeout=60, check=True).stdout
        assert "Commands:" in text
        assert "  sql " in text


@pytest.mark.skipif(not Path("/dev/full").is_char_device(), reason="there is no device that is always full")
def test_a_full_disk_is_no_bug_of_driveql() -> None:
    with Path("/dev/full").open("wb") as full:
        command = subprocess.run(
            [*DRIVEQL, "--help"], stdout=full, stderr=subprocess.PIPE, timeout=60, check=False
        )
    assert (command.returncode, command.stderr) == (
        11,
        b"driveql: What the command prints cannot be written: No space left on device.\n",
    )


def test_a_reader_that_goes_away_is_no_complaint(cli: CommandLine) -> None:
    for number in range(900):
        cli.drive.put_file(f"/many/{'long name ' * 12}{number:04}", b"")
    command = subprocess.Popen(
        [*DRIVEQL, "ls", "onedrive:/many"], env=cli.environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )  # fmt: skip
    assert command.stdout is not None
    assert command.stderr is not None
    assert command.stdout.readline().startswith("long name")
    command.stdout.close()
    assert command.stderr.read() == ""
    command.stderr.close()
    assert command.wait(60) == 141


def test_a_pipe_carries_every_byte(cli: CommandLine) -> None:
    cli.drive.put_file("/a.bin", bytes(range(256)) * 1000)
    done = subprocess.run(
        [*DRIVEQL, "cat", "/a.bin"], env=cli.environment, capture_output=True, timeout=60, check=True
    )
    assert done.stdout == bytes(range(256)) * 1000
    assert done.stderr == b""


@pytest.mark.skipif(os.name != "posix", reason="signals as POSIX has them")
def test_ctrl_c_ends_with_130_says_what_was_left_and_leaves_no_part(cli: CommandLine) -> None:
    for number in range(3):
        cli.drive.put_file(f"/R/{number}.bin", b"x" * 10)
    cli.emulator.faults.add(faults.Delay(seconds=30), target="_content", nth=3)
    command = subprocess.Popen(
        [*DRIVEQL, "get", "onedrive:/R/*.bin"], env=cli.environment, cwd=cli.directory,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert command.stdout is not None
    done = [command.stdout.readline() for _ in range(2)]
    assert all("->" in line for line in done)
    command.send_signal(signal.SIGINT)
    _, stderr = command.communicate(timeout=60)
    assert command.returncode == 130
    assert "interrupted" in stderr
    assert "2 files were downloaded" in stderr
    assert "--skip-existing" in stderr
    assert "Traceback" not in stderr
    assert len(list(cli.directory.iterdir())) == 2


@pytest.mark.skipif(os.name != "posix", reason="signals as POSIX has them")
def test_ctrl_c_cancels_a_query_and_writes_no_file(cli: CommandLine) -> None:
    cli.drive.put_file("/R/a.csv", b"a\n1\n")
    cli.emulator.faults.add(faults.Delay(seconds=60), target="/v1.0/", count=None)
    command = subprocess.Popen(
        [*DRIVEQL, "sql", "SELECT * FROM files", "-o", "out.csv"], env=cli.environment, cwd=cli.directory,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    while not cli.emulator.faults.consumed():
        assert command.poll() is None, command.communicate()
        time.sleep(0.02)
    command.send_signal(signal.SIGINT)
    _, stderr = command.communicate(timeout=60)
    assert command.returncode == 130, stderr
    assert "cancelled" in stderr
    assert "Traceback" not in stderr
    assert list(cli.directory.iterdir()) == []


@pytest.mark.skipif(os.name != "posix", reason="signals as POSIX has them")
def test_the_demo_can_be_kept_and_its_commands_work(tmp_path: Path) -> None:
    shown = subprocess.Popen(
        [*DRIVEQL, "demo", "--keep"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert shown.stdout is not None
    try:
        text = "".join(iter(shown.stdout.readline, "Ctrl-C here ends it.\n"))
        lines = [line.strip() for line in text.splitlines()[-6:]]
        environment = {key: value for key, value in os.environ.items() if not key.startswith("DRIVEQL_")}
        name, _, value = (
            next(line for line in lines if line.startswith("export ")).removeprefix("export ").partition("=")
        )
        commands = [shlex.split(line) for line in lines if line.startswith("driveql ")]
        assert len(commands) == 2
        for words in commands:
            done = subprocess.run(
                [*DRIVEQL, *words[1:]], env=environment | {name: value}, capture_output=True, text=True, timeout=60, check=False
            )  # fmt: skip
            assert done.returncode == 0, done.stderr
            assert len(done.stdout.splitlines()) > 3
    finally:
        shown.send_signal(signal.SIGINT)
        _, stderr = shown.communicate(timeout=30)
    assert (shown.returncode, stderr) == (0, "")
    assert not Path(value).parent.exists()


@pytest.mark.skipif(os.name != "posix", reason="signals as POSIX has them")
def test_emulate_prints_one_line_that_is_enough_to_use_it(tmp_path: Path) -> None:
    tenant = subprocess.Popen(
        [*DRIVEQL, "emulate"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert tenant.stdout is not None
    try:
        ready = json.loads(tenant.stdout.readline())
        clean = {key: value for key, value in os.environ.items() if not key.startswith("DRIVEQL_")}
        environment = clean | {
            "DRIVEQL_CONNECTION_STRING": ready["connection_string"],
            "HTTP_PROXY": "http://127.0.0.1:9",
        }
        listed = subprocess.run(
            [*DRIVEQL, "ls"], env=environment, capture_output=True, text=True, timeout=60, check=False
        )
        assert listed.returncode == 0, listed.stderr
        assert "Reports/" in listed.stdout.splitlines()
    finally:
        tenant.send_signal(signal.SIGTERM)
        rest, stderr = tenant.communicate(timeout=30)
    assert (tenant.returncode, rest, stderr) == (0, "", "")


def test_emulate_says_when_a_port_is_taken(cli: CommandLine) -> None:
    port = cli.running.graph_url.rpartition(":")[2]
    done = cli.process("emulate", "--port", port)
    assert done.returncode == 11
    assert "Traceback" not in done.stderr
    assert cli.process("emulate", "--seed", "bulk:x").returncode == 2


def test_the_demo_is_as_expected_and_touches_nothing_of_the_person(cli: CommandLine) -> None:
    done = cli.process("demo")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "All was as expected" in done.stdout
    assert "NOT AS EXPECTED" not in done.stdout
    assert done.stdout.count("   ok  ") >= 6
    assert not (cli.directory / "connections.toml").exists()
    assert list(cli.directory.iterdir()) == []


def test_the_demo_says_when_a_result_is_not_as_expected(
    cli: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, *others = demo_queries.QUERIES
    wrong = replace(one, expected=lambda expected: one.expected(expected)[1:])
    monkeypatch.setattr(demo_queries, "QUERIES", (wrong, *others))
    result = cli.run("demo")
    assert result.exit_code == 1
    assert result.stdout.count("NOT AS EXPECTED") == 1
    assert "All was as expected" not in result.stdout


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_prints_a_script_that_the_shell_can_read(shell: str, tmp_path: Path) -> None:
    script = subprocess.run(
        [*DRIVEQL, "completion", shell], capture_output=True, text=True, timeout=60, check=True
    ).stdout
    assert script.startswith("# ")
    assert "_DRIVEQL_COMPLETE" in script
    program = shutil.which(shell)
    if program is not None:
        (tmp_path / "script").write_text(script)
        subprocess.run([program, "-n", str(tmp_path / "script")], timeout=60, check=True)


def test_completion_offers_commands_and_stored_connections(cli: CommandLine) -> None:
    (cli.directory / "connections.toml").touch(mode=0o600)
    (cli.directory / "connections.toml").write_text("[connections.work]\n[connections.home]\n")

    def offered(words: str) -> set[str]:
        environment = cli.environment | {
            "_DRIVEQL_COMPLETE": "bash_complete", "COMP_WORDS": words, "COMP_CWORD": str(len(words.split(" ")) - 1)
        }  # fmt: skip
        code = "from driveql.cli.main import main; main()"
        done = subprocess.run(
            [sys.executable, "-c", code],
            env=environment,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        return {line.partition(",")[2] for line in done.stdout.splitlines()}

    assert {"metadata", "mkdir", "mv"} == offered("driveql m")
    assert {"work"} == offered("driveql ls --connection w")
