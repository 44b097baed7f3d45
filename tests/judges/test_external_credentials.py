"""azure-identity's own credential objects, synchronous and asynchronous, sign in for driveql against a local tenant."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from azure.core.pipeline.transport import AioHttpTransport, RequestsTransport
from azure.identity import CertificateCredential, ClientSecretCredential
from azure.identity.aio import CertificateCredential as AsyncCertificateCredential

from driveql.aio import OneDrive
from driveql.auth.issue import issue
from driveql.connection import ConnectionSettings, settings_from
from driveql.errors import CredentialRejectedError
from graph_emulator import Emulator

pytestmark = pytest.mark.judge
PASSWORD = "external password"


@dataclass
class Place:
    """The running tenant, and what azure-identity needs to sign in to it over TLS."""

    emulator: Any
    application: Any
    authority: str
    ca_file: str
    pfx: Path
    settings: ConnectionSettings

    @property
    def options(self) -> dict[str, Any]:
        return {"authority": self.authority, "disable_instance_discovery": True}

    @property
    def identity(self) -> tuple[str, str]:
        return self.emulator.tenant.tenant_id, self.application.client_id


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    emulator, issued = Emulator(seed="demo"), issue("CN=external")
    permissions = {"User.ReadBasic.All", "Files.Read.All"}
    application = emulator.register_application("external", permissions, certificate=issued.cer())
    pfx = tmp_path / "external.pfx"
    pfx.write_bytes(issued.pfx(PASSWORD))
    with emulator.serve_in_thread(tls_port=0) as running:
        settings = settings_from(
            environ={"DRIVEQL_CONNECTIONS": str(tmp_path / "none.toml")},
            external_credential=True,
            graph_url=running.tls_graph_url,
            ca_bundle=str(running.ca_path),
            group_or_user_id=f"alice@{emulator.tenant.domain}",
            retry_mode="None",
        )
        yield Place(emulator, application, running.tls_login_url, str(running.ca_path), pfx, settings)


async def root_names(place: Place, credential: object) -> list[str]:
    async with OneDrive(place.settings, credential=credential) as onedrive:
        drive = await onedrive.drive()
        return [item.name async for page in drive.list("/") for item in page]


async def test_a_synchronous_certificate_credential(place: Place) -> None:
    with RequestsTransport(connection_verify=place.ca_file) as transport:
        credential = CertificateCredential(
            *place.identity, str(place.pfx), password=PASSWORD, transport=transport, **place.options
        )
        assert await root_names(place, credential)


async def test_an_asynchronous_certificate_credential(place: Place) -> None:
    async with AioHttpTransport(connection_verify=place.ca_file) as transport:
        credential = AsyncCertificateCredential(
            *place.identity, str(place.pfx), password=PASSWORD, transport=transport, **place.options
        )
        async with credential:
            assert await root_names(place, credential)


async def test_a_secret_that_entra_refuses_gives_entra_s_code_and_our_advice(place: Place) -> None:
    with RequestsTransport(connection_verify=place.ca_file) as transport:
        credential = ClientSecretCredential(*place.identity, "wrong", transport=transport, **place.options)
        with pytest.raises(CredentialRejectedError) as caught:
            await root_names(place, credential)
    assert caught.value.code == "AADSTS7000215"
    assert "Make a new secret" in (caught.value.hint or "")
