"""The national clouds: each has its own sign-in host and its own Graph host, and they never mix.

https://learn.microsoft.com/graph/deployments
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Cloud:
    """One deployment of Entra ID and Graph.

    `login_url` and `graph_url` are origins without a trailing slash.
    """

    name: str
    login_url: str
    graph_url: str

    def token_url(self, tenant: str) -> str:
        """Return the v2.0 token URL of `tenant` (its id or a verified domain)."""
        return f"{self.login_url}/{tenant}/oauth2/v2.0/token"


GLOBAL = Cloud("global", "https://login.microsoftonline.com", "https://graph.microsoft.com")
CLOUDS = {
    cloud.name: cloud
    for cloud in (
        GLOBAL,
        Cloud("usgov", "https://login.microsoftonline.us", "https://graph.microsoft.us"),
        Cloud("usgov-dod", "https://login.microsoftonline.us", "https://dod-graph.microsoft.us"),
        Cloud("china", "https://login.chinacloudapi.cn", "https://microsoftgraph.chinacloudapi.cn"),
    )
}
# China's tenants are also served under the partner's name.
_LOGIN_HOSTS = {cloud.login_url: cloud for cloud in reversed(CLOUDS.values())} | {
    "https://login.partner.microsoftonline.cn": CLOUDS["china"],
    "https://login.windows.net": GLOBAL,
    "https://sts.windows.net": GLOBAL,
}


def cloud_of_login(origin: str) -> Cloud | None:
    """Return the cloud whose sign-in origin this is, or None (an emulator, a gateway).

    The two US government clouds share one sign-in host; for it this is `usgov`, and `Cloud` must name the
    other.
    """
    return _LOGIN_HOSTS.get(origin.lower())


def shares_login(cloud: Cloud, origin: str) -> bool:
    """Say whether tenants of `cloud` sign in at `origin`; True for an origin of no known cloud."""
    known = cloud_of_login(origin)
    return known is None or known.login_url == cloud.login_url
