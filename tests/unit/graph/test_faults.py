"""Error answers become the right leaf: innermost known code first, then the status; three shapes of 423; final 507."""

from __future__ import annotations

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from multidict import CIMultiDict

from driveql import errors
from driveql.errors import ApiError, DriveqlError
from driveql.graph.faults import error_from


def body(code: str, *inner: str, key: str = "innerError", message: str = "text of the server") -> bytes:
    content: dict[str, object] = {}
    for one in reversed(inner):
        content = {"code": one, **({key: content} if content else {})}
    return orjson.dumps({"error": {"code": code, "message": message, key: {**content, "request-id": "r-1"}}})


@pytest.mark.parametrize(
    ("status", "content", "leaf"),
    [
        (404, body("itemNotFound"), errors.NotFoundError),
        (404, body("Request_ResourceNotFound"), errors.NotFoundError),
        (409, body("nameAlreadyExists"), errors.AlreadyExistsError),
        (409, body("conflict"), errors.ConflictError),
        (412, body("resourceModified"), errors.ItemChangedError),
        (423, body("resourceLocked"), errors.LockedError),
        (423, body("notAllowed", "resourceLocked"), errors.LockedError),
        (423, body("accessDenied", message="Lock token does not match"), errors.LockedError),
        (403, body("notAllowed", "resourceLocked", key="innererror"), errors.LockedError),
        (403, body("accessDenied"), errors.PermissionDeniedError),
        (403, body("Authorization_RequestDenied"), errors.PermissionDeniedError),
        (429, body("activityLimitReached"), errors.ThrottledError),
        (429, b"<html>slow down</html>", errors.ThrottledError),
        (503, body("serviceNotAvailable"), errors.UnavailableError),
        (502, b"", errors.UnavailableError),
        (507, body("insufficientStorage"), errors.QuotaExceededError),
        (507, body("quotaLimitReached"), errors.QuotaExceededError),
        (410, body("resyncRequired"), errors.ResyncRequiredError),
        (501, body("notImplemented"), errors.NotSupportedByServerError),
        (400, body("invalidRequest", "pathIsTooLong"), errors.BadRequestError),
        (400, b'{"error": "not an object"}', errors.BadRequestError),
        (400, b'[1, 2]', errors.BadRequestError),
    ],
)  # fmt: skip
def test_answers_become_leaves(status: int, content: bytes, leaf: type[ApiError]) -> None:
    error = error_from(status, CIMultiDict({"request-id": "abc"}), content, "GET /drives/1")
    assert type(error) is leaf
    assert isinstance(error, ApiError)
    assert error.status == status
    assert error.request_id == "abc"
    assert "GET /drives/1" in str(error)


def test_an_infected_file_is_told_from_a_missing_permission() -> None:
    error = error_from(403, CIMultiDict({"x-virus-infected": "EICAR"}), body("accessDenied"), "GET content")
    assert type(error) is errors.InfectedFileError


def test_a_refused_token_is_an_authentication_error_with_the_servers_words() -> None:
    error = error_from(
        401, CIMultiDict(), body("InvalidAuthenticationToken", message="Lifetime validation failed"), "GET /x"
    )
    assert type(error) is errors.AuthenticationError
    assert "Lifetime validation failed" in str(error)
    assert error.request_id == "r-1"


@given(st.integers(400, 599), st.binary(max_size=200) | st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(
        st.sampled_from(["error", "code", "message", "innerError", "innererror", "value", "request-id"]), inner, max_size=4),
    max_leaves=12).map(orjson.dumps))  # fmt: skip
def test_no_body_however_mangled_breaks_the_mapping(status: int, content: bytes) -> None:
    error = error_from(status, CIMultiDict(), content, "GET /x")
    assert isinstance(error, DriveqlError)
    assert str(error)
