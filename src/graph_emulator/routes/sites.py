"""Sites: search, by id, by host and path, subsites; and their drives."""

from __future__ import annotations

from graph_emulator.call import Call
from graph_emulator.errors import GraphError, not_implemented
from graph_emulator.messages import Response, json_response
from graph_emulator.representation import site_json
from graph_emulator.routes.directory_listing import checked, selected
from graph_emulator.store import Site


async def search_sites(call: Call) -> Response:
    """Answer GET /sites?search=: "*" or words found in names, paths or descriptions; personal sites are left out."""
    call.options.only("search", "select", "top", "skiptoken", "filter")
    wanted = call.options.search
    sites = [site for site in call.tenant.sites.values() if not site.personal]
    if call.options.filter is not None:
        if " ".join(call.options.filter.split()) != "siteCollection/root ne null":
            raise not_implemented("this $filter on /sites")
        sites = [site for site in sites if site.path == ""]
    elif wanted is None:
        raise not_implemented("GET /sites without search= or $filter=siteCollection/root ne null")
    elif wanted.strip() not in ("", "*"):
        words = wanted.casefold().replace("*", "").split()
        sites = [site for site in sites if all(word in _text(site) for word in words)]
    return _page(call, sites)


async def get_all_sites(call: Call) -> Response:
    """Answer GET /sites/getAllSites: every site, personal ones too."""
    call.options.only("select", "top", "skiptoken")
    return _page(call, list(call.tenant.sites.values()))


async def get_site(call: Call) -> Response:
    """Answer GET /sites/{id}."""
    site = call.site(call.address.ids["site"])
    shown = selected(call, site_json(site), None, "site")
    return json_response(200, {"@odata.context": f"{call.context}sites/$entity", **shown})


async def list_subsites(call: Call) -> Response:
    """Answer GET /sites/{id}/sites."""
    call.options.only("select", "top", "skiptoken")
    above = call.site(call.address.ids["site"])
    return _page(call, [site for site in call.tenant.sites.values() if site.is_below(above)])


def _page(call: Call, sites: list[Site]) -> Response:
    ordered = sorted(sites, key=lambda site: site.id)
    behaviour = call.world.behaviour
    size = call.options.top(behaviour.page_default, behaviour.directory_max)
    token = call.options.skip_token
    if token is not None and not isinstance(token, int):
        raise GraphError(400, "invalidRequest", "The $skiptoken is not one that the service gave out.")
    start = token or 0
    select = checked(call.options.select, "site")
    values = [
        {name: value for name, value in site_json(site).items() if select is None or name in select}
        for site in ordered[start : start + size]
    ]
    more = start + size < len(ordered)
    return call.page("sites", values, position=start + size if more else None)


def _text(site: Site) -> str:
    return f"{site.display_name} {site.path} {site.description}".casefold()
