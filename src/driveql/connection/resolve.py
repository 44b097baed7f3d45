"""From all the places a person may configure a connection to one validated `ConnectionSettings`.

The nearer place wins: keyword, connection string, stored connection, environment. A nearer choice also
displaces the further alternatives to it: a client secret given as keyword replaces a stored certificate.
"""

from __future__ import annotations

import os
from collections.abc import Mapping

from driveql.connection import connection_string as strings
from driveql.connection.checks import validated
from driveql.connection.parameters import PARAMETERS, Parameter, find, is_known
from driveql.connection.settings import ConnectionSettings
from driveql.connection.store import ConnectionStore
from driveql.errors import ConnectionNotFoundError

Layer = dict[str, object]
_CERTIFICATE = frozenset(
    {"StorageMode", "CertificatePath", "CertificateKeyPath", "CertificateBytes", "CertificatePassword",
     "CertificateThumbprint", "CertificateSubject"}
)  # fmt: skip
# (a parameter that chooses, what the choice displaces in places further away)
_DISPLACES: tuple[tuple[str, frozenset[str]], ...] = (
    ("TokenUrl", frozenset({"TenantId"})),
    ("TenantId", frozenset({"TokenUrl"})),
    ("ClientSecret", _CERTIFICATE),
    ("CertificatePath", frozenset({"ClientSecret", "CertificateBytes", "CertificateKeyPath", "StorageMode"})),
    ("CertificateBytes", frozenset({"ClientSecret", "CertificatePath", "CertificateKeyPath", "StorageMode"})),
)


def settings_from(
    connection_string: str | None = None,
    *,
    name: str | None = None,
    environ: Mapping[str, str] | None = None,
    external_credential: bool = False,
    **parameters: object,
) -> ConnectionSettings:
    """Return the validated settings of one connection.

    Parameters:
        connection_string: `Name=value;...` with ODBC quoting.
        name: a stored connection. Without name and string: `DRIVEQL_CONNECTION`, then
            `DRIVEQL_CONNECTION_STRING`; where nothing names an application, the only stored connection
            there is.
        environ: in place of the process's environment.
        external_credential: an azure-core credential object signs in; no ClientId, certificate or secret is
            needed.
        parameters: any parameter in snake_case; None means not given.
    Raises ParameterError, ConnectionNotFoundError, SecretError, ConfigurationError.
    """
    environment = os.environ if environ is None else environ
    near = _layer(parameters)
    if connection_string is not None:
        near = merged(_string_layer(connection_string), near)
    name, far = _chosen_elsewhere(connection_string, name, near, environment)
    return validated(
        merged(far, near), name=name, environ=environment, external_credential=external_credential
    )


def merged(further: Layer, nearer: Layer) -> Layer:
    """Return both layers as one: the nearer wins, and what it chooses displaces the alternatives further
    away.
    """
    displaced = {name for chooser, alternatives in _DISPLACES if nearer.get(chooser) for name in alternatives}
    return {key: value for key, value in further.items() if key not in displaced} | nearer


def _layer(written: Mapping[str, object]) -> Layer:
    layer: Layer = {}
    for key, value in written.items():
        parameter = find(key)
        if value is None:
            continue
        if parameter.name in layer:
            raise parameter.fault("it is given twice, in two spellings")
        layer[parameter.name] = value
    return layer


def _string_layer(text: str) -> Layer:
    written = strings.parse(text)
    previous: Parameter | None = None
    for key in written:
        # What follows a secret may be the rest of it, after a semicolon that should have stood in braces.
        if previous is not None and previous.secret and not is_known(key):
            raise previous.fault("what follows its value is no parameter", "Put a value with ; in braces.")
        previous = find(key)
    return _layer(written)


def _chosen_elsewhere(
    connection_string: str | None, name: str | None, near: Layer, environ: Mapping[str, str]
) -> tuple[str | None, Layer]:
    """Return the stored connection's name and all that stored connection and environment say."""
    far: Layer = {
        parameter.name: environ[parameter.environment]
        for parameter in PARAMETERS
        if environ.get(parameter.environment)
    }
    store = ConnectionStore(environ=environ)
    if name is None and connection_string is None:
        name = environ.get("DRIVEQL_CONNECTION") or None
        if name is None and environ.get("DRIVEQL_CONNECTION_STRING"):
            return None, merged(far, _string_layer(environ["DRIVEQL_CONNECTION_STRING"]))
        if name is None and not near.get("ClientId") and not far.get("ClientId"):
            name = _only_stored(store)
    if name is not None:
        far = merged(far, store.get(name))
    return name, far


def _only_stored(store: ConnectionStore) -> str | None:
    names = store.names()
    if len(names) > 1:
        raise ConnectionNotFoundError(
            f"Several connections are stored ({', '.join(names)}) and none was chosen.",
            hint="Choose with --connection NAME, name=... or DRIVEQL_CONNECTION.",
        )
    return names[0] if names else None
