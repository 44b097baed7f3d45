"""A planted secret is looked for in the text of every object and every error of both rooms."""

from __future__ import annotations

import dataclasses
import importlib
import pkgutil
import traceback
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pytest

import driveql.auth
import driveql.connection
from driveql import errors
from driveql.auth import certificate
from driveql.auth.access_token import AccessToken, read_token
from driveql.auth.cache import TokenCache, _Cached
from driveql.auth.credential import (
    CertificateCredential,
    ClientSecretCredential,
    TokenResponse,
)
from driveql.auth.entra_errors import Advice, error_from, error_from_text
from driveql.auth.external import ExternalCredential
from driveql.auth.inspection import inspect
from driveql.auth.issue import IssuedCertificate
from driveql.auth.local_key import signer_from
from driveql.connection import ConnectionSettings, ConnectionStore, SecretReference, settings_from
from driveql.connection.clouds import GLOBAL, Cloud
from driveql.connection.parameters import PARAMETERS, Parameter
from driveql.connection.settings import without_password

PLANTED = "planted-hunter2"
BASE = {
    "TenantId": "contoso.com",
    "ClientId": "11111111-2222-3333-4444-555555555555",
    "GroupOrUserId": "a@b.cd",
}


def settings(issued: IssuedCertificate) -> ConnectionSettings:
    return settings_from(
        environ={"DRIVEQL_CONNECTIONS": "none.toml"},
        certificate_bytes=issued.pfx(PLANTED),
        certificate_password=PLANTED,
        proxy=f"http://user:{PLANTED}@proxy:8080",
        extra_headers=f"X-Key:{PLANTED}",
        **BASE,
    )


def instances(issued: IssuedCertificate) -> Iterator[object]:
    whole = settings(issued)
    token = AccessToken(PLANTED, 1, 1)
    secret = SecretReference.parse(PLANTED)
    by_secret = dataclasses.replace(whole, certificate_bytes=None, client_secret=secret)
    yield from (whole, by_secret, token, secret, _Cached(token, 1.0))
    yield from (TokenResponse(200, PLANTED.encode(), {"Set-Cookie": PLANTED}), CertificateCredential(whole))
    yield from (ClientSecretCredential(by_secret), TokenCache(ClientSecretCredential(by_secret)))
    yield from (ExternalCredential(ExternalLike(), "s"), signer_from(whole), issued, issued.as_file())
    yield inspect(issued.as_file(), datetime.now(UTC))
    yield from (GLOBAL, PARAMETERS[0], Advice(errors.AuthenticationError, "x", "y"))


class ExternalLike:
    secret = PLANTED

    def get_token(self, *scopes: str) -> None: ...


def test_no_object_s_text_holds_it(issued: IssuedCertificate) -> None:
    key = issued.key.private_numbers().d
    found = list(instances(issued))
    for instance in found:
        text = f"{instance!r} {instance} {[instance]}"
        assert PLANTED not in text, type(instance)
        assert str(key) not in text
        assert "PRIVATE KEY" not in text
    assert without_password(f"http://u:{PLANTED}@h") == "http://***@h"
    rooms = {type(instance) for instance in found} | {Cloud, Parameter}
    assert {name for name in dataclasses_of_rooms() if name not in rooms} == set()


def dataclasses_of_rooms() -> set[type]:
    found = set()
    for room in (driveql.connection, driveql.auth):
        for module in pkgutil.walk_packages(room.__path__, f"{room.__name__}."):
            members = vars(importlib.import_module(module.name)).values()
            found |= {
                one
                for one in members
                if isinstance(one, type) and dataclasses.is_dataclass(one) and one.__module__ == module.name
            }
    assert len(found) >= 8
    return found


def actions(issued: IssuedCertificate, other: IssuedCertificate) -> Iterator[Callable[[], object]]:
    """Things that go wrong while a secret is at hand."""
    for parameter in PARAMETERS:
        for value in (
            f"{PLANTED}\n\x00 {{",
            f"http://{PLANTED}:{PLANTED}@[",
            [PLANTED],
            {"X-Key": f"{PLANTED}\n"},
        ):
            if parameter.secret or parameter.name in {
                "Proxy",
                "ClientId",
                "ExtraHeaders",
                "TokenUrl",
                "DriveId",
                "GraphUrl",
            }:
                yield lambda parameter=parameter, value=value: parameter.read(value)
    yield lambda: settings_from(f"ClientSecret={PLANTED[:3]};{PLANTED}=x", environ={})
    yield lambda: settings_from(f"ClientSecret={{x}}{PLANTED}", environ={})
    yield lambda: settings_from(f"ClientSecret=x;{PLANTED}", environ={})
    yield lambda: settings_from(environ={}, client_secret=PLANTED, certificate_bytes=PLANTED.encode(), **BASE)
    yield lambda: settings_from(environ={}, certificate_bytes=PLANTED, **BASE)
    yield lambda: SecretReference.parse(PLANTED).text
    yield lambda: ConnectionStore(environ={"DRIVEQL_CONNECTIONS": "none.toml"}).put(
        "x", {"ClientSecret": PLANTED}
    )
    yield lambda: certificate.parse(issued.pfx(PLANTED), password=PLANTED + "x")
    yield lambda: certificate.parse(issued.pem(PLANTED), password=PLANTED + "x")
    yield lambda: certificate.parse(PLANTED.encode())
    yield lambda: certificate.parse(
        f"-----BEGIN CERTIFICATE-----\n{PLANTED}\n-----END CERTIFICATE-----".encode()
    )
    yield lambda: signer_from(
        ConnectionSettings(
            certificate_bytes=issued.cer(), certificate_password=SecretReference.parse(PLANTED)
        )
    )
    yield lambda: read_token(f'{{"access_token":"{PLANTED}"}}'.encode(), 0)
    yield lambda: read_token(f'{{"access_token":"{PLANTED}","expires_in":'.encode(), 0)
    yield lambda: (_ for _ in ()).throw(error_from(500, f"<p>{PLANTED}".encode()))
    yield lambda: (_ for _ in ()).throw(error_from_text(f"eyJhbGciOiJQUzI1NiJ9.{PLANTED}.x"))


def test_no_error_s_text_or_traceback_holds_it(issued: IssuedCertificate, other: IssuedCertificate) -> None:
    caught = [error for action in actions(issued, other) if (error := error_of(action)) is not None]
    for error in caught:
        # The traceback's source lines are this file's; values would come from messages and chained errors.
        text = "".join(traceback.format_exception_only(error)) + repr(error) + str(vars(error))
        assert PLANTED not in text, text
        assert error.__suppress_context__ or error.__context__ is None, error
    assert len(caught) >= 30


def error_of(action: Callable[[], object]) -> errors.DriveqlError | None:
    try:
        action()
    except errors.DriveqlError as error:
        return error
    return None


def test_every_error_of_the_tree_keeps_its_parts_through_pickle() -> None:
    import pickle

    error = errors.ParameterError("m", parameter="P", hint="h")
    again = pickle.loads(pickle.dumps(error))
    assert (again.message, again.parameter, again.hint) == ("m", "P", "h")


@pytest.fixture(autouse=True)
def _in_empty_directory(tmp_path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
