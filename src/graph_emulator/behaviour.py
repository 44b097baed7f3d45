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
    Subscriptions: a receiver has `validation_seconds` to answer; a notification that was not taken is sent again
    after `notification_wait` seconds, then twice that and so on, for `notification_life`; `subscriptions_max` an
    application may have.

    Delta: `delta_resync` says what a token that is too old is answered ("resyncRequired",
    "resyncChangesApplyDifferences", "resyncChangesUploadDifferences"); changes appear `delta_lag` seconds late; with
    `delta_repeats` items also occur in a state they had before; deleted items have a name or a cTag when told.
    Copy: done at the monitor's poll number `copy_polls`, at the latest after `copy_seconds`, and then reported with
    `copy_done_status` (200, 202 or 303). Versions: whether setting file times makes one, and whether the present
    one's content can be read by its number. `batch_order`: "reversed", "shuffled" or "kept".
    """

    session_conflict: str = "replace"
    closed_ranges: bool = True
    download_life: int = 3600
    session_life: int = 24 * 3600
    delta_life: int = 30 * 24 * 3600
    delta_resync: str = "resyncChangesApplyDifferences"
    delta_lag: float = 0.0
    delta_repeats: bool = False
    delta_deleted_names: bool = False
    delta_deleted_ctags: bool = False
    copy_polls: int = 2
    copy_seconds: float = 30.0
    copy_done_status: int = 200
    patched_times_make_version: bool = True
    current_version_content: bool = False
    batch_order: str = "reversed"
    page_default: int = _PAGING["items_default"]
    page_max: int = _PAGING["items_max"]
    directory_default: int = _PAGING["directory_default"]
    directory_max: int = _PAGING["directory_max"]
    default_link_scope: str = "organization"
    anonymous_links: bool = True
    partial_invite_status: int = 207
    shared_with_me: str = "empty"
    search_refused: bool = False
    validation_seconds: float = 10.0
    notification_wait: float = 5.0
    notification_life: float = 4 * 3600.0
    subscriptions_max: int = 500
