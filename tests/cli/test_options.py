"""Which connection a command is for, and how it says that it has none."""

from __future__ import annotations

import json

import pytest
from tests.cli.conftest import CommandLine


def _store(cli: CommandLine, *names: str) -> None:
    path = cli.directory / "connections.toml"
    path.touch(mode=0o600)
    parameters = dict(part.split("=", 1) for part in cli.connection_string.split(";"))
    parameters["ClientSecret"] = parameters["ClientSecret"].strip("{}")
    lines = [f"{key} = {json.dumps(value)}\n" for key, value in parameters.items()]
    path.write_text("".join(f"[connections.{name}]\n{''.join(lines)}" for name in names))


@pytest.fixture
def bare(cli: CommandLine) -> CommandLine:
    """The same tenant, with no connection in the environment."""
    cli.drive.put_file("/a.txt", b"")
    cli.without_environment = True
    return cli


def test_a_connection_is_named_on_the_command_line_or_in_the_environment(bare: CommandLine) -> None:
    _store(bare, "work", "home")
    assert bare.ok("ls", "--connection", "work") == "a.txt\n"
    assert bare.ok("ls", "--connection-string", bare.connection_string) == "a.txt\n"
    several = bare.run("ls")
    assert several.exit_code == 2
    assert "work, home" in several.stderr
    bare.extra["DRIVEQL_CONNECTION"] = "home"
    assert bare.ok("ls") == "a.txt\n"
    assert bare.run("ls", "--connection", "werk").exit_code == 2
    bare.extra["DRIVEQL_CONNECTION"] = "nowhere"
    assert bare.run("ls").exit_code == 2
    assert bare.ok("ls", "--connection-string", bare.connection_string) == "a.txt\n"


def test_the_only_stored_connection_is_the_default(bare: CommandLine) -> None:
    nothing = bare.run("ls")
    assert nothing.exit_code == 2
    assert "driveql connect add" in nothing.stderr
    _store(bare, "only")
    assert bare.ok("ls") == "a.txt\n"


def test_with_json_every_error_is_one_json_object(bare: CommandLine) -> None:
    for words in (
        ("ls", "--json"),
        ("ls", "--json", "--no-such-option"),
        ("nothing", "--json"),
        ("get", "--json"),
    ):
        result = bare.run(*words)
        assert result.exit_code == 2
        told = json.loads(result.stderr)["error"]
        assert told["exit_code"] == 2
        assert told["message"]
        assert result.stdout == ""


def test_a_refused_secret_is_an_authentication_error_and_is_not_shown(cli: CommandLine) -> None:
    wrong = cli.connection_string.replace("plain:", "plain:wrong-secret-")
    for flags in ((), ("-v",), ("--trace",), ("--json",)):
        result = cli.run("ls", "--connection-string", wrong, *flags)
        assert result.exit_code == 3
        assert "AADSTS7000215" in result.stderr
        assert "wrong-secret" not in result.stderr


def test_a_forbidden_request_has_its_own_code(cli: CommandLine) -> None:
    for application in cli.emulator.tenant.applications.values():
        application.permissions = {"User.Read.All"}
    result = cli.run("ls")
    assert result.exit_code == 5, result.stderr
    assert "hint:" in result.stderr
