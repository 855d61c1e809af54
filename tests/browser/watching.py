"""What the browser tests share: the real server, a host page's server, and a browser that notes what should not happen."""

import asyncio
import re
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import uvicorn

from rag.answering import Answerer
from ui import server
from ui.settings import load_settings

DESKTOP = {"width": 1280, "height": 900}
PHONE = {"width": 390, "height": 844}


def cite(messages: list[dict[str, str]]) -> str:
    """An honest model: it says the first three long lines again, with their numbers."""
    lines = re.findall(r"^\[(\d+)\] (?:[^:\n]+: )?(\S+(?: \S+){7,20})$", messages[-1]["content"], re.M)
    return " ".join(f"{text.rstrip('.?!')} [{number}]." for number, text in lines[:3])


@contextmanager
def served(answerer: Answerer) -> Iterator[str]:
    """The real server on a free port of the loopback."""

    running: list[uvicorn.Server] = []

    async def serve() -> None:
        app = server.create_app(
            answerer, load_settings(questions_per_minute=10_000, requests_per_minute=100_000)
        )
        config = uvicorn.Config(app, port=0, log_level="warning", timeout_graceful_shutdown=1)
        running.append(uvicorn.Server(config))
        await running[0].serve()

    thread = threading.Thread(target=lambda: asyncio.run(serve()))
    thread.start()
    try:
        until = time.monotonic() + 120
        while not (running and running[0].started):
            assert time.monotonic() < until, "the server does not start"
            time.sleep(0.02)
        yield f"http://127.0.0.1:{running[0].servers[0].sockets[0].getsockname()[1]}"
    finally:
        for each in running:
            each.should_exit = True
        thread.join(10)


class Watched:
    """A browser context that notes whatever should not happen in it.

    Args:
        addresses: those that may be asked; any other is foreign.
    """

    def __init__(self, context: Any, *addresses: str) -> None:
        self.context = context
        self.faults: list[str] = []
        context.on("page", lambda page: page.on("pageerror", lambda error: self.faults.append(str(error))))
        context.on(
            "console", lambda said: said.type in ("error", "warning") and self.faults.append(said.text)
        )
        context.on("dialog", lambda dialog: self.faults.append(f"dialog {dialog.message}"))
        context.on("request", lambda request: self._look(request.url, addresses))
        context.on(
            "response", lambda got: got.status >= 400 and self.faults.append(f"{got.status} {got.url}")
        )

    def _look(self, url: str, addresses: tuple[str, ...]) -> None:
        if not url.startswith((*addresses, "data:", "blob:", "about:")):
            self.faults.append(f"foreign {url}")


@contextmanager
def watched(chromium: Any, *addresses: str, **options: Any) -> Iterator[Watched]:
    context = chromium.new_context(viewport=options.pop("viewport", DESKTOP), **options)
    context.set_default_timeout(30_000)
    watch = Watched(context, *addresses)
    yield watch
    context.close()
    assert not watch.faults, watch.faults


def eventually(page: Any, look: Callable[[], Any]) -> Any:
    """What `look` returns, once it is something; the page lives on meanwhile."""
    until = time.monotonic() + 20
    while not (seen := look()):
        assert time.monotonic() < until, "it never comes"
        page.wait_for_timeout(50)
    return seen


def copied(page: Any, button: Any) -> str:
    """What a click on `button` copies; copying goes on after the click."""
    page.evaluate("navigator.clipboard.writeText('')")
    button.click()
    got: str = eventually(page, lambda: page.evaluate("navigator.clipboard.readText()"))
    return got


class HostSite:
    """An owner's site on an origin of its own, for the time of a `with` block.

    Attributes:
        pages: its pages by path; changed at any time.
        headers: sent with every page.
    """

    def __init__(self, pages: Mapping[str, str] | None = None) -> None:
        self.pages: dict[str, str] = dict(pages or {})
        self.headers: dict[str, str] = {}
        site = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                page = site.pages.get(self.path.partition("?")[0])
                body = (page or "").encode()
                self.send_response(204 if page is None else 200)
                self.send_header("content-type", "text/html; charset=utf-8")
                self.send_header("content-length", str(len(body)))
                for name, value in site.headers.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)

    @property
    def origin(self) -> str:
        """Of another site than 127.0.0.1, as browsers see it."""
        return f"http://localhost:{self._server.server_address[1]}"

    def __enter__(self) -> "HostSite":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
