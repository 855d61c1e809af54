"""The real server on a free port of the loopback, in a thread of its own."""

import asyncio
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import uvicorn

from rag.answering import Answerer
from ui import server
from ui.settings import Settings


@contextmanager
def served(answerer: Answerer, **settings: Any) -> Iterator[str]:
    """Its address, for the time of the `with` block."""
    running: list[uvicorn.Server] = []

    async def serve() -> None:
        config = server.server_config(answerer, Settings(port=0, **settings))
        running.append(uvicorn.Server(config))
        await running[0].serve()

    thread = threading.Thread(target=lambda: asyncio.run(serve()))
    thread.start()
    try:
        until = time.monotonic() + 60
        while not (running and running[0].started):
            assert time.monotonic() < until, "the server does not start"
            time.sleep(0.02)
        yield f"http://127.0.0.1:{running[0].servers[0].sockets[0].getsockname()[1]}"
    finally:
        running[0].should_exit = True
        thread.join(20)
