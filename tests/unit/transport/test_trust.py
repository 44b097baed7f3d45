"""The certificates that a connection trusts: the system's are read once, and again when they are others."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from driveql.connection import ConnectionSettings, settings_from
from driveql.transport.wire import _trust
from graph_emulator import Emulator


def settings(**more: str) -> ConnectionSettings:
    return settings_from(
        environ={},
        tenant_id="contoso.com",
        client_id="00000000-0000-0000-0000-000000000001",
        client_secret="plain:x",
        group_or_user_id="/sites/root",
        **more,
    )


@pytest.fixture(scope="module")
def authority() -> bytes:
    with Emulator(seed="none").serve_in_thread(tls_port=0) as running:
        assert running.ca_path is not None
        return Path(running.ca_path).read_bytes()


def test_the_systems_trust_is_read_once_and_again_when_it_changed(
    authority: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usual = _trust(settings())
    assert _trust(settings()) is usual
    certificates = tmp_path / "trusted.pem"
    certificates.touch()
    monkeypatch.setenv("SSL_CERT_FILE", str(certificates))
    monkeypatch.setenv("SSL_CERT_DIR", str(tmp_path))
    none = _trust(settings())
    assert none is not usual
    assert not none.get_ca_certs()
    certificates.write_bytes(authority)
    os.utime(certificates, (1, 1))
    trusted = _trust(settings())
    assert len(trusted.get_ca_certs()) == 1
    assert trusted.verify_mode == usual.verify_mode
    assert trusted.check_hostname


def test_a_bundle_of_the_connections_own_stays_its_own(authority: bytes, tmp_path: Path) -> None:
    bundle = tmp_path / "ca.pem"
    bundle.write_bytes(authority)
    own = _trust(settings(ca_bundle=str(bundle)))
    usual = _trust(settings())
    assert own is not usual
    assert len(own.get_ca_certs()) == len(usual.get_ca_certs()) + 1
