"""Graph's error answers as leaves of our tree: the innermost known code decides, then the status.

Source: https://learn.microsoft.com/graph/errors and, for the nesting, facts.md section 2.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import orjson

from driveql import errors
from driveql.errors import ApiError, AuthenticationError, DriveqlError

# Code, in lower case -> leaf. A code that is not here leaves the decision to the code around it, then to the status.
_BY_CODE: dict[str, type[ApiError]] = {
    "itemnotfound": errors.NotFoundError,
    "resourcenotfound": errors.NotFoundError,
    "request_resourcenotfound": errors.NotFoundError,
    "namealreadyexists": errors.AlreadyExistsError,
    "upload_name_conflict": errors.AlreadyExistsError,
    "resourcelocked": errors.LockedError,
    "resourcemodified": errors.ItemChangedError,
    "quotalimitreached": errors.QuotaExceededError,
    "insufficientstorage": errors.QuotaExceededError,
    "activitylimitreached": errors.ThrottledError,
    "toomanyrequests": errors.ThrottledError,
    "resyncrequired": errors.ResyncRequiredError,
    "resyncchangesapplydifferences": errors.ResyncRequiredError,
    "resyncchangesuploaddifferences": errors.ResyncRequiredError,
    "malwaredetected": errors.InfectedFileError,
    "servicenotavailable": errors.UnavailableError,
    "authorization_requestdenied": errors.PermissionDeniedError,
    "pathistoolong": errors.BadRequestError,
}

_BY_STATUS: dict[int, type[ApiError]] = {
    400: errors.BadRequestError,
    403: errors.PermissionDeniedError,
    404: errors.NotFoundError,
    409: errors.ConflictError,
    410: errors.ResyncRequiredError,
    412: errors.ItemChangedError,
    423: errors.LockedError,
    429: errors.ThrottledError,
    501: errors.NotSupportedByServerError,
    507: errors.QuotaExceededError,
}

_HINTS: dict[type[ApiError], str] = {
    errors.PermissionDeniedError: "Run `driveql doctor` to see which application permission is missing.",
    errors.NotFoundError: "Check the name and the drive; an item just written can take a while to appear.",
    errors.AlreadyExistsError: "Choose another name, or ask to replace it.",
    errors.ItemChangedError: "Somebody changed it meanwhile: read it again and repeat.",
    errors.LockedError: "Somebody has it open or checked out; try again when it is released.",
    errors.QuotaExceededError: "The drive is full: free space or raise its quota. Trying again does not help.",
    errors.ThrottledError: "The service asks for fewer requests: try later or lower MaxConcurrency.",
    errors.ResyncRequiredError: "The delta token is too old: start the feed anew.",
    errors.InfectedFileError: "The service found malware in this file and does not hand it out.",
    errors.UnavailableError: "The service is unavailable; try again later.",
}

_TRANSIENT = (errors.LockedError, errors.ThrottledError, errors.UnavailableError)


def error_from(status: int, headers: Mapping[str, str], body: bytes, doing: str) -> DriveqlError:
    """Return the exception for an error answer.

    Parameters:
        headers: the answer's headers, looked up without regard to case by the mapping itself.
        doing: what was asked, for the message: `GET /drives/b!1/root`.
    """
    content = _content(body)
    codes = list(_codes(content))
    message = _message(content) or f"the server answered {status}"
    request_id = headers.get("request-id") or _inner_text(content, "request-id")
    code = codes[0] if codes else None
    if status == 401:
        return AuthenticationError(
            f"{doing}: Graph refused the access token: {message}",
            code=code,
            request_id=request_id,
            hint="Run `driveql connect test` to see which step of signing in fails.",
        )
    leaf = _leaf(status, headers, codes)
    error = leaf(
        f"{doing}: {message}",
        status=status,
        code=_deciding(codes) or code,
        hint=_HINTS.get(leaf),
        request_id=request_id,
        retryable=leaf in _TRANSIENT,
    )
    if isinstance(error, errors.ResyncRequiredError):
        error.location = headers.get("Location")
    return error


def _leaf(status: int, headers: Mapping[str, str], codes: list[str]) -> type[ApiError]:
    if headers.get("X-Virus-Infected"):
        return errors.InfectedFileError
    if status in {423, 429, 507}:
        return _BY_STATUS[status]
    deciding = _deciding(codes)
    if deciding:
        return _BY_CODE[deciding.casefold()]
    if status >= 500:
        return _BY_STATUS.get(status, errors.UnavailableError)
    return _BY_STATUS.get(status, errors.BadRequestError)


def _deciding(codes: list[str]) -> str | None:
    return next((code for code in reversed(codes) if code.casefold() in _BY_CODE), None)


def _content(body: bytes) -> dict[str, Any]:
    try:
        parsed = orjson.loads(body)
    except orjson.JSONDecodeError:
        return {}
    error = parsed.get("error") if isinstance(parsed, dict) else None
    return error if isinstance(error, dict) else {}


def _inner(content: Mapping[str, Any]) -> Mapping[str, Any] | None:
    for key in ("innerError", "innererror", "inner_error"):
        if isinstance(content.get(key), dict):
            found: Mapping[str, Any] = content[key]
            return found
    return None


def _codes(content: Mapping[str, Any]) -> Iterator[str]:
    level: Mapping[str, Any] | None = content
    for _ in range(10):
        if level is None:
            return
        if isinstance(level.get("code"), str):
            yield level["code"]
        level = _inner(level)


def _message(content: Mapping[str, Any]) -> str | None:
    message = content.get("message")
    if isinstance(message, dict):
        message = message.get("value")
    return message if isinstance(message, str) and message.strip() else None


def _inner_text(content: Mapping[str, Any], key: str) -> str | None:
    value = (_inner(content) or {}).get(key)
    return value if isinstance(value, str) else None
