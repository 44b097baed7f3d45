"""SharePoint sites and their document libraries."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from graph_emulator.store.drive import Drive
    from graph_emulator.store.lists import SiteList


@dataclass(slots=True, eq=False)
class Site:
    """A site. `path` is server-relative: "" for the root site, "sites/Finance" for another.

    `site_guid` names the site collection and `web_guid` the web; personal sites hold the drive of one user.
    """

    host: str
    path: str
    display_name: str
    site_guid: str
    web_guid: str
    created: float
    description: str = ""
    personal: bool = False
    drives: list[Drive] = field(default_factory=list)
    lists: list[SiteList] = field(default_factory=list)

    @property
    def id(self) -> str:
        """Return the composite id that Graph uses: host, site collection, web."""
        return f"{self.host},{self.site_guid},{self.web_guid}"

    @property
    def web_url(self) -> str:
        """Return the address a browser opens."""
        return f"https://{self.host}/{self.path}".rstrip("/")

    def is_below(self, other: Site) -> bool:
        """Return whether this is a subsite of `other`."""
        return (
            self is not other
            and self.site_guid == other.site_guid
            and self.path.casefold().startswith(f"{other.path}/".casefold())
        )
