"""What every response carries and every request must pass: plain ASGI, so that event streams flow.

Content Security Policy Level 3 (W3C); Fetch's `Origin` header (WHATWG).
"""

import asyncio
import re
import secrets
from collections.abc import Iterable, Mapping, Sequence
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.routing import BaseRoute, Match
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ui.error_pages import refuse

LARGEST_BODY = 512 * 1024
"""Bytes of a request's body: the longest draft has room in it, also with every letter escaped."""

LARGEST_CHAT_BODY = 2 * 1024 * 1024
"""Bytes of a request of the chat window, which sends the whole conversation along."""

BODY_DEADLINE_S = 20.0
"""Seconds in which a request's body has to arrive."""

_CHAT_ROUTES = {
    "GET": re.compile(
        r"/(?:$|(?:assets|static)/|theme\.css$|config$|manifest\.json$"
        r"|gradio_api/(?:queue/data$|startup-events$|app_id$|heartbeat/))"
    ),
    "POST": re.compile(r"/gradio_api/(?:queue/join|run/predict|cancel|reset)/?$"),
}
_METHODS = ("DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT")
_FIXED = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "strict-origin-when-cross-origin",
    "permissions-policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=()",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
}
_TO_GUESTS = {
    "access-control-allow-methods": "GET, POST",
    "access-control-allow-headers": "content-type",
    "access-control-expose-headers": "retry-after, x-request-id",
    "access-control-max-age": "600",
}


class Guard:
    """Middleware: refuses foreign, oversized and slow posts, and puts the security headers on every response.

    A page's script tags need the nonce in `scope["state"]["nonce"]`. A page that plays a recording
    from elsewhere puts its origins into `scope["state"]["media_origins"]`, and a page that others may hold
    in a frame puts theirs into `scope["state"]["frame_origins"]`. A header that a route sets by itself is
    left as it is, but `Access-Control-*` is taken off.

    Args:
        cors_origins: origins ("https://show.example") whose scripts may use the HTTP API.
    """

    def __init__(self, app: ASGIApp, cors_origins: Iterable[str] = ()) -> None:
        self.app = app
        self.cors_origins = frozenset(cors_origins)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        state = scope.setdefault("state", {})
        state["nonce"] = secrets.token_urlsafe(16)
        headers = Headers(scope=scope)
        origin = headers.get("origin")
        guest = origin if origin in self.cors_origins and scope["path"].startswith("/api/") else None

        async def send_guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                _put_headers(MutableHeaders(scope=message), state, guest)
            await send(message)

        if guest and scope["method"] == "OPTIONS":
            await send_guarded({"type": "http.response.start", "status": 204, "headers": []})
            await send_guarded({"type": "http.response.body", "body": b""})
            return
        if scope["method"] not in ("GET", "HEAD", "OPTIONS"):
            if not guest and foreign_origin(headers):
                await refuse(
                    send_guarded,
                    403,
                    "this request comes from a page of another site",
                    "send it from the site's own pages, or without an Origin header",
                )
                return
            limit = LARGEST_CHAT_BODY if scope["path"].startswith("/gradio_api/") else LARGEST_BODY
            try:
                async with asyncio.timeout(BODY_DEADLINE_S):
                    body = await _whole_body(scope, receive, limit)
            except TimeoutError:
                await refuse(send_guarded, 408, "the request did not arrive in time", "send it again")
                return
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

    Args:
        others: routes that come first. What comes here and fits one of them has a method that it lacks.
    """

    def __init__(self, app: ASGIApp, others: Sequence[BaseRoute] = ()) -> None:
        self.app = app
        self.others = others

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        method = "GET" if scope["method"] == "HEAD" else scope["method"]
        if allowed := self._methods_elsewhere(scope):
            await refuse(
                send,
                405,
                f"{scope['method']} does nothing here",
                f"use {allowed}",
                asked=Headers(scope=scope),
                more={"allow": allowed},
            )
            return
        pattern = _CHAT_ROUTES.get(method)
        if not pattern or not pattern.match(scope["path"]):
            await refuse(send, 404, "there is nothing at this address", "go to /", asked=Headers(scope=scope))
            return
        if scope["path"] != "/":
            await self.app(scope, receive, send)
            return
        plain = [header for header in scope["headers"] if header[0] != b"accept-encoding"]
        await self.app({**scope, "headers": plain}, receive, _with_nonces(scope, send))

    def _methods_elsewhere(self, scope: Scope) -> str:
        fitting = [route for route in self.others if route.matches(scope)[0] is Match.PARTIAL]
        # A router among them does not tell its routes' methods, so that it is asked for each.
        return ", ".join(
            method
            for method in _METHODS
            if any(route.matches({**scope, "method": method})[0] is Match.FULL for route in fitting)
        )


def content_security_policy(
    nonce: str, *, framed_by: Iterable[str] = (), media_origins: Iterable[str] = ()
) -> str:
    """The policy of one response.

    Args:
        framed_by: who may hold the page in a frame, besides itself.
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
        "frame-ancestors": ["'self'", *framed_by],
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


def _put_headers(headers: MutableHeaders, state: Mapping[str, object], guest: str | None) -> None:
    for name in [name for name in headers if name.startswith("access-control-")]:
        del headers[name]
    framed_by, media = _origins(state, "frame_origins"), _origins(state, "media_origins")
    headers.setdefault(
        "content-security-policy",
        content_security_policy(str(state["nonce"]), framed_by=framed_by, media_origins=media),
    )
    for name, value in _FIXED.items():
        headers.setdefault(name, value)
    if not framed_by:
        headers.setdefault("x-frame-options", "SAMEORIGIN")
    if guest:
        headers.update({**_TO_GUESTS, "access-control-allow-origin": guest})
        headers.add_vary_header("origin")


def _origins(state: Mapping[str, object], name: str) -> tuple[str, ...]:
    origins = state.get(name, ())
    return origins if isinstance(origins, tuple) else ()


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
