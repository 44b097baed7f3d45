"""Programs reach the emulator under the service's names, through proxy and throw-away CA, and nothing else."""

from __future__ import annotations

import asyncio
import base64
import io
import ssl
from collections.abc import AsyncIterator

import pytest
from aiohttp import ClientConnectorCertificateError, ClientHttpProxyError, ClientSession, TCPConnector, web
from cryptography import x509
from hypothesis import given, settings
from hypothesis import strategies as st

from graph_emulator.proxy import ConnectProxy
from graph_emulator.tls import SERVED_HOSTS, CertificateAuthority

HOSTS = ("graph.microsoft.com", "*.sharepoint.com")


@pytest.fixture(scope="module")
def authority() -> CertificateAuthority:
    return CertificateAuthority()


@pytest.fixture
def trusting(authority: CertificateAuthority) -> ssl.SSLContext:
    return ssl.create_default_context(cadata=authority.ca_pem.decode())


@pytest.fixture
async def server_port(authority: CertificateAuthority) -> AsyncIterator[int]:
    async def echo(request: web.BaseRequest) -> web.StreamResponse:
        received = sum([len(part) async for part in request.content.iter_any()])
        return web.Response(text=f"{request.host} {received}")

    runner = web.ServerRunner(web.Server(echo), shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0, ssl_context=authority.server_context())
    await site.start()
    yield site._server.sockets[0].getsockname()[1]  # type: ignore[union-attr]
    await runner.cleanup()


@pytest.fixture
async def proxy(server_port: int) -> AsyncIterator[ConnectProxy]:
    proxy = ConnectProxy(dict.fromkeys(HOSTS, ("127.0.0.1", server_port)))
    await proxy.start()
    yield proxy
    await proxy.stop()


async def ask(proxy: ConnectProxy, context: ssl.SSLContext, url: str, body: bytes = b"") -> str:
    through = f"http://127.0.0.1:{proxy.port}"
    async with (
        ClientSession(connector=TCPConnector(ssl=context)) as session,
        session.post(url, data=io.BytesIO(body), proxy=through) as response,
    ):
        return await response.text()


async def talk(proxy: ConnectProxy, sent: bytes) -> bytes:
    """Send raw bytes to the proxy, end, and return all it says."""
    reader, writer = await asyncio.open_connection("127.0.0.1", proxy.port)
    writer.write(sent)
    writer.write_eof()
    answer = await reader.read()
    writer.close()
    await writer.wait_closed()
    return answer


@pytest.mark.parametrize(
    "host", ["graph.microsoft.com", "contoso.sharepoint.com", "contoso-my.sharepoint.com"]
)
async def test_the_services_names_lead_to_the_emulator(
    proxy: ConnectProxy, trusting: ssl.SSLContext, host: str
) -> None:
    assert await ask(proxy, trusting, f"https://{host}/x", b"a" * 3_000_000) == f"{host} 3000000"
    assert proxy.connected == [f"{host}:443"]
    assert proxy.refused == []


@pytest.mark.parametrize("host", ["example.com", "login.live.com", "graph.microsoft.com.evil.example"])
async def test_other_hosts_are_refused_and_recorded(
    proxy: ConnectProxy, trusting: ssl.SSLContext, host: str
) -> None:
    with pytest.raises(ClientHttpProxyError) as refusal:
        await ask(proxy, trusting, f"https://{host}/")
    assert refusal.value.status == 403
    assert proxy.refused == [f"{host}:443"]


async def test_plain_requests_are_refused(proxy: ConnectProxy) -> None:
    answer = await talk(
        proxy, b"GET http://graph.microsoft.com/ HTTP/1.1\r\nHost: graph.microsoft.com\r\n\r\n"
    )
    assert answer.startswith(b"HTTP/1.1 405 ")
    assert proxy.refused == ["http://graph.microsoft.com/"]


async def test_without_the_authority_the_server_is_not_trusted(proxy: ConnectProxy) -> None:
    with pytest.raises(ClientConnectorCertificateError, match="certificate verify failed"):
        await ask(proxy, ssl.create_default_context(), "https://graph.microsoft.com/")


async def test_credentials_are_asked_for(server_port: int, trusting: ssl.SSLContext) -> None:
    proxy = ConnectProxy(
        {"graph.microsoft.com": ("127.0.0.1", server_port)}, credentials=("ann", "pass:wörd")
    )
    await proxy.start()
    head = "CONNECT graph.microsoft.com:443 HTTP/1.1\r\n"
    right = base64.b64encode("ann:pass:wörd".encode()).decode()
    wrong = base64.b64encode(b"ann:x").decode()
    try:
        for header in (
            "",
            f"Proxy-Authorization: Basic {wrong}\r\n",
            f"Proxy-Authorization: Bearer {right}\r\n",
        ):
            answer = await talk(proxy, f"{head}{header}\r\n".encode())
            assert answer.startswith(b"HTTP/1.1 407 ")
            assert b'Proxy-Authenticate: Basic realm="emulator"' in answer
        answer = await talk(proxy, f"{head}proxy-authorization:basic {right}\r\n\r\n".encode())
        assert answer.startswith(b"HTTP/1.1 200 ")
    finally:
        await proxy.stop()


async def test_an_emulator_that_is_gone_is_a_bad_gateway() -> None:
    unused = await asyncio.start_server(lambda r, w: None, "127.0.0.1", 0)
    port = unused.sockets[0].getsockname()[1]
    unused.close()
    await unused.wait_closed()
    proxy = ConnectProxy({"graph.microsoft.com": ("127.0.0.1", port)})
    await proxy.start()
    try:
        answer = await talk(proxy, b"CONNECT graph.microsoft.com:443 HTTP/1.1\r\n\r\n")
        assert answer.startswith(b"HTTP/1.1 502 ")
    finally:
        await proxy.stop()


async def test_stopping_ends_open_tunnels(proxy: ConnectProxy) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", proxy.port)
    writer.write(b"CONNECT graph.microsoft.com:443 HTTP/1.1\r\n\r\n")
    assert await reader.readuntil(b"\r\n\r\n") == b"HTTP/1.1 200 Connection Established\r\n\r\n"
    await proxy.stop()
    assert await reader.read() == b""
    writer.close()
    await writer.wait_closed()


@given(noise=st.binary(max_size=200))
@settings(max_examples=60, deadline=None)
def test_noise_is_answered_and_never_tunnelled(noise: bytes) -> None:
    async def main() -> None:
        proxy = ConnectProxy({"graph.microsoft.com": ("127.0.0.1", 9)})
        await proxy.start()
        try:
            answer = await talk(proxy, noise + b"\r\n\r\n")
            assert answer.split(b" ")[1] in (b"400", b"403", b"405")
            assert proxy.connected == []
        finally:
            await proxy.stop()

    asyncio.run(main())


def test_certificates_name_the_service(authority: CertificateAuthority) -> None:
    chain, key = authority.issue()
    certificate = x509.load_pem_x509_certificates(chain)[0]
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    listed = set(names.get_values_for_type(x509.DNSName)) | {
        str(address) for address in names.get_values_for_type(x509.IPAddress)
    }
    assert listed == set(SERVED_HOSTS)
    assert certificate.issuer == x509.load_pem_x509_certificate(authority.ca_pem).subject
    assert b"PRIVATE KEY" in key
    assert b"PRIVATE KEY" not in chain
