"""Where the widget is served: its scripts, the page in its frame, and a host page to try it on."""

from collections.abc import Mapping
from ipaddress import ip_address

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse
from starlette.exceptions import HTTPException

from index import sites
from index.library import Library
from index.sites import Site
from ui import demo_page, widget_files
from ui.embed_page import embed_page, entries_for, episodes_json, wishes_of
from ui.pages import json_script
from ui.transcript_page import media_origins, recording_of

_AN_HOUR = "public, max-age=3600"
_FIVE_MINUTES = "public, max-age=300"
_FOR_GOOD = "public, max-age=31536000, immutable"
_OPENS_WINDOWS = {"cross-origin-opener-policy": "unsafe-none"}
"""For a page out of which a visitor takes the chat into a window of its own, which is handed the conversation."""


def widget_routes(library: Library) -> APIRouter:
    """`/widget.js` and what it loads, `/embed` with its parts, and `/demo` on this machine."""
    router = APIRouter(include_in_schema=False)

    @router.get("/widget.js")
    def widget() -> Response:
        return _script(widget_files.widget_script(), _AN_HOUR)

    @router.get("/panel.js")
    def panel() -> Response:
        return _script(widget_files.panel_script(), _AN_HOUR)

    @router.get("/site.js")
    def site_look(site: str) -> Response:
        """How a registered site's launcher looks, for the launcher that loads this."""
        known = sites.get(library, site)
        look = json_script({"label": known.label, "color": known.color})
        return _script(f"document.currentScript.look = {look};", _FIVE_MINUTES)

    @router.get("/embed.js")
    def embed_script(request: Request) -> Response:
        return _script(widget_files.embed_script(), _kept(request))

    @router.get("/embed.css")
    def embed_style(request: Request) -> Response:
        return Response(
            widget_files.embed_style(), media_type="text/css", headers={"cache-control": _kept(request)}
        )

    @router.api_route("/embed", methods=["GET", "HEAD"])
    def embed(request: Request) -> HTMLResponse:
        site = _site(library, request.query_params)
        request.state.frame_origins = site.origins if site else ()
        wishes = wishes_of(request.query_params, request.headers.get("accept-language", ""))
        request.state.media_origins = tuple(
            dict.fromkeys(
                origin
                for entry in entries_for(library, site, wishes.episodes)
                for origin in media_origins(recording_of(entry))
            )
        )
        page = embed_page(
            library,
            site,
            wishes,
            own_host=request.headers.get("host", ""),
            nonce=request.state.nonce,
        )
        return HTMLResponse(
            page,
            headers={
                "cache-control": "no-cache",
                "vary": "Accept-Language",
                **_OPENS_WINDOWS,
            },
        )

    @router.get("/embed/episodes")
    def episodes(request: Request, response: Response) -> dict[str, object]:
        response.headers["cache-control"] = "no-cache"
        site = _site(library, request.query_params)
        wishes = wishes_of(request.query_params, "")
        return episodes_json(entries_for(library, site, wishes.episodes))

    @router.get("/demo")
    def demo(request: Request) -> HTMLResponse:
        if not _on_this_machine(request):
            raise HTTPException(404, "there is nothing at this address")
        page = demo_page.demo_page(library, request.query_params)
        return HTMLResponse(page, headers={"content-security-policy": demo_page.POLICY, **_OPENS_WINDOWS})

    return router


def _site(library: Library, query: Mapping[str, str]) -> Site | None:
    return sites.get(library, query["site"]) if query.get("site") else None


def _script(text: str, kept: str) -> Response:
    return Response(
        text,
        media_type="text/javascript",
        headers={"cache-control": kept, "cross-origin-resource-policy": "cross-origin"},
    )


def _kept(request: Request) -> str:
    """How long a browser keeps it: for good where the address names this very version."""
    return _FOR_GOOD if request.url.query == widget_files.embed_version() else "no-cache"


def _on_this_machine(request: Request) -> bool:
    """Whether the visitor sits at this machine and named it as such; a proxy passes on another name."""
    name = request.url.hostname or ""
    client = request.client.host if request.client else ""
    return (name == "localhost" or _is_loopback(name)) and _is_loopback(client)


def _is_loopback(address: str) -> bool:
    try:
        return ip_address(address.strip("[]")).is_loopback
    except ValueError:
        return False
