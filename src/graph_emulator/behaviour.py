"""Where the real service is described in two ways, or differs from tenant to tenant, the emulator plays either."""

from __future__ import annotations

from dataclasses import dataclass

from graph_contract import load

_PAGING = load("limits")["paging"]


@dataclass(slots=True)
class Behaviour:
    """How the tenant behaves. Lives are in seconds.

    `session_conflict`: what createUploadSession does to a taken name when not told; documented as "fail", in practice
    "replace". `closed_ranges`: nextExpectedRanges ends with the last byte, as OneDrive for work writes it, or is
    open, as documented.
    `default_link_scope`: of a link that states none; `anonymous_links`: whether the tenant allows them.
    `partial_invite_status`: of an invitation that some recipients could not be given.
    `shared_with_me`: "empty", as the retired call answers, or "refused". `search_refused`: search() of a drive is
    closed to applications.
    """

    session_conflict: str = "replace"
    closed_ranges: bool = True
    download_life: int = 3600
    session_life: int = 24 * 3600
    delta_life: int = 30 * 24 * 3600
    page_default: int = _PAGING["items_default"]
    page_max: int = _PAGING["items_max"]
    directory_default: int = _PAGING["directory_default"]
    directory_max: int = _PAGING["directory_max"]
    default_link_scope: str = "organization"
    anonymous_links: bool = True
    partial_invite_status: int = 207
    shared_with_me: str = "empty"
    search_refused: bool = False
