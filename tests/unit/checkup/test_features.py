"""Which permission allows which feature, and what is said of a token's permissions."""

from __future__ import annotations

import base64
import json

import pytest

from driveql.auth.access_token import AccessToken
from driveql.drive.checkup import Result, missing_permissions, permission_finding
from driveql.drive.features import features
from driveql.errors import ConsentMissingError
from graph_contract import load


def token(**claims: object) -> AccessToken:
    payload = base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("=")
    return AccessToken(f"h.{payload}.s", 0, 0)


def allowed(*roles: str) -> set[str]:
    return {feature.name for feature in features(roles) if feature.allowed}


def test_the_least_permission_of_each_feature_allows_it() -> None:
    for name, feature in load("permissions")["features"].items():
        assert name in allowed(feature["least"])
        assert name not in allowed()


def test_higher_permissions_contain_lower_ones() -> None:
    assert allowed("Files.Read.All") < allowed("Files.ReadWrite.All")
    assert allowed("Sites.Read.All") < allowed("Sites.FullControl.All")
    assert allowed("Nonsense.All") == set()


def test_what_is_missing_is_grouped_by_what_to_ask_for() -> None:
    missing = missing_permissions(token(roles=["Files.Read.All"]))
    assert {"write files", "delete files"} <= set(missing["Files.ReadWrite.All"])
    assert "Files.Read.All" not in missing


@pytest.mark.parametrize(
    ("claims", "result", "said"),
    [
        ({"roles": ["Files.Read.All"]}, Result.OK, "read files"),
        ({"roles": ["User.Read.All"]}, Result.WARNING, "list users"),
        ({"roles": ["Mail.Read"]}, Result.WARNING, "nothing driveql can use"),
        ({"roles": ["Sites.Selected"]}, Result.OK, "only the sites that an administrator granted"),
        ({"scp": "Files.Read"}, Result.OK, "delegated: Files.Read"),
    ],
)
def test_a_token_s_permissions_in_words(claims: dict, result: Result, said: str) -> None:
    finding = permission_finding(token(**claims))
    assert finding.result is result
    assert said in finding.detail
    assert (finding.hint is not None) == (result is Result.WARNING)


def test_a_token_without_any_permission_is_an_error_that_says_where_to_grant() -> None:
    with pytest.raises(ConsentMissingError, match="no application permission") as caught:
        permission_finding(token(roles=[]))
    assert "grant admin consent" in (caught.value.hint or "")
