"""From the four places to one set of settings: precedence, defaults, and every refusal."""

from __future__ import annotations

import base64
import subprocess
import sys
from pathlib import Path

import pytest

from driveql.connection import ConnectionStore, RetryMode, SecretReference, StorageMode, settings_from
from driveql.errors import ConfigurationError, ConnectionNotFoundError, ParameterError, SecretError

CLIENT = "11111111-2222-3333-4444-555555555555"
BASE = f"TenantId=contoso.com;ClientId={CLIENT};GroupOrUserId=alice@contoso.com;"


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    return {"DRIVEQL_CONNECTIONS": str(tmp_path / "connections.toml")}


@pytest.fixture
def store(environ: dict[str, str]) -> ConnectionStore:
    return ConnectionStore(environ=environ)


def parameters(**more: object) -> dict[str, object]:
    return {
        "TenantId": "contoso.com",
        "ClientId": CLIENT,
        "GroupOrUserId": "a@contoso.com",
        "ClientSecret": "env:S",
    } | more


def test_a_whole_string_gives_settings_with_the_product_s_defaults(environ: dict[str, str]) -> None:
    settings = settings_from(BASE + "CertificatePath=/k/a.pfx;CertificatePassword=env:P", environ=environ)
    assert settings.token_url == "https://login.microsoftonline.com/contoso.com/oauth2/v2.0/token"
    assert settings.graph_url == "https://graph.microsoft.com"
    assert settings.scope == "https://graph.microsoft.com/.default"
    assert (settings.tenant, settings.client_id) == ("contoso.com", CLIENT)
    assert settings.storage_mode is StorageMode.PFX_FILE
    assert settings.certificate_password == SecretReference.parse("env:P")
    assert settings.retry_mode is RetryMode.RETRY_WHEN_STATUS_CODE_MATCH
    assert settings.retry_status_codes == {423, 429, 503}
    assert (settings.retry_count_max, settings.retry_multiply_wait_time) == (5, True)
    assert settings.uses_application_credentials


@pytest.mark.parametrize(
    ("cloud", "login", "graph"),
    [
        ("global", "login.microsoftonline.com", "https://graph.microsoft.com"),
        ("USGOV", "login.microsoftonline.us", "https://graph.microsoft.us"),
        ("usgov-dod", "login.microsoftonline.us", "https://dod-graph.microsoft.us"),
        ("china", "login.chinacloudapi.cn", "https://microsoftgraph.chinacloudapi.cn"),
    ],
)
def test_a_cloud_gives_both_hosts(cloud: str, login: str, graph: str, environ: dict[str, str]) -> None:
    settings = settings_from(BASE + f"Cloud={cloud};ClientSecret=x", environ=environ)
    assert settings.token_url == f"https://{login}/contoso.com/oauth2/v2.0/token"
    assert settings.graph_url == graph
    assert settings.scope == f"{graph}/.default"


def test_the_token_url_s_host_tells_the_cloud(environ: dict[str, str]) -> None:
    url = "https://login.chinacloudapi.cn/contoso.cn/oauth2/v2.0/token"
    text = BASE.replace("TenantId=contoso.com", f"TokenUrl={url}") + "ClientSecret=x;"
    assert settings_from(text, environ=environ).graph_url == "https://microsoftgraph.chinacloudapi.cn"
    with pytest.raises(ParameterError, match="Cloud: tenants of usgov do not sign in"):
        settings_from(text + "Cloud=usgov", environ=environ)


def test_an_emulator_keeps_the_global_scope(environ: dict[str, str]) -> None:
    url = "http://127.0.0.1:8021/contoso.com/oauth2/v2.0/token"
    text = (
        BASE.replace("TenantId=contoso.com", f"TokenUrl={url}")
        + "ClientSecret=x;GraphUrl=http://127.0.0.1:8021/"
    )
    settings = settings_from(text, environ=environ)
    assert settings.graph_url == "http://127.0.0.1:8021"
    assert settings.scope == "https://graph.microsoft.com/.default"


def test_the_nearer_place_wins(environ: dict[str, str], store: ConnectionStore) -> None:
    store.put("one", parameters(Timeout=20, RetryCountMax=2, MaxConcurrency=2))
    environ |= {
        "DRIVEQL_TIMEOUT": "10",
        "DRIVEQL_RETRY_COUNT_MAX": "1",
        "DRIVEQL_MAX_CONCURRENCY": "1",
        "DRIVEQL_LOG_LEVEL": "debug",
    }
    settings = settings_from("Timeout=30;RetryCountMax=3", name="one", environ=environ, timeout=40)
    assert (settings.timeout, settings.retry_count_max) == (40, 3)
    assert (settings.max_concurrency, settings.log_level, settings.name) == (2, "DEBUG", "one")


def test_a_nearer_choice_displaces_its_alternatives(environ: dict[str, str], store: ConnectionStore) -> None:
    stored = {"TenantId": "contoso.com", "ClientId": CLIENT, "GroupOrUserId": "a@contoso.com"}
    store.put("pfx", stored | {"CertificatePath": "/k/a.pfx", "CertificatePassword": "env:P"})
    by_secret = settings_from(name="pfx", environ=environ, client_secret="s")
    assert not by_secret.uses_certificate
    assert by_secret.certificate_password is None
    url = "https://login.microsoftonline.com/fabrikam.com/oauth2/v2.0/token"
    assert settings_from(name="pfx", environ=environ, token_url=url).tenant == "fabrikam.com"
    by_bytes = settings_from(name="pfx", environ=environ, certificate_bytes=b"0")
    assert by_bytes.certificate_path is None
    assert by_bytes.certificate_bytes == b"0"


def test_a_blank_value_sets_back_to_the_default(environ: dict[str, str], store: ConnectionStore) -> None:
    store.put("one", parameters(DriveId="b!x"))
    assert settings_from("DriveId=", name="one", environ=environ).drive_id is None


def test_the_environment_chooses(environ: dict[str, str], store: ConnectionStore) -> None:
    store.put("one", parameters(DriveId="b!one"))
    store.put("two", parameters(DriveId="b!two"))
    with pytest.raises(ConnectionNotFoundError, match=r"one, two.*none was chosen"):
        settings_from(environ=environ)
    assert settings_from(environ=environ | {"DRIVEQL_CONNECTION": "two"}).drive_id == "b!two"
    whole = environ | {"DRIVEQL_CONNECTION_STRING": BASE + "ClientSecret=x;DriveId=b!three"}
    assert settings_from(environ=whole).drive_id == "b!three"
    both = whole | {"DRIVEQL_CONNECTION": "one"}
    assert settings_from(environ=both).drive_id == "b!one"
    assert settings_from(name="two", environ=both).drive_id == "b!two"
    assert settings_from(BASE + "ClientSecret=x", environ=both).drive_id is None
    parts = environ | {"DRIVEQL_CLIENT_ID": CLIENT, "DRIVEQL_TENANT_ID": "contoso.com", "DRIVEQL_CLIENT_SECRET": "s",
                       "DRIVEQL_GROUP_OR_USER_ID": "a@contoso.com"}  # fmt: skip
    assert settings_from(environ=parts).name is None


def test_the_only_stored_connection_is_the_default(environ: dict[str, str], store: ConnectionStore) -> None:
    store.put("one", parameters(DriveId="b!one"))
    assert settings_from(environ=environ).drive_id == "b!one"
    assert settings_from(environ=environ, read_only=True).name == "one"
    with pytest.raises(ConnectionNotFoundError, match="Did you mean one"):
        settings_from(name="on", environ=environ)


def test_keywords_may_be_spelt_either_way_but_once(environ: dict[str, str]) -> None:
    assert settings_from(BASE, environ=environ, ClientSecret="x", drive_id=None).drive_id is None
    with pytest.raises(ParameterError, match="ClientSecret: it is given twice"):
        settings_from(BASE, environ=environ, ClientSecret="x", client_secret="y")


REFUSED = [
    ("ClientSecret=x;TenantId=common", "TenantId: an application cannot sign in to 'common'"),
    (
        "ClientSecret=x;TokenUrl=https://login.microsoftonline.com/common/oauth2/v2.0/token",
        "TokenUrl: .*'common'",
    ),
    ("ClientSecret=x;TenantId=consumers", "'consumers'"),
    ("ClientSecret=x;TenantId=Organizations", "'organizations'"),
    ("ClientSecret=x;GroupOrUserId=", "GroupOrUserId: blank means my self"),
    ("ClientSecret=x;GroupOrUserId=me", "GroupOrUserId: blank means my self"),
    ("ClientSecret=x;CertificatePath=/a.pfx", "ClientSecret: it is given together with CertificatePath"),
    (
        "CertificatePath=/a.pfx;CertificateBytes=env:A",
        "CertificateBytes: it is given together with CertificatePath",
    ),
    ("ClientSecret=", "CertificatePath: neither a certificate nor a client secret"),
    (
        "StorageMode=CurrentUserStore;CertificateThumbprint=" + "A" * 40,
        "CurrentUserStore is not available yet",
    ),
    ("StorageMode=LocalMachineStore", "LocalMachineStore is not available yet"),
    ("StorageMode=Pkcs11", "Pkcs11 is not available yet"),
    ("ClientSecret=x;ClientId=", "ClientId: it is missing"),
    ("ClientSecret=x;TenantId=", "TokenUrl: it is missing, and TenantId too"),
    ("ClientSecret=x;IsAppCred=0", "IsAppCred: it is set by the authentication type"),
    ("ClientSecret=x;Colour=red", "ClientSecret: what follows its value is no parameter"),
    ("DriveId=b!x;Colour=red", "no connection parameter 'Colour'"),
]


@pytest.mark.parametrize(("text", "message"), REFUSED)
def test_what_cannot_work_is_refused_before_any_request(
    text: str, message: str, environ: dict[str, str]
) -> None:
    given = {"TenantId": "contoso.com", "ClientId": CLIENT, "GroupOrUserId": "alice@contoso.com"}
    if "TokenUrl" in text:
        del given["TenantId"]
    base = ";".join(f"{name}={value}" for name, value in given.items() if f"{name}=" not in text)
    with pytest.raises(ParameterError, match=message):
        settings_from(f"{base};{text}", environ=environ)


def test_nothing_at_all_says_how_to_begin(environ: dict[str, str]) -> None:
    with pytest.raises(ConfigurationError, match="driveql connect add"):
        settings_from(environ=environ)


def test_a_credential_object_needs_neither_application_nor_owner(environ: dict[str, str]) -> None:
    settings = settings_from(environ=environ, external_credential=True)
    assert not settings.uses_application_credentials
    assert settings.scope == "https://graph.microsoft.com/.default"
    assert (settings.tenant, settings.group_or_user_id) == ("", "")


def test_a_certificate_may_come_from_the_environment(environ: dict[str, str]) -> None:
    environ |= {
        "B64": base64.encodebytes(b"\x30\x82pfx").decode(),
        "PEM": "-----BEGIN X-----\\nAA\\n-----END X-----",
        "BAD": "?",
    }
    assert (
        settings_from(BASE + "CertificateBytes=env:B64", environ=environ).certificate_bytes == b"\x30\x82pfx"
    )
    pem = settings_from(BASE + "CertificateBytes=env:PEM", environ=environ).certificate_bytes
    assert pem is not None
    assert pem.count(b"\n") == 2
    with pytest.raises(ParameterError, match="neither PEM text nor base64"):
        settings_from(BASE + "CertificateBytes=env:BAD", environ=environ)
    with pytest.raises(SecretError, match="variable NONE"):
        settings_from(BASE + "CertificateBytes=env:NONE", environ=environ)


def test_the_storage_mode_follows_the_file_s_name(environ: dict[str, str]) -> None:
    assert (
        settings_from(BASE + "CertificatePath=/k/a.pem", environ=environ).storage_mode is StorageMode.PEM_FILE
    )
    assert (
        settings_from(BASE + "CertificatePath=/k/a.p12", environ=environ).storage_mode is StorageMode.PFX_FILE
    )


def test_the_room_stays_light() -> None:
    heavy = "('cryptography', 'aiohttp', 'rich', 'click', 'tomlkit', 'platformdirs', 'keyring', 'asyncio')"
    code = f"import sys, driveql.connection; print([name for name in {heavy} if name in sys.modules])"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "[]"
