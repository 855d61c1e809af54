"""What every response carries and every request must pass: plain ASGI, so that event streams flow.

Content Security Policy Level 3 (W3C); Fetch's `Origin` header (WHATWG).
"""

import json
import re
import secrets
from collections.abc import Iterable, Mapping
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ui.error_pages import page

LARGEST_BODY = 64 * 1024
"""Bytes of a request's body."""

LARGEST_CHAT_BODY = 2 * 1024 * 1024
"""Bytes of a request of the chat window, which sends the whole conversation along."""

_CHAT_ROUTES = {
    "GET": re.compile(
        r"/(?:$|(?:assets|static)/|theme\.css$|config$|manifest\.json$"
        r"|gradio_api/(?:queue/data$|startup-events$|app_id$|heartbeat/))"
    ),
    "POST": re.compile(r"/gradio_api/(?:queue/join|run/predict|cancel|reset)/?$"),
}
_FIXED = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "strict-origin-when-cross-origin",
    "permissions-policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=()",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
}


class Guard:
    """Middleware: refuses foreign and oversized posts, and puts the security headers on every response.

    A page's script tags need the nonce in `scope["state"]["nonce"]`. A page that plays a recording
    from elsewhere puts its origins into `scope["state"]["media_origins"]`. A header that a route
    sets by itself is left as it is, but `Access-Control-*` is taken off.

    Args:
        sites: origins ("https://show.example") whose pages may hold ours in a frame.
    """

    def __init__(self, app: ASGIApp, sites: Iterable[str] = ()) -> None:
        self.app = app
        self.sites = tuple(sites)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        state = scope.setdefault("state", {})
        state["nonce"] = secrets.token_urlsafe(16)

        async def send_guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                _put_headers(MutableHeaders(scope=message), state, self.sites)
            await send(message)

        if scope["method"] not in ("GET", "HEAD", "OPTIONS"):
            if foreign_origin(Headers(scope=scope)):
                await refuse(
                    send_guarded,
                    403,
                    "this request comes from a page of another site",
                    "send it from the site's own pages, or without an Origin header",
                )
                return
            limit = LARGEST_CHAT_BODY if scope["path"].startswith("/gradio_api/") else LARGEST_BODY
            body = await _whole_body(scope, receive, limit)
            if body is None:
                await refuse(
                    send_guarded, 413, f"the request is larger than {limit} bytes", "send a shorter one"
                )
                return
            receive = _replaying(body, receive)
        await self.app(scope, receive, send_guarded)


class ChatRoutesOnly:
    """Middleware around Gradio: lets through what the chat window needs, and gives its scripts the nonce.

    Uploads, file proxies and the rest of Gradio's routes are not found.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        method = "GET" if scope["method"] == "HEAD" else scope["method"]
        pattern = _CHAT_ROUTES.get(method)
        if not pattern or not pattern.match(scope["path"]):
            await refuse(
                send, 404, "there is nothing at this address", "go to /", headers=Headers(scope=scope)
            )
            return
        if scope["path"] != "/":
            await self.app(scope, receive, send)
            return
        plain = [header for header in scope["headers"] if header[0] != b"accept-encoding"]
        await self.app({**scope, "headers": plain}, receive, _with_nonces(scope, send))


def content_security_policy(
    nonce: str, *, sites: Iterable[str] = (), media_origins: Iterable[str] = ()
) -> str:
    """The policy of one response.

    Args:
        sites: who may hold the page in a frame, besides itself.
        media_origins: where recordings may be played from, besides the own origin.
    """
    directives: Mapping[str, Iterable[str]] = {
        "default-src": ["'none'"],
        "script-src": ["'self'", f"'nonce-{nonce}'"],
        "style-src": ["'self'", "'unsafe-inline'"],
        "img-src": ["'self'", "data:"],
        "media-src": ["'self'", *media_origins],
        "font-src": ["'self'", "data:"],
        "connect-src": ["'self'"],
        "manifest-src": ["'self'"],
        "base-uri": ["'self'"],
        "form-action": ["'none'"],
        "object-src": ["'none'"],
        "frame-ancestors": ["'self'", *sites],
    }
    return "; ".join(" ".join((name, *sources)) for name, sources in directives.items())


def foreign_origin(headers: Headers) -> bool:
    """Whether a browser says that a page of another site sends this.

    The scheme is not compared: behind a proxy that ends TLS, the server itself sees http.
    """
    origin = headers.get("origin")
    if origin is None:
        return headers.get("sec-fetch-site") == "cross-site"
    return urlsplit(origin).netloc.lower() != headers.get("host", "").lower()


async def refuse(send: Send, status: int, what: str, fix: str, *, headers: Headers | None = None) -> None:
    """Answer with an error: a page where `headers` of the request ask for one, else JSON."""
    if headers and "text/html" in headers.get("accept", ""):
        body, kind = page(status, what, fix).encode(), b"text/html; charset=utf-8"
    else:
        body, kind = json.dumps({"error": {"what": what, "fix": fix}}).encode(), b"application/json"
    length = str(len(body)).encode()
    await send(
        {
            "type": "http.response.start",
            "status": status,
            "headers": [(b"content-type", kind), (b"content-length", length)],
        }
    )
    await send({"type": "http.response.body", "body": body})


def _put_headers(headers: MutableHeaders, state: Mapping[str, object], sites: tuple[str, ...]) -> None:
    for name in [name for name in headers if name.startswith("access-control-")]:
        del headers[name]
    media = state.get("media_origins", ())
    headers.setdefault(
        "content-security-policy",
        content_security_policy(
            str(state["nonce"]), sites=sites, media_origins=media if isinstance(media, tuple) else ()
        ),
    )
    for name, value in _FIXED.items():
        headers.setdefault(name, value)
    if not sites:
        headers.setdefault("x-frame-options", "SAMEORIGIN")


async def _whole_body(scope: Scope, receive: Receive, limit: int) -> bytes | None:
    declared = Headers(scope=scope).get("content-length", "")
    if declared.isdigit() and int(declared) > limit:
        return None
    body = bytearray()
    while True:
        message = await receive()
        if message["type"] != "http.request":
            return bytes(body)
        body += message.get("body", b"")
        if len(body) > limit:
            return None
        if not message.get("more_body", False):
            return bytes(body)


def _replaying(body: bytes, receive: Receive) -> Receive:
    pending: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def replay() -> Message:
        return pending.pop() if pending else await receive()

    return replay


def _with_nonces(scope: Scope, send: Send) -> Send:
    """Hold a page back until it is whole, and give each of its script tags the nonce.

    Gradio escapes "<" in the data it writes into a page, so that every "<script" here is a tag.
    """
    start: list[Message] = []
    body = bytearray()
    tag = f'<script nonce="{scope["state"]["nonce"]}"'.encode()

    async def send_page(message: Message) -> None:
        if message["type"] == "http.response.start":
            start.append(message)
            return
        if message["type"] != "http.response.body":
            await send(message)
            return
        body.extend(message.get("body", b""))
        if message.get("more_body", False):
            return
        headers = MutableHeaders(scope=start[0])
        page = bytes(body)
        if headers.get("content-type", "").startswith("text/html"):
            page = page.replace(b"<script", tag)
            headers["content-length"] = str(len(page))
        await send(start[0])
        await send({"type": "http.response.body", "body": page})

    return send_page
