"""The reference pages say what the code says; every command and option explains itself."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import click
import pytest

ROOT = Path(__file__).resolve().parent.parent.parent


@pytest.fixture
def docs(monkeypatch: pytest.MonkeyPatch) -> Any:
    """The package of the pages' makers, which is no part of the distribution."""
    monkeypatch.syspath_prepend(str(ROOT))
    from docs import commands_page, errors_page, generate, tables_page

    assert tables_page
    return {"generate": generate, "commands": commands_page, "errors": errors_page}


def test_the_pages_are_current(docs: Any) -> None:
    for name, text in docs["generate"].pages().items():
        kept = (ROOT / "docs" / name).read_text(encoding="utf-8")
        assert kept == text, f"docs/{name} is not what the code says; run: make docs"


def test_every_command_and_option_has_help_and_examples(docs: Any) -> None:
    seen = 0
    for name, command in docs["commands"].commands():
        assert command.help, name
        for parameter in command.params:
            if isinstance(parameter, click.Option):
                assert parameter.help, (name, parameter.opts)
        if not isinstance(command, click.Group):
            assert "driveql" in (command.epilog or ""), f"{name} has no example"
            seen += 1
    assert seen > 15


def test_examples_use_options_that_exist(docs: Any) -> None:
    commands = dict(docs["commands"].commands())
    common = {flag for option in docs["commands"].common_options() for flag in option.opts}
    for command in commands.values():
        for line in re.findall(r"driveql .*", command.epilog or ""):
            named = [name for name in commands if line.startswith(f"{name} ")]
            if not named:
                continue
            known = {flag for parameter in commands[max(named, key=len)].params for flag in parameter.opts}
            unquoted = re.sub(r"'[^']*'|\"[^\"]*\"", "", line).partition("|")[0]
            for flag in re.findall(r"(?<=\s)--[a-z-]+", unquoted):
                assert flag in known | common, line


def test_every_error_has_advice(docs: Any) -> None:
    classes = {kind for _, kind in docs["errors"].tree()}
    assert set(docs["errors"].ADVICE) == classes
