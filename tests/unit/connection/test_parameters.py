"""The table of parameters agrees with itself, with the product's vocabulary, and each value's reader with its words."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from driveql.connection.parameters import BY_NAME, PARAMETERS, find
from driveql.connection.secrets import SecretReference
from driveql.errors import ParameterError


@pytest.mark.parametrize("parameter", PARAMETERS, ids=lambda parameter: parameter.name)
def test_each_example_and_default_is_valid_and_each_text_complete(parameter) -> None:
    assert parameter.meaning.endswith(".")
    assert parameter.read(parameter.example) is not None
    if parameter.default:
        parameter.read(parameter.default)
    for option in parameter.options:
        assert parameter.read(option.upper()) == option
    assert find(parameter.keyword) is parameter
    assert find(parameter.name.upper()) is parameter
    assert parameter.environment == f"DRIVEQL_{parameter.keyword.upper()}"


def test_the_product_s_vocabulary_is_known(shared_dir: Path) -> None:
    text = (shared_dir / "design" / "product.md").read_text(encoding="utf-8")
    table = text.split("## The connection and its parameters")[1].split("\n## ")[0]
    rows = [row.split("|")[1] for row in table.splitlines() if row.startswith("|")][2:]
    names = {name for row in rows for name in re.findall(r"[A-Z][A-Za-z]+", row)} - {"Certificate"}
    assert len(names) > 20
    assert names <= set(BY_NAME)


BAD = [
    ("ClientId", "my-app", "32 hexadecimal digits"),
    ("TokenUrl", "https://login.microsoftonline.com/contoso.com/oauth2/token", "v1 endpoint"),
    ("TokenUrl", "https://login.microsoftonline.com/contoso.com", "its path is not"),
    ("TokenUrl", "https://login.microsoftonline.com/{tenant}/oauth2/v2.0/token", "placeholder"),
    ("TokenUrl", "http://login.microsoftonline.com/contoso.com/oauth2/v2.0/token", "plain http"),
    ("TokenUrl", "login.microsoftonline.com/contoso.com/oauth2/v2.0/token", "begins with https://"),
    ("TokenUrl", "https://u:p@login.microsoftonline.com/contoso.com/oauth2/v2.0/token", "user names"),
    ("TokenUrl", "https://[/contoso.com/oauth2/v2.0/token", "not a web address"),
    ("TenantId", "contoso", "neither a tenant's id nor a domain"),
    ("GraphUrl", "http://10.0.0.1:80", "plain http"),
    ("GraphUrl", "https://graph.microsoft.com/beta", "without a path"),
    ("StorageMode", "Pkcs12", r"is not one of .*did you mean Pkcs11"),
    ("RetryMode", "Always", "is not one of None, RetryAny"),
    ("RetryStatusCodeList", "429,503", "one vertical bar"),
    ("RetryStatusCodeList", "429||503", "one vertical bar"),
    ("RetryStatusCodeList", "200", "400 to 599"),
    ("RetryCountMax", "-1", "from 0 to 100"),
    ("RetryCountMax", "many", "from 0 to 100"),
    ("RetryCountMax", True, "from 0 to 100"),
    ("RetryMultiplyWaitTime", "perhaps", "neither True nor False"),
    ("RetryTimeBudget", "nan", "number of seconds"),
    ("Timeout", "0", "number of seconds"),
    ("Timeout", "inf", "number of seconds"),
    ("ExtraHeaders", "A", "two vertical bars"),
    ("ExtraHeaders", "Authorization:x", "Authorization is set by driveql"),
    ("ExtraHeaders", "A:1||hOsT:x", "hOsT is set by driveql"),
    ("ExtraHeaders", "A:1\r\nB:2", "line break"),
    ("ExtraHeaders", "A B:1", "header's name"),
    ("ExtraHeaders", {"A": "ü"}, "outside ASCII"),
    ("ExtraHeaders", ["A:1"], "pairs of name and value"),
    ("DriveId", "https://contoso.sharepoint.com/x", "web address"),
    ("DriveId", "Shared Documents", "no drive's id"),
    ("DriveId", "b!x/root", "no drive's id"),
    ("CertificateThumbprint", "AB CD", "40 .SHA-1. or 64"),
    ("CertificatePath", "a\0b", "zero byte"),
    ("Proxy", "socks5://h:1", "not http://host:port"),
    ("Proxy", "http://h:port", "not http://host:port"),
    ("Cloud", "germany", "is not one of global"),
    ("MaxConcurrency", "0", "from 1 to 256"),
    ("CertificatePassword", "env:", "says no place"),
    ("ClientSecret", b"bytes", "text or a reference"),
]


@pytest.mark.parametrize(("name", "value", "fault"), BAD)
def test_a_bad_value_is_named_with_its_fault_and_a_good_example(name: str, value: object, fault: str) -> None:
    with pytest.raises(ParameterError, match=fault) as caught:
        BY_NAME[name].read(value)
    assert caught.value.parameter == name
    assert caught.value.message.startswith(f"{name}: ")
    assert f"{name}={BY_NAME[name].example}" in (caught.value.hint or "")


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        (
            "TokenUrl",
            "http://127.0.0.1:8021/contoso.com/oauth2/v2.0/token",
            "http://127.0.0.1:8021/contoso.com/oauth2/v2.0/token",
        ),
        (
            "TokenUrl",
            "http://[::1]:8021/common/oauth2/v2.0/token/",
            "http://[::1]:8021/common/oauth2/v2.0/token",
        ),
        ("GraphUrl", "http://localhost:8021/v1.0/", "http://localhost:8021"),
        ("ClientId", "{11111111-2222-3333-4444-55555555555A}", "11111111-2222-3333-4444-55555555555a"),
        ("RetryStatusCodeList", " 429 | 500 ", frozenset({429, 500})),
        ("RetryStatusCodeList", [429, 503], frozenset({429, 503})),
        ("RetryStatusCodeList", 429, frozenset({429})),
        ("ExtraHeaders", "A:1||B: two words ", (("A", "1"), ("B", "two words"))),
        ("ExtraHeaders", "A:http://x", (("A", "http://x"),)),
        ("ExtraHeaders", [("A", "1")], (("A", "1"),)),
        (
            "CertificateThumbprint",
            "\u200e3f 2b 8c1d9e0a4b5c6d7e8f90a1b2c3d4e5f60718",
            "3F2B8C1D9E0A4B5C6D7E8F90A1B2C3D4E5F60718",
        ),
        ("DriveId", "/drives/b!abc-_1", "b!abc-_1"),
        ("Proxy", "proxy:8080", "http://proxy:8080"),
        ("Proxy", "None", ""),
        ("ReadOnly", "yes", True),
        ("SendX5c", 0, False),
        ("ClientSecret", "plain:env:x", SecretReference.parse("plain:env:x")),
        ("Timeout", "2.5", 2.5),
        ("CertificatePath", "~/a.pfx", Path.home() / "a.pfx"),
    ],
)
def test_a_good_value_becomes_its_type(name: str, value: object, expected: object) -> None:
    assert BY_NAME[name].read(value) == expected


def test_an_unknown_name_suggests_the_nearest() -> None:
    with pytest.raises(ParameterError, match="Did you mean CertificatePath"):
        find("CertifcatePath")
    with pytest.raises(ParameterError, match="Known are: TokenUrl"):
        find("zzz")
