"""Whatever is asked, the emulator answers as a service does: it never fails itself, and never answers 200 by accident."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.emulator.conftest import Asker

from graph_emulator import Emulator

EMULATOR = Emulator("none")
ALICE = EMULATOR.tenant.add_user("alice")
assert ALICE.drive is not None
drive = ALICE.drive
DRIVE = drive.id
FILE = drive.put_file("/a/b.txt", b"text").id
ASK = Asker(EMULATOR)
GROUP = EMULATOR.tenant.add_group("g", [ALICE]).id

SEGMENTS = st.sampled_from(
    f"""
    drives {DRIVE} root items {FILE} children content users alice@contoso.com drive groups {GROUP} members $count sites
    contoso.sharepoint.com special root: root:/a: items/root:/a/b.txt: createUploadSession search(q='b') search(q=')
    delta delta(token='x') me ('x') : .. . %2F
    """.split()
) | st.text(max_size=5).map(lambda text: quote(text, safe=":/'()"))
PREFIXES = st.sampled_from(
    f"""
    /users /users/alice@contoso.com /groups/{GROUP}/members /groups /sites /sites/root /drives/{DRIVE}
    /drives/{DRIVE}/root /drives/{DRIVE}/root:/a /drives/{DRIVE}/root:/a: /drives/{DRIVE}/root:/a/b.txt:
    /drives/{DRIVE}/root:/new.txt: /drives/{DRIVE}/root/search(q='b') /drives/{DRIVE}/root/children
    /drives/{DRIVE}/root:/a/b.txt:/content /drives/{DRIVE}/root:/a/n:/createUploadSession
    """.split()
)
NAMES = """
$select $expand $filter $orderby $top $skiptoken $search $count $apply select x @microsoft.graph.conflictBehavior
"""
VALUES = """
name
id,name
children
children($select=id)
name eq 'x'
not(name eq 1)
startswith(name,'a')
((
groupTypes/any(x:x eq 'Unified')
groupTypes/any(x)
name desc
0
5
-1
true
e30
MQ
W10
"displayName:a"
"a" OR
rename
in (
a in ('x')
"""
OPTIONS = st.tuples(
    st.sampled_from(NAMES.split()), st.sampled_from(VALUES.strip().splitlines()) | st.text(max_size=6)
).map(lambda pair: f"{pair[0]}={quote(pair[1], safe='')}")
KEYS = """
name folder item parentReference id path driveId fileSystemInfo description createdDateTime deferCommit fileSize
@microsoft.graph.conflictBehavior
"""
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.text(max_size=5) | st.just(FILE),
    lambda inner: (
        st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(KEYS.split()), inner, max_size=3)
    ),
    max_leaves=6,
)


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.sampled_from(["GET", "GET", "POST", "PUT", "PATCH", "DELETE", "HEAD"]),
    PREFIXES,
    st.lists(SEGMENTS, max_size=3),
    st.lists(OPTIONS, max_size=3),
    JSON,
    st.booleans(),
)
def test_no_request_makes_the_emulator_fail(
    method: str, prefix: str, segments: list[str], options: list[str], body: Any, eventual: bool
) -> None:
    headers = {"ConsistencyLevel": "eventual"} if eventual else {}
    drive.put_file("/a/b.txt", b"text")
    target = "/".join((prefix, *segments)) + (f"?{'&'.join(options)}" if options else "")
    answer = ASK(method, target, json=body, headers=headers)
    assert answer.status in (200, 201, 202, 204, 302, 400, 403, 404, 409, 412, 413, 501), answer.body
    if answer.status >= 400:
        assert answer.json["error"]["code"]
    if "$apply" in target and method == "GET":
        assert answer.status >= 400
