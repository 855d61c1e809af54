"""The server: the chat, the transcript pages and the HTTP API in one application."""

import asyncio
import errno
import gc
import logging
import socket
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import uvicorn
from fastapi import FastAPI, Request
from fastapi.responses import FileResponse, HTMLResponse
from fastapi.staticfiles import StaticFiles
from starlette.middleware.gzip import GZipMiddleware

from index.errors import ServeError, UnknownEpisode
from index.library import Library
from rag.answering import Answerer
from ui import error_pages
from ui.addresses import Forwarded
from ui.admission import Admission
from ui.api import api_routes
from ui.audio import audio_routes
from ui.headers import Guard
from ui.limits import RequestLimit
from ui.logs import Logged, write_log
from ui.pages import STATIC
from ui.settings import Settings, load_settings
from ui.shedding import Shedding
from ui.transcript_page import media_origins, recording_of, transcript_page
from ui.widget_routes import widget_routes

_SWITCH_S = 0.001
"""Seconds after which a thread that searches lets the event loop have its turn; Python's own 0.005 is long
for a server that answers many at once."""


def create_app(answerer: Answerer, settings: Settings | None = None) -> FastAPI:
    """The whole application around an answerer.

    Args:
        settings: of the server's limits; those in force where none are given.
    """
    settings = settings or load_settings()

    # Gradio takes a second to import, and a port in use is told before that.
    from ui.chat import mount_chat

    @asynccontextmanager
    async def connected(_: FastAPI) -> AsyncIterator[None]:
        # Under load the garbage collector looks through all that the imported packages hold, again and again,
        # and for the third of a second that this takes nobody is answered.
        gc.collect()
        gc.freeze()
        yield
        await admission.aclose()

    admission = Admission(answerer, settings)
    app = FastAPI(
        title="onrecord", docs_url=None, redoc_url=None, openapi_url="/api/openapi.json", lifespan=connected
    )
    error_pages.install(app)
    app.include_router(api_routes(admission))
    app.include_router(audio_routes(answerer.library))
    app.include_router(widget_routes(answerer.library))
    _add_pages(app, answerer.library)
    mount_chat(app, admission)
    # The last one added is the first to see a request.
    app.add_middleware(RequestLimit, rates=admission.rates, per_minute=settings.requests_per_minute)
    app.add_middleware(Shedding, capacity=admission.capacity, meters=admission.meters)
    app.add_middleware(Guard, cors_origins=settings.cors_origins)
    app.add_middleware(GZipMiddleware, minimum_size=1024)
    app.add_middleware(Logged, addresses=settings.log_addresses)
    app.add_middleware(Forwarded, trusted_hops=settings.trusted_hops)
    return app


def check_port(host: str, port: int) -> None:
    """Make sure that `serve` can listen there.

    Raises:
        ServeError: another program does, or the address is not this machine's.
    """
    _listening(host, port).close()


def serve(
    answerer: Answerer, settings: Settings, *, on_ready: Callable[[str], None] = lambda url: None
) -> None:
    """Serve until interrupted.

    Args:
        on_ready: called once with the address, when it can be opened.

    Raises:
        ServeError: it cannot listen there.
    """
    listening = _listening(settings.host, settings.port)
    with listening:
        config = server_config(answerer, settings)
        logging.getLogger("uvicorn.error").addFilter(_worth_telling)
        write_log()
        _Server(config, lambda: on_ready(address_of(listening))).run(sockets=[listening])


def server_config(answerer: Answerer, settings: Settings) -> uvicorn.Config:
    """How uvicorn serves it."""
    sys.setswitchinterval(_SWITCH_S)
    return uvicorn.Config(
        create_app(answerer, settings),
        port=settings.port,
        log_config=None,
        log_level="warning",
        access_log=False,
        # uvicorn would believe any program on this machine about who asks; `ui.addresses` does not.
        proxy_headers=False,
        server_header=False,
        timeout_graceful_shutdown=1,
    )


def address_of(listening: socket.socket) -> str:
    """The address to open in a browser."""
    host, port = listening.getsockname()[:2]
    if host in ("0.0.0.0", "::"):
        host = "localhost"
    return f"http://[{host}]:{port}/" if ":" in host else f"http://{host}:{port}/"


class _Server(uvicorn.Server):
    """uvicorn's, that says when it is ready."""

    def __init__(self, config: uvicorn.Config, on_ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._on_ready = on_ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self._on_ready()


def _worth_telling(record: logging.LogRecord) -> bool:
    """Not that an open tab was cut off when the server was stopped: that is what stopping does."""
    cut_off = record.exc_info is not None and isinstance(record.exc_info[1], asyncio.CancelledError)
    return not cut_off and "timeout graceful shutdown exceeded" not in record.getMessage()


def _listening(host: str, port: int) -> socket.socket:
    """A socket that holds the address.

    Raises:
        ServeError: it cannot be had.
    """
    where = f"{host}:{port}"
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        opened = socket.socket(family, kind, protocol)
    except OSError as error:
        raise ServeError(
            f"the address is unknown ({error})", where=where, fix="use --host 127.0.0.1"
        ) from error
    try:
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        opened.bind(address)
        # Two programs can hold one address until one of them listens.
        opened.listen(128)
    except OSError as error:
        opened.close()
        if error.errno == errno.EADDRINUSE:
            what, fix = "another program listens there", "stop the other program or use --port"
        elif error.errno == errno.EACCES:
            what, fix = "this port is not allowed to you", "use --port with a number over 1023"
        else:
            what, fix = f"the address cannot be used ({error.strerror})", "use --host 127.0.0.1"
        raise ServeError(what, where=where, fix=fix) from error
    return opened


def _add_pages(app: FastAPI, library: Library) -> None:
    app.mount("/site", StaticFiles(directory=STATIC), name="site")

    @app.api_route("/t/{id}", methods=["GET", "HEAD"], include_in_schema=False)
    def transcript(id: str, request: Request, q: str | None = None) -> HTMLResponse:
        episode = library.episode(id)
        entry = next((entry for entry in library.entries() if entry.id == episode.id), None)
        if entry is None:
            raise UnknownEpisode(f"the episode {episode.id!r} was removed just now")
        request.state.media_origins = media_origins(recording_of(entry))
        page = transcript_page(episode, entry, q=q, base_url=str(request.base_url), nonce=request.state.nonce)
        return HTMLResponse(page, headers={"cache-control": "no-cache"})

    @app.get("/favicon.ico", include_in_schema=False)
    def icon() -> FileResponse:
        return FileResponse(STATIC / "icon.svg", media_type="image/svg+xml")
