"""Sharing and subscriptions: nobody is forgotten, nothing too long is asked for, only the right client state is believed."""

from __future__ import annotations

import contextlib
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import unquote

import orjson
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

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
from driveql.graph.notifications import Notification, Subscription
from driveql.graph.sharing_models import Permission

NOW = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
people = st.lists(
    st.from_regex(r"[a-z]{1,8}@(contoso\.com|x\.example)", fullmatch=True),
    min_size=1,
    max_size=8,
    unique=True,
)


@given(people, st.data())
def test_each_recipient_gets_the_outcome_that_names_them(named: list[str], data: st.DataObject) -> None:
    fates = {name: data.draw(st.sampled_from(["granted", "failed", "silent"])) for name in named}
    answered: list[dict[str, Any]] = []
    for name, fate in fates.items():
        if fate == "silent":
            continue
        raw: dict[str, Any] = {"roles": ["read"], "grantedToV2": {"user": {"email": name.upper()}}}
        answered.append(raw | ({"error": {"code": "x"}} if fate == "failed" else {"id": f"id of {name}"}))
    answered = data.draw(st.permutations(answered))
    result = sharing_models.outcomes(named, answered, "invite")
    assert [outcome.recipient for outcome in result] == named
    assert {outcome.recipient: outcome.succeeded for outcome in result} == {
        name: fate == "granted" for name, fate in fates.items()
    }
    assert result.complete == all(fate == "granted" for fate in fates.values())
    for outcome in result:
        if outcome.permission is not None:
            assert outcome.permission.id == f"id of {outcome.recipient}"


@given(people, st.lists(st.booleans(), max_size=8))
def test_never_more_succeed_than_the_answer_has_successes(named: list[str], fates: list[bool]) -> None:
    nameless = {"roles": ["read"], "grantedTo": {"user": {"displayName": "?"}}}
    answered = [nameless if fate else nameless | {"error": {"code": "notAllowed"}} for fate in fates]
    result = sharing_models.outcomes(named, answered, "invite")
    assert len(result) == len(named)
    assert sum(outcome.succeeded for outcome in result) <= sum(fates)


@given(st.timedeltas(timedelta(days=-60), timedelta(days=90)))
def test_a_lifetime_is_granted_up_to_the_limit_and_refused_beyond(lifetime: timedelta) -> None:
    if timedelta() < lifetime <= timedelta(minutes=42_300):
        until = datetime.fromisoformat(notifications.expiration(lifetime, NOW))
        assert until - NOW == lifetime
    else:
        with pytest.raises(errors.ConfigurationError):
            notifications.expiration(lifetime, NOW)


def test_the_limit_itself() -> None:
    assert notifications.expiration(timedelta(minutes=42_300), NOW)
    with pytest.raises(errors.ConfigurationError, match="42300 minutes"):
        notifications.expiration(timedelta(minutes=42_300, microseconds=1), NOW)
    default = datetime.fromisoformat(notifications.expiration(None, NOW)) - NOW
    assert timedelta(minutes=42_300) - timedelta(minutes=10) < default < timedelta(minutes=42_300)


@given(
    st.text(min_size=1, max_size=40), st.lists(st.none() | st.text(max_size=40) | st.integers(), max_size=6)
)
def test_only_notifications_with_the_client_state_are_believed(state: str, given_states: list[Any]) -> None:
    entries = [{"subscriptionId": str(n), "clientState": value} for n, value in enumerate(given_states)]
    try:
        body = orjson.dumps({"value": entries})
    except TypeError:
        return  # half a surrogate pair cannot be sent
    believed, refused = notifications.received(body, state)
    assert [known.subscription_id for known in believed] == [
        str(n) for n, value in enumerate(given_states) if value == state
    ]
    assert len(believed) + refused == len(given_states)


_NAMES = st.sampled_from(
    [
        "id", "roles", "link", "invitation", "grantedTo", "grantedToV2", "grantedToIdentities", "inheritedFrom", "user",
        "siteUser", "email", "loginName", "type", "scope", "webUrl", "expirationDateTime", "size", "lastModifiedBy",
        "lastModifiedDateTime", "publication", "fields", "eTag", "displayName", "getUrl", "deletedDateTime", "clientState",
        "subscriptionId", "width", "0",
    ]
)  # fmt: skip
_ANSWERS = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=4)
    | st.sampled_from(["0001-01-01T00:00:00Z", "2026-01-01", "2026-01-01T00:00:00.1234567Z"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_NAMES, inner, max_size=5),
    max_leaves=16,
)  # fmt: skip


@given(st.dictionaries(_NAMES, _ANSWERS, max_size=8))
@example({"expirationDateTime": "0001-01-01T00:00:00Z", "roles": ["read"]})
def test_an_answer_of_any_shape_is_read_or_refused_as_a_broken_contract(raw: dict[str, Any]) -> None:
    for read in (
        Permission.from_json,
        Version.from_json,
        Preview.from_json,
        RecycledItem.from_json,
        ListItem.from_json,
        Subscription.from_json,
        Notification.from_json,
        thumbnails,
    ):
        with contextlib.suppress(errors.ProtocolError):
            repr(read(raw))
    with contextlib.suppress(errors.ProtocolError):
        sharing_models.outcomes(["a@contoso.com", "b"], [raw, raw], "invite")


@given(st.text(min_size=1, max_size=30).filter(lambda text: text not in {".", ".."}))
def test_an_id_is_encoded_once_and_stays_one_segment(identifier: str) -> None:
    try:
        identifier.encode()
    except UnicodeEncodeError:
        return
    base = addresses.item("b!1", "01ABC")
    path = item_parts.permission(base, identifier).path
    prefix = f"{base.path}/permissions/"
    assert path.startswith(prefix)
    assert "/" not in path.removeprefix(prefix)
    assert not set("?# ") & set(path.removeprefix(prefix))
    assert unquote(path.removeprefix(prefix)) == identifier


@given(
    st.dictionaries(
        st.from_regex(r"[A-Za-z_][A-Za-z0-9_]{0,20}", fullmatch=True),
        st.none() | st.text(max_size=10) | st.booleans() | st.integers() | st.floats() | st.dates()
        | st.datetimes() | st.lists(st.text(max_size=4), max_size=3),
        max_size=5,
    )
)  # fmt: skip
def test_column_values_become_json_or_are_refused(values: dict[str, Any]) -> None:
    try:
        body = column_values.encode(values)
    except errors.ConfigurationError:
        return
    assert {name for name in body if "@" not in name} == set(values)
    for name, value in values.items():
        if isinstance(value, str | bool) or value is None:
            assert body[name] == value


@given(st.lists(st.text(max_size=12), max_size=5))
def test_recipients_are_all_sent_or_refused_together(named: list[str]) -> None:
    try:
        sent = sharing_requests.recipients(named)
    except errors.ConfigurationError:
        return
    assert [next(iter(recipient.values())) for recipient in sent] == named
    assert all(set(recipient) <= {"email", "objectId", "alias"} for recipient in sent)
