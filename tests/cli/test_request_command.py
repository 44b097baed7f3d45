"""request sends what it is told, to the connection's own host only, and hands the answer on as it came."""

from __future__ import annotations

import json

import pytest
from tests.cli.conftest import CommandLine

from graph_emulator import faults


def test_an_answer_is_written_as_it_came(cli: CommandLine) -> None:
    (user,) = json.loads(cli.ok("request", "GET", "/users?$select=mail"))["value"]
    assert user["mail"].startswith("alice@")
    assert "\n" not in cli.ok("request", "get", "v1.0/users", "--json").rstrip("\n")
    result = cli.run("request", "GET", "/users", "-i")
    assert result.stderr.startswith("200\n")
    assert "request-id: " in result.stderr


def test_pages_are_followed(cli: CommandLine) -> None:
    for number in range(7):
        cli.drive.put_file(f"/R/{number}", b"")
    cli.emulator.faults.add(faults.EmptyPage(), target="/children")
    path = f"/drives/{cli.drive.id}/root:/R:/children?$top=2&$select=name"
    lines = cli.ok("request", "GET", path, "--paged").splitlines()
    assert [json.loads(line)["name"] for line in lines] == [str(number) for number in range(7)]
    cli.emulator.faults.assert_consumed()


def test_bodies_of_every_kind(cli: CommandLine) -> None:
    base = f"/drives/{cli.drive.id}/root"
    (cli.directory / "up.bin").write_bytes(bytes(range(256)))
    octets = ("-H", "Content-Type: application/octet-stream")
    cli.ok("request", "PUT", f"{base}:/up.bin:/content", "-d", "@up.bin", *octets)
    assert cli.run("cat", "/up.bin").stdout_bytes == bytes(range(256))
    cli.ok(
        "request",
        "PUT",
        f"{base}:/in.txt:/content",
        "-d",
        "-",
        "-H",
        "Content-Type: text/plain",
        input="hello",
    )
    assert cli.ok("cat", "/in.txt") == "hello"
    cli.ok("request", "PATCH", f"{base}:/in.txt", "-d", '{"name": "out.txt"}')
    assert set(cli.drive.tree()) == {"/up.bin", "/out.txt"}
    cli.ok("request", "DELETE", f"{base}:/out.txt")
    assert set(cli.drive.tree()) == {"/up.bin"}
    cli.ok("request", "GET", f"{base}:/up.bin", "-o", "answer.json")
    assert json.loads((cli.directory / "answer.json").read_bytes())["size"] == 256


@pytest.mark.parametrize(
    "words",
    [
        ("GET", "https://graph.example/v1.0/users"),
        ("GET", "/users with space"),
        ("FETCH", "/users"),
        ("POST", "/users", "-d", "{no json"),
        ("POST", "/users", "-d", "null"),
        ("GET", "/users", "-H", "no colon"),
        ("GET", "/users", "-H", "Authorization: Bearer mine"),
        ("POST", "/users", "--paged"),
    ],
)
def test_what_cannot_be_sent_is_refused(cli: CommandLine, words: tuple[str, ...]) -> None:
    cli.emulator.faults.add(faults.Refuse(500), target="/users", count=None)
    assert cli.run("request", *words).exit_code == 2
    assert not cli.emulator.faults.consumed()


def test_errors_have_the_codes_of_every_command(cli: CommandLine) -> None:
    assert cli.run("request", "GET", f"/drives/{cli.drive.id}/root:/nope").exit_code == 4
    assert cli.run("request", "GET", "/users", "-d", "@missing").exit_code == 11
    cli.connection_string += ";RetryMode=None"
    cli.emulator.faults.add(faults.Refuse(503), target="/users")
    assert cli.run("request", "GET", "/users").exit_code == 7


def test_a_dry_run_reads_and_writes_nothing(cli: CommandLine) -> None:
    cli.drive.put_file("/a", b"")
    assert "value" in cli.ok("request", "GET", "/users", "-n")
    told = cli.ok("request", "DELETE", f"/drives/{cli.drive.id}/root:/a", "-n")
    assert told.startswith("would send DELETE ")
    assert set(cli.drive.tree()) == {"/a"}
