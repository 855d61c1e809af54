"""What the server writes into its log: one line of JSON an event, without what was asked or who asked it."""

import contextvars
import datetime
import json
import logging
import re
import secrets
import time
import traceback
from typing import Any

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_request_id: contextvars.ContextVar[str | None] = contextvars.ContextVar("request_id", default=None)
_requests = logging.getLogger("onrecord.requests")
_TOLD = re.compile(r"/(?:$|(?:api|t|embed)\b|gradio_api/queue/join)")
"""Requests that have a line of their own; others have one when they fail."""


class Logged:
    """Middleware: gives every request an id, which is in its response and in its lines of the log.

    Args:
        addresses: whether the log names the address of the client.
    """

    def __init__(self, app: ASGIApp, *, addresses: bool) -> None:
        self.app = app
        self.addresses = addresses

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        _request_id.set(secrets.token_hex(8))
        started = time.perf_counter()
        status = 499  # as nginx writes where the client left before there was a response

        async def send_with_id(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message)["x-request-id"] = _request_id.get() or ""
            await send(message)

        try:
            await self.app(scope, receive, send_with_id)
        finally:
            if status >= 400 or _TOLD.match(scope["path"]):
                _requests.info("request", extra={"told": self._line(scope, status, started)})

    def _line(self, scope: Scope, status: int, started: float) -> dict[str, Any]:
        # A query may hold a question, so that only the path is told.
        line = {
            "method": scope["method"],
            "path": scope["path"][:200],
            "status": status,
            "ms": round((time.perf_counter() - started) * 1e3, 1),
        }
        if self.addresses:
            line["address"] = scope["client"][0] if scope.get("client") else None
        return line


class JsonLines(logging.Formatter):
    """Formats a record as a line of JSON; its `told`, a dict, adds fields.

    Of an exception it tells the kind and the places, not the message, which can hold what was asked.
    """

    def format(self, record: logging.LogRecord) -> str:
        """One line of JSON."""
        at = datetime.datetime.fromtimestamp(record.created, datetime.UTC)
        line = {
            "at": at.isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "request_id": _request_id.get(),
            "event": record.getMessage(),
            **getattr(record, "told", {}),
        }
        if record.exc_info and record.exc_info[1]:
            error = record.exc_info[1]
            line["exception"] = type(error).__name__
            line["at_lines"] = [
                f"{frame.filename}:{frame.lineno} in {frame.name}"
                for frame in traceback.extract_tb(error.__traceback__)
            ]
        return json.dumps(line, ensure_ascii=False)


def write_log() -> None:
    """Write the log to standard error from now on."""
    handler = logging.StreamHandler()
    handler.setFormatter(JsonLines())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    logging.getLogger("onrecord").setLevel(logging.INFO)
