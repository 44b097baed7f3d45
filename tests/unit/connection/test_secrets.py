"""Where secrets come from, and that they are not shown on the way."""

from __future__ import annotations

import os
import pickle
from pathlib import Path

import keyring
import keyring.backend
import pytest

from driveql.connection.secrets import SecretReference, SecretSource, store_in_keyring
from driveql.errors import SecretError

PLANTED = "hunter2-planted"


class MemoryKeyring(keyring.backend.KeyringBackend):
    """A keyring in memory: the build machines have no desktop session."""

    priority = 1  # type: ignore[assignment]

    def __init__(self) -> None:
        super().__init__()
        self.entries: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.entries.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.entries[service, username] = password


@pytest.fixture
def memory_keyring():
    before = keyring.get_keyring()
    keyring.set_keyring(MemoryKeyring())
    yield
    keyring.set_keyring(before)


@pytest.mark.parametrize(
    ("text", "source"),
    [
        ("env:NAME", SecretSource.ENVIRONMENT),
        ("file:/a/b", SecretSource.FILE),
        ("keyring:driveql/one", SecretSource.KEYRING),
        ("prompt", SecretSource.PROMPT),
    ],
)
def test_a_reference_is_shown_as_it_was_written(text: str, source: SecretSource) -> None:
    reference = SecretReference.parse(text)
    assert reference.source is source
    assert reference.text == text
    assert text in repr(reference)
    assert pickle.loads(pickle.dumps(reference)) == reference


@pytest.mark.parametrize("text", [PLANTED, f"plain:{PLANTED}", f"https://{PLANTED}", f"Env:{PLANTED}"])
def test_a_literal_is_never_shown(text: str) -> None:
    reference = SecretReference.parse(text)
    assert reference.is_plain
    assert reference.reveal() == text.removeprefix("plain:")
    assert PLANTED not in repr(reference) + str(reference) + f"{reference}"
    with pytest.raises(SecretError) as caught:
        _ = reference.text
    assert PLANTED not in str(caught.value)


@pytest.mark.parametrize(
    "text", ["env:", "file:", "keyring:", "keyring:service", "keyring:/name", "keyring:service/"]
)
def test_a_reference_without_its_place_is_refused(text: str) -> None:
    with pytest.raises(SecretError):
        SecretReference.parse(text)


def test_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    assert SecretReference.parse("env:A").reveal(environ={"A": "x"}) == "x"
    monkeypatch.setenv("DRIVEQL_TEST_SECRET", "y")
    assert SecretReference.parse("env:DRIVEQL_TEST_SECRET").reveal() == "y"
    with pytest.raises(SecretError, match=r"client secret .* variable A, which is not set"):
        SecretReference.parse("env:A").reveal(environ={}, purpose="client secret")


def test_a_file_loses_its_last_line_end_only(tmp_path: Path) -> None:
    file = tmp_path / "secret"
    file.write_bytes(b" a b \r\n")
    assert SecretReference.parse(f"file:{file}").reveal() == " a b "
    file.write_bytes(b"a\n\n")
    assert SecretReference.parse(f"file:{file}").reveal() == "a\n"
    file.write_bytes(b"\n")
    with pytest.raises(SecretError, match="is empty"):
        SecretReference.parse(f"file:{file}").reveal()
    file.write_bytes(b"\xff\xfe")
    with pytest.raises(SecretError, match="cannot be read"):
        SecretReference.parse(f"file:{file}").reveal()
    with pytest.raises(SecretError, match="does not exist"):
        SecretReference.parse(f"file:{tmp_path / 'none'}").reveal()


def test_the_keyring(memory_keyring: None) -> None:
    reference = SecretReference.parse("keyring:driveql/team/one")
    with pytest.raises(SecretError, match="no entry driveql/team/one"):
        reference.reveal()
    store_in_keyring(reference, "x")
    assert reference.reveal() == "x"


def test_a_prompt_is_asked_once() -> None:
    asked: list[str] = []

    def ask(purpose: str) -> str:
        asked.append(purpose)
        return "x"

    reference = SecretReference.parse("prompt")
    assert [reference.reveal(ask=ask, purpose="password") for _ in range(3)] == ["x", "x", "x"]
    assert asked == ["password"]
    assert "x" not in repr(reference).replace("prompt", "")


def test_a_prompt_without_a_terminal_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    reader, writer = os.pipe()
    os.close(writer)
    with os.fdopen(reader) as nothing:
        monkeypatch.setattr("sys.stdin", nothing)
        with pytest.raises(SecretError, match="no terminal"):
            SecretReference.parse("prompt").reveal()
