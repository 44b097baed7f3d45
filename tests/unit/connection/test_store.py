"""The connections file: private, hand-editable, replaced in one step."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from driveql.connection.store import ConnectionStore, connections_path
from driveql.errors import ConfigurationError, ConnectionNotFoundError, LocalFileError, ParameterError

posix = pytest.mark.skipif(os.name != "posix", reason="file modes are POSIX")


@pytest.fixture
def store(tmp_path: Path) -> ConnectionStore:
    return ConnectionStore(tmp_path / "made" / "connections.toml")


def test_the_place_follows_the_platform_or_the_variable(tmp_path: Path) -> None:
    assert connections_path({"DRIVEQL_CONNECTIONS": "~/c.toml"}) == Path.home() / "c.toml"
    assert connections_path({}).name == "connections.toml"
    assert connections_path({}).parent.name == "driveql"


def test_without_a_file_nothing_is_stored(store: ConnectionStore) -> None:
    assert store.names() == []
    with pytest.raises(ConnectionNotFoundError, match="None is stored yet"):
        store.get("one")


def test_put_get_replace_remove(store: ConnectionStore) -> None:
    store.put("one", {"client_id": "x", "Timeout": 5, "SendX5c": True})
    store.put("two", {"ClientId": "y"})
    assert store.names() == ["one", "two"]
    assert store.get("one") == {"ClientId": "x", "Timeout": 5, "SendX5c": True}
    with pytest.raises(ConfigurationError, match="'one' exists already"):
        store.put("one", {"ClientId": "z"})
    store.put("one", {"ClientId": "z"}, replace=True)
    assert store.get("one") == {"ClientId": "z"}
    store.remove("one")
    assert store.names() == ["two"]
    with pytest.raises(ConnectionNotFoundError, match="Did you mean two"):
        store.remove("tow")


@posix
def test_the_file_is_private_from_its_first_byte(store: ConnectionStore) -> None:
    before = os.umask(0)
    try:
        store.put("one", {"ClientId": "x"})
    finally:
        os.umask(before)
    assert stat.S_IMODE(store.path.stat().st_mode) == 0o600
    assert stat.S_IMODE(store.path.parent.stat().st_mode) == 0o700
    assert list(store.path.parent.iterdir()) == [store.path]


@posix
@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604, 0o620])
def test_a_file_open_to_others_is_not_used(store: ConnectionStore, mode: int) -> None:
    store.put("one", {"ClientId": "x"})
    store.path.chmod(mode)
    for action in (
        store.names,
        lambda: store.get("one"),
        lambda: store.put("two", {}),
        lambda: store.remove("one"),
    ):
        with pytest.raises(ConfigurationError, match="chmod 600"):
            action()


@posix
def test_a_linked_file_stays_a_link(store: ConnectionStore, tmp_path: Path) -> None:
    store.put("one", {"ClientId": "x"})
    link = tmp_path / "link.toml"
    link.symlink_to(store.path)
    ConnectionStore(link).put("two", {"ClientId": "y"})
    assert link.is_symlink()
    assert store.names() == ["one", "two"]


def test_comments_and_order_survive(store: ConnectionStore) -> None:
    store.path.parent.mkdir()
    text = '# mine\n[connections.a] # first\nClientId = "x" # why\n\n[other]\nkeep = 1\n'
    store.path.write_text(text, encoding="utf-8")
    store.path.chmod(0o600)
    store.put("b", {"ClientId": "y"})
    after = store.path.read_text(encoding="utf-8")
    assert all(part in after for part in ("# mine", "# first", "# why", "[other]\nkeep = 1"))
    store.remove("b")
    assert store.path.read_text(encoding="utf-8").strip() == text.strip()


@pytest.mark.parametrize("name", ["", "a b", "../x", "-x", "a" * 65, "a;b", "ü"])
def test_a_name_that_could_not_be_typed_is_refused(store: ConnectionStore, name: str) -> None:
    with pytest.raises(ParameterError):
        store.put(name, {})


@pytest.mark.parametrize(
    "parameters",
    [
        {"ClientSecret": "hunter2"},
        {"CertificatePassword": "plain:hunter2"},
        {"Proxy": "http://u:hunter2@h:1"},
    ],
)
def test_a_literal_secret_is_stored_only_on_demand(
    store: ConnectionStore, parameters: dict[str, str]
) -> None:
    with pytest.raises(ParameterError, match="not stored in clear") as caught:
        store.put("one", parameters)
    assert "hunter2" not in str(caught.value)
    assert not store.path.exists()
    store.put("one", parameters, secrets_in_clear=True)
    assert store.get("one") == parameters


def test_relative_files_start_at_the_connections_file(store: ConnectionStore) -> None:
    store.put("one", {"CertificatePath": "keys/a.pfx", "CaBundle": "/etc/ca.pem"})
    assert store.get("one") == {
        "CertificatePath": store.path.parent / "keys" / "a.pfx",
        "CaBundle": Path("/etc/ca.pem"),
    }


@pytest.mark.parametrize(
    "text", ["connections = 1", "[connections]\na = 1", "[connections.a\nSecret = 'hunter2'", "\x00"]
)
def test_a_damaged_file_is_named_and_not_quoted(store: ConnectionStore, text: str) -> None:
    store.path.parent.mkdir()
    store.path.write_text(text, encoding="utf-8")
    store.path.chmod(0o600)
    with pytest.raises(ConfigurationError) as caught:
        store.get("a")
    assert str(store.path) in str(caught.value)
    assert "hunter2" not in str(caught.value)
    assert store.path.read_text(encoding="utf-8") == text


def test_a_stored_typo_is_named(store: ConnectionStore) -> None:
    store.path.parent.mkdir()
    store.path.write_text("[connections.a]\nClientIdd = 'x'\n", encoding="utf-8")
    store.path.chmod(0o600)
    with pytest.raises(ParameterError, match="Did you mean ClientId"):
        store.get("a")


def test_a_directory_in_its_place_is_a_local_fault(tmp_path: Path) -> None:
    with pytest.raises(LocalFileError):
        ConnectionStore(tmp_path).names()
