"""What Graph answers about sharing, versions, pictures and subscriptions, read from the samples of its documentation."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from driveql import errors
from driveql.graph import (
    addresses,
    column_values,
    item_parts,
    notifications,
    sharing_models,
    sharing_requests,
)
from driveql.graph.item_records import ListItem, Preview, RecycledItem, Version, thumbnails
from driveql.graph.notifications import Subscription
from driveql.graph.sharing_models import Permission


def bodies(shared: Path, pattern: str) -> Iterator[Any]:
    files = sorted((shared / "graph" / "examples").glob(pattern))
    assert files, pattern
    for file in files:
        for response in json.loads(file.read_text())["responses"]:
            if response.get("json") is not None:
                yield response["json"]


def rows(body: Any) -> list[Any]:
    return body["value"] if isinstance(body.get("value"), list) else [body]


@pytest.mark.parametrize(
    ("pattern", "kinds"),
    [
        ("driveitem-createlink__*", {"link"}),
        ("driveitem-list-permissions__*", {"link", "grant"}),
        ("permission-get__*", {"grant"}),
        ("permission-update__*", {"grant"}),
        ("permission-grant__*", {"link", "grant"}),
        ("driveitem-invite__*", {"grant"}),
    ],
)
def test_documented_permissions_are_read(shared_dir: Path, pattern: str, kinds: set[str]) -> None:
    found = [Permission.from_json(raw) for body in bodies(shared_dir, pattern) for raw in rows(body)]
    assert {known.kind for known in found} == kinds
    for known in found:
        assert known.roles
        if known.kind == "link":
            assert known.link_url
            assert known.link_url not in repr(known)
        else:
            assert known.granted_to


def test_the_permission_resource_in_all_its_shapes(shared_dir: Path) -> None:
    shapes = [
        json.loads(file.read_text())["json"]
        for file in sorted((shared_dir / "graph" / "resource_shapes").glob("permission*.json"))
    ]
    real = [
        Permission.from_json(raw)
        for raw in shapes
        if "roles" in raw and "identifier" not in raw.get("id", "")
    ]
    assert len(real) >= 10
    assert {known.kind for known in real} == {"link", "grant", "invitation"}
    assert all(known.expires is None for known in real), "the year 1 stands for no end"
    assert {known.link_scope for known in real} >= {"anonymous", "organization", "existingAccess"}


def test_documented_versions_pictures_and_previews_are_read(shared_dir: Path) -> None:
    listed = next(rows(body) for body in bodies(shared_dir, "driveitem-list-versions__*"))
    assert [(known.id, known.size, known.modified_by) for known in map(Version.from_json, listed)] == [
        ("3.0", 123, "Ryan Gregg"),
        ("2.0", 62, "Ryan Gregg"),
        ("1.0", 16, "Ryan Gregg"),
    ]
    for body in bodies(shared_dir, "driveitem-list-thumbnails__get-thumbnail-custom-size*"):
        [picture] = thumbnails(body["value"][0])
        assert (picture.size.casefold(), picture.width, picture.height) == ("c300x400_crop", 400, 300)
        assert picture.url
        assert picture.url not in repr(picture)
    for body in bodies(shared_dir, "driveitem-preview__*"):
        preview = Preview.from_json(body)
        assert preview.get_url
        assert "onedrive.com" not in repr(preview)
    for body in bodies(shared_dir, "mock2025__get__sites-recyclebin-items.json"):
        entry = RecycledItem.from_json(body["value"][0])
        assert (entry.name, entry.size, entry.deleted_from) == (
            "file1.txt",
            469,
            "Shared Documents/folder1",
        )


def test_documented_subscriptions_and_notifications_are_read(shared_dir: Path) -> None:
    found = [
        Subscription.from_json(raw)
        for pattern in ("subscription-post*", "subscription-update*", "subscription-list*")
        for body in bodies(shared_dir, pattern)
        for raw in rows(body)
    ]
    assert len(found) >= 4
    for known in found:
        assert known.expires is not None
        assert known.client_state is None or known.client_state not in repr(known)
    for body in bodies(shared_dir, "using-webhooks__example-notification.json"):
        believed, refused = notifications.received(json.dumps(body).encode(), "client-specific string")
        assert (len(believed), refused) == (1, 0)
        assert believed[0].resource == "/me/drive/root"
        assert believed[0].expires == datetime(2017, 2, 22, 16, tzinfo=UTC)
        assert "client-specific" not in repr(believed) + str(believed[0].raw)
    for body in bodies(shared_dir, "webhooks-lifecycle__*-notification-example.json"):
        believed, refused = notifications.received(json.dumps(body).encode(), "somebody else's")
        assert (len(believed), refused) == (0, 1)


def test_an_answer_of_display_names_goes_to_the_recipients_in_order() -> None:
    answered = [
        {"grantedTo": {"user": {"displayName": "Helga", "id": "1"}}, "id": "p1", "roles": ["write"]},
        {
            "grantedTo": {"user": {"displayName": "Robin", "id": "2"}},
            "roles": ["write"],
            "error": {
                "code": "notAllowed",
                "message": "Account verification needed to unblock sending emails.",
                "innererror": {"code": "accountVerificationRequired"},
            },
        },
    ]
    result = sharing_models.outcomes(["helga@contoso.com", "robin@contoso.com"], answered, "invite")
    assert [outcome.succeeded for outcome in result] == [True, False]
    assert "verification" in str(result[1].error)
    assert isinstance(result[1].error, errors.PermissionDeniedError)


def test_a_recipient_whom_the_answer_leaves_out_has_not_been_invited() -> None:
    answered = [{"id": "1", "roles": ["read"], "invitation": {"email": "B@contoso.com"}}]
    result = sharing_models.outcomes(["a@contoso.com", "b@contoso.com"], answered, "invite")
    assert [outcome.succeeded for outcome in result] == [False, True]
    assert not result.complete
    with pytest.raises(errors.ProtocolError, match=r"a@contoso\.com"):
        result.require_all()


def test_access_that_existed_is_nobodys_invitation() -> None:
    existing = {"id": "0", "roles": ["read"], "link": {"scope": "existingAccess", "webUrl": "https://x"}}
    result = sharing_models.outcomes(["a@contoso.com"], [existing], "grant")
    assert not result.complete


@pytest.mark.parametrize("name", ["a@b.c|d", "i:0#.f|membership|Ada@contoso.com"])
def test_a_sign_in_name_names_its_person(name: str) -> None:
    raw = {"id": "1", "roles": ["read"], "grantedToV2": {"siteUser": {"loginName": name}}}
    assert Permission.from_json(raw).concerns("ada@contoso.com") == name.endswith("contoso.com")


@pytest.mark.parametrize(
    ("answered_password", "ends", "missing"),
    [(True, 0, None), (False, 0, "password"), (True, None, "end"), (True, 1, None), (True, 48, "end")],
)
def test_a_link_without_the_protection_asked_for_is_noticed(
    answered_password: bool, ends: int | None, missing: str | None
) -> None:
    asked = datetime(2030, 1, 1, tzinfo=UTC)
    body = sharing_requests.limits(asked, "secret", None, datetime(2029, 1, 1, tzinfo=UTC))
    given = None if ends is None else asked + timedelta(hours=ends)
    found = sharing_requests.missing_protection(body, answered_password, given)
    assert (missing in found) if missing and found else found is None and missing is None


def test_ids_with_structure_in_them_stay_one_segment() -> None:
    item = addresses.item_at("b!1", "/a b/c")
    odd = "aTowIy5mfG1lbWJlcnNoaXB8/x?y=="
    assert str(item_parts.permission(item, odd)) == (
        "/drives/b!1/root:/a%20b/c:/permissions/aTowIy5mfG1lbWJlcnNoaXB8%2Fx%3Fy%3D%3D"
    )
    for wrong in ("", ".", ".."):
        with pytest.raises(errors.InvalidPathError):
            item_parts.version(item, wrong)


def test_lists_of_values_say_their_type() -> None:
    body = column_values.encode({"Kinds": ["a", "b"], "PeopleLookupId": [1, 2], "None_": []})
    assert body["Kinds@odata.type"] == "Collection(Edm.String)"
    assert body["PeopleLookupId@odata.type"] == "Collection(Edm.Int32)"
    assert body["None_"] == []
    with pytest.raises(errors.ConfigurationError):
        column_values.encode({"Kinds": [True]})


def test_a_list_item_keeps_its_etag_and_no_annotations() -> None:
    raw = {"id": "7", "fields": {"@odata.etag": '"x,1"', "Title": "A", "Kind@odata.type": "Edm.String"}}
    item = ListItem.from_json(raw)
    assert item.fields == {"Title": "A"}
    assert item.etag == '"x,1"'


@pytest.mark.parametrize(
    ("url", "fine"),
    [
        ("https://hooks.contoso.com/x?y=1", True),
        ("http://127.0.0.1:8080/n", True),
        ("http://localhost/n", True),
        ("http://[::1]:1/n", True),
        ("http://hooks.contoso.com/x", False),
        ("http://127.0.0.1.contoso.com/x", False),
        ("https://user:pw@hooks.contoso.com/", False),
        ("ftp://127.0.0.1/", False),
        ("https:///x", False),
        ("http://[::1", False),
        ("notifications", False),
    ],
)
def test_only_what_the_service_can_call_is_subscribed(url: str, fine: bool) -> None:
    if fine:
        assert notifications.check_url(url) == url
    else:
        with pytest.raises(errors.ConfigurationError):
            notifications.check_url(url)


@pytest.mark.parametrize(
    "body", [b"", b"[]", b"{}", b'{"value": 1}', b'{"value": [1]}', b"\xff", b"not json"]
)
def test_what_is_no_collection_of_notifications_is_refused(body: bytes) -> None:
    with pytest.raises(errors.ProtocolError):
        notifications.received(body, "state")
