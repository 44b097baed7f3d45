"""URLs of engines: what they say about a connection, and how they may be shown.

driveql://NAME                          a stored connection
driveql://                              what the environment says, or the only stored connection
driveql://?TokenUrl=...&ClientId=...    parameters, in any spelling that connection strings take
driveql:///?connection_string=...       a whole connection string
driveql://CLIENT_ID:SECRET@?...         application and secret, where SQLAlchemy hides a password by itself
"""

from __future__ import annotations

from typing import Any
from urllib.parse import unquote

from sqlalchemy.engine import URL

from driveql import redaction
from driveql.connection import connection_string as strings
from driveql.connection.parameters import find
from driveql.connection.secrets import SecretReference
from driveql.errors import DriveqlError, ParameterError

HIDDEN = "***"
_STRING = "connection_string"


def arguments_of(url: URL) -> dict[str, Any]:
    """Return the arguments of `driveql.connect` that a URL stands for.

    Raises:
        ParameterError: it names an unknown parameter, one twice, or a secret that was taken out of `engine.url`.
    """
    if url.database or url.port is not None:
        raise ParameterError(
            "A driveql URL has neither port nor path: driveql://NAME or driveql://?Parameter=value.",
            parameter="Connection",
            hint="The owner of the drive is the parameter GroupOrUserId.",
        )
    found: dict[str, Any] = {}
    written = [("client_id", url.username), ("client_secret", url.password)]
    written += [(_keyword(key), _single(key, value)) for key, value in url.query.items()]
    if url.host:
        found["name"] = unquote(url.host)
    for key, value in written:
        if value is None:
            continue
        if key in found:
            raise ParameterError(f"{key} is given twice in the URL.", parameter=key)
        if HIDDEN in value:
            raise ParameterError(
                f"{key} is hidden in this URL: it was taken out of engine.url.",
                parameter=key,
                hint="Create the engine from the URL that you wrote, or pass secrets by connect_args.",
            )
        found[key] = value
    return found


def shown(url: URL) -> URL:
    """Return a URL without the secrets in its query; the password is SQLAlchemy's to hide."""
    return url.set(
        query={key: _shown(_keyword(key), _single(key, value)) for key, value in url.query.items()}
    )


def _keyword(key: str) -> str:
    plain = key.lower().replace("_", "")
    return _STRING if plain == "connectionstring" else "name" if plain == "name" else find(key).keyword


def _single(key: str, value: str | tuple[str, ...]) -> str:
    if not isinstance(value, str):
        raise ParameterError(f"{key} is given twice in the URL.", parameter=key)
    return value


def _shown(keyword: str, value: str) -> str:
    if keyword == "name":
        return value
    if keyword == _STRING:
        return _shown_string(value)
    parameter = find(keyword)
    if parameter.secret:
        return HIDDEN if SecretReference.parse(value).is_plain else value
    if keyword == "extra_headers":
        return HIDDEN
    if keyword == "proxy" and "@" in value:
        return f"{HIDDEN}@{redaction.url(value).partition('://')[2]}"
    return value


def _shown_string(text: str) -> str:
    try:
        return strings.write(
            {name: _shown(find(name).keyword, value) for name, value in strings.parse(text).items()}
        )
    except DriveqlError:
        return HIDDEN
