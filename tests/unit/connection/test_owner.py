"""GroupOrUserId: every way people write it, and what is refused."""

from __future__ import annotations

import pytest

from driveql.connection.owner import normalise
from driveql.connection.validation import ValueFaultError

GUID = "2f1c3f0a-9a7b-4a47-8c3f-0f6f0f6f0f6f"


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("", ""),
        ("  ", ""),
        ("me", ""),
        ("/me", ""),
        ("/users/alice@contoso.com", "/users/alice@contoso.com"),
        ("users/alice@contoso.com/", "/users/alice@contoso.com"),
        ("/Users/" + GUID, "/users/" + GUID),
        ("alice@contoso.com", "/users/alice@contoso.com"),
        ("o'neil@contoso.com", "/users/o'neil@contoso.com"),
        (
            "/users/bob_fabrikam.com#EXT#@contoso.onmicrosoft.com",
            "/users/bob_fabrikam.com#EXT#@contoso.onmicrosoft.com",
        ),
        ("/groups/finance@contoso.com", "/groups/finance@contoso.com"),
        ("/groups/" + GUID, "/groups/" + GUID),
        ("/sites/contoso.sharepoint.com:/sites/Finance", "/sites/contoso.sharepoint.com:/sites/Finance"),
        ("/sites/Contoso.SharePoint.com:/sites/Finance:/", "/sites/contoso.sharepoint.com:/sites/Finance"),
        ("/sites/contoso.sharepoint.com/sites/Finance", "/sites/contoso.sharepoint.com:/sites/Finance"),
        ("contoso.sharepoint.com:/sites/Finance", "/sites/contoso.sharepoint.com:/sites/Finance"),
        ("contoso.sharepoint.com/sites/Finance", "/sites/contoso.sharepoint.com:/sites/Finance"),
        (f"/sites/contoso.sharepoint.com,{GUID},{GUID}", f"/sites/contoso.sharepoint.com,{GUID},{GUID}"),
        ("/sites/root", "/sites/root"),
        ("https://contoso.sharepoint.com/sites/Finance", "/sites/contoso.sharepoint.com:/sites/Finance"),
        ("https://contoso.sharepoint.com/", "/sites/contoso.sharepoint.com"),
        (
            "https://contoso.sharepoint.com/sites/Team%20A/Shared%20Documents/Forms/AllItems.aspx?id=%2Fx",
            "/sites/contoso.sharepoint.com:/sites/Team A",
        ),
        (
            "https://contoso.sharepoint.com/:f:/r/sites/Finance/Docs",
            "/sites/contoso.sharepoint.com:/sites/Finance",
        ),
        (
            "https://contoso-my.sharepoint.com/personal/alice_contoso_com/Documents",
            "/sites/contoso-my.sharepoint.com:/personal/alice_contoso_com",
        ),
        ("https://contoso.sharepoint.com/Shared Documents/a", "/sites/contoso.sharepoint.com"),
    ],
)
def test_every_spelling_becomes_one(written: str, kept: str) -> None:
    assert normalise(written) == kept
    assert normalise(kept) == kept


@pytest.mark.parametrize(
    ("written", "fault"),
    [
        (GUID, "write /users/ or /groups/"),
        ("Alice Adams", "not a user, a group or a site"),
        ("/users/", "not a user, a group or a site"),
        ("/users/alice@contoso.com/drive", "one id or e-mail address"),
        ("/groups/a b", "one id or e-mail address"),
        ("/drives/b!x", "not a user, a group or a site"),
        ("/sites/finance:/sites/x", "needs its host name"),
        ("/sites/contoso.sharepoint.com:/sites/a?b", "no site can have"),
        ("https://graph.microsoft.com/v1.0/users", "not one of a SharePoint site"),
        ("https:///sites/x", "no host name"),
        ("alice@contoso.com\nX: y", "control character"),
    ],
)
def test_what_is_no_owner_is_refused_with_its_fault(written: str, fault: str) -> None:
    with pytest.raises(ValueFaultError, match=fault):
        normalise(written)
