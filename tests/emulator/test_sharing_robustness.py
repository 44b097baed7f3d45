"""Whatever is asked of sharing, lists, shares, thumbnails and subscriptions, the emulator answers as a service does."""

from __future__ import annotations

import base64
from typing import Any
from urllib.parse import quote

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from tests.emulator.conftest import Asker

from graph_emulator import Emulator
from graph_emulator.addresses import parse
from graph_emulator.router import ROUTES
from graph_emulator.store.lists import Column

EMULATOR = Emulator("none")
ALICE = EMULATOR.tenant.add_user("alice")
assert ALICE.drive is not None
drive = ALICE.drive
FILE = drive.put_file("/a/b.docx", b"text").id
SITE = EMULATOR.tenant.add_site("sites/S")
LIST = EMULATOR.tenant.add_list(SITE, "L", [Column("C", indexed=True), Column("N", "number")])
ENTRY = LIST.add({"C": "x", "N": 1}, 0.0)
SITE.drives[0].put_file("/c.txt", b"")
ASK = Asker(EMULATOR)
LINK = ASK("POST", f"/drives/{drive.id}/items/{FILE}/createLink", json={"scope": "users"}).json
(GRANT,) = drive.sharing.grants[FILE]
WEB = base64.urlsafe_b64encode(f"{drive.web_url}/a".encode()).decode().rstrip("=")

ITEM = f"/drives/{drive.id}/items/{FILE}"
_PLACES = f"""
    {ITEM} {ITEM}/permissions {ITEM}/permissions/{LINK["id"]} {ITEM}/permissions/{LINK["id"]}/revokeGrants
    {ITEM}/createLink {ITEM}/invite {ITEM}/thumbnails {ITEM}/thumbnails/0 {ITEM}/thumbnails/0/small
    {ITEM}/thumbnails/0/c1x2_crop/content {ITEM}/preview {ITEM}/follow {ITEM}/unfollow {ITEM}/listItem
    {ITEM}/listItem/fields {ITEM}/content /drives/{drive.id}/root/permissions /drives/{drive.id}/root/createLink
    /drives/{drive.id}/sharedWithMe /drives/{drive.id}/following /drives/{drive.id}/following/{FILE}
    /drives/{drive.id}/list /drives/{drive.id}/list/items /drives/{drive.id}/list/columns
    /sites/{SITE.id}/lists /sites/{SITE.id}/lists/L /sites/{SITE.id}/lists/L/items /sites/{SITE.id}/lists/L/columns
    /sites/{SITE.id}/lists/L/items/1 /sites/{SITE.id}/lists/L/items/1/fields /sites/{SITE.id}/lists/L/drive
    /sites/{SITE.id}/lists/Documents/items/1/driveItem /shares/{LINK["shareId"]} /shares/u!{WEB}
    /shares/u!{WEB}/driveItem /shares/u!{WEB}/root/children /shares/{LINK["shareId"]}/permission/grant
    /shares/{LINK["shareId"]}/permission /shares/{LINK["shareId"]}/site /subscriptions /subscriptions/x
    """.split()
KNOWN = [(method, place) for place in _PLACES for method, route in ROUTES if route == parse(place).template]
STARTS = ["", "/:x:/g/E", "/:f:/r/sites", "/sites/S/_layouts/15/Doc.aspx?sourcedoc=", "?id=/", "#", "//"]


def token(start: str, text: str) -> str:
    return base64.urlsafe_b64encode(f"https://contoso.sharepoint.com{start}{text}".encode()).decode()


ASKED = (
    st.sampled_from(KNOWN)
    | st.tuples(st.sampled_from(["POST", "PATCH", "DELETE"]), st.sampled_from(_PLACES))
    | st.tuples(st.sampled_from(STARTS), st.text(max_size=12)).map(
        lambda parts: ("GET", f"/shares/u!{token(*parts)}/driveItem")
    )
)
TAILS = st.sampled_from([*[""] * 20, "/x", "/$count", "/driveItem", ":/a:", "('x')", "/fields", "/ "])
NAMES = [
    "$select",
    "$expand",
    "$filter",
    "$orderby",
    "$top",
    "$skiptoken",
    "$search",
    "$count",
    "format",
    "x",
]
VALUES = """
name
id,fields
fields
fields(select=C)
fields($select=C;$top=1)
columns,items(expand=fields)
children($expand=permissions,listItem($expand=fields))
thumbnails(select=small,c2x3),permissions
thumbnails(select=huge)
driveItem
fields/C eq 'x'
fields/N gt 0
fields/None eq 1
startswith(fields/C,'x')
fields/C desc
fields
((
)
displayName eq 'L'
0
1
MQ
e30
pdf
""".strip().splitlines()
OPTIONS = st.tuples(st.sampled_from(NAMES), st.sampled_from(VALUES) | st.text(max_size=6)).map(
    lambda pair: f"{pair[0]}={quote(pair[1], safe='')}"
)
_KEYS = """
type scope password expirationDateTime recipients roles email objectId grantees requireSignIn message fields C N Title
FileLeafRef displayName columns name text list template changeType notificationUrl resource zoom
"""
KEYS = _KEYS.split()
WORDS = [
    "view",
    "edit",
    "users",
    "read",
    "write",
    "alice@contoso.com",
    "updated",
    "2030-01-01T00:00:00Z",
    "L2",
    FILE,
]
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.text(max_size=5) | st.sampled_from(WORDS),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=5),
    max_leaves=10,
)


@settings(max_examples=500, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    ASKED,
    TAILS,
    st.lists(OPTIONS, max_size=2),
    JSON,
    st.booleans(),
)
def test_no_request_makes_the_emulator_fail(
    asked: tuple[str, str], tail: str, options: list[str], body: Any, honored: bool
) -> None:
    method, place = asked
    assume((method, place) != ("DELETE", ITEM))
    drive.sharing.grants[FILE] = [GRANT]
    GRANT.expires, LIST.entries[1] = None, ENTRY
    headers = {"Prefer": "HonorNonIndexedQueriesWarningMayFailRandomly"} if honored else {}
    target = f"{place}{tail}" + (f"?{'&'.join(options)}" if options else "")
    answer = ASK(method, target, json=None if method == "GET" else body, headers=headers)
    known = (200, 201, 204, 207, 302, 400, 403, 404, 406, 409, 412, 501)
    assert answer.status in known, (method, target, answer.body)
    if answer.status >= 400:
        assert answer.json["error"]["code"]
