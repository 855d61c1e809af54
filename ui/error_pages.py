"""Every error of the server in one shape: JSON for programs, a page for people."""

import json
import logging
from collections.abc import Mapping
from http import HTTPStatus

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, JSONResponse, Response
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.types import Send

from index.errors import (
    CheckError,
    EncoderError,
    LibraryError,
    OnRecordError,
    Overloaded,
    QuestionError,
    Refused,
    TooOften,
    UnknownEpisode,
    UnknownSite,
)
from ui.pages import render

UNFORESEEN = ("something went wrong in the server", "see the server's log")

RETRY_AFTER_S = 5
"""Seconds after which a library that could not be read may be tried again."""

_log = logging.getLogger("onrecord.errors")
_STATUS: tuple[tuple[type[OnRecordError], int], ...] = (
    (UnknownEpisode, 404),
    (UnknownSite, 404),
    (TooOften, 429),
    (Overloaded, 503),
    (QuestionError, 422),
    (CheckError, 422),
    (LibraryError, 503),
    (EncoderError, 503),
)


def as_json(what: str, fix: str | None) -> dict[str, dict[str, str | None]]:
    """An error as the HTTP API gives it."""
    return {"error": {"what": what, "fix": fix}}


def page(status: int, what: str, fix: str | None) -> str:
    """An error as a page for people."""
    heading = "Not found" if status == 404 else HTTPStatus(status).phrase
    return render("error.html", status=status, heading=heading, what=what, fix=fix)


def retry_after(error: OnRecordError, status: int) -> dict[str, str]:
    """The header that says when to try again, where that makes sense."""
    if isinstance(error, Refused):
        return {"retry-after": str(error.retry_after_s)}
    return {"retry-after": str(RETRY_AFTER_S)} if status == 503 else {}


async def refuse(
    send: Send,
    status: int,
    what: str,
    fix: str | None,
    *,
    asked: Headers | None = None,
    more: Mapping[str, str] | None = None,
) -> None:
    """Answer with an error, in ASGI.

    Args:
        asked: headers of the request, where a page for people may be asked for.
        more: headers of the response.
    """
    if asked and "text/html" in asked.get("accept", ""):
        body, kind = page(status, what, fix).encode(), "text/html; charset=utf-8"
    else:
        body, kind = json.dumps(as_json(what, fix)).encode(), "application/json"
    headers = {"content-type": kind, "content-length": str(len(body)), **(more or {})}
    await send(
        {
            "type": "http.response.start",
            "status": status,
            "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
        }
    )
    await send({"type": "http.response.body", "body": body})


def install(app: FastAPI) -> None:
    """Answer every error of `app` in the one shape."""

    def known(request: Request, error: Exception) -> Response:
        if not isinstance(error, OnRecordError):
            raise error
        status = next((code for kind, code in _STATUS if isinstance(error, kind)), 500)
        if status >= 500 and not isinstance(error, Refused):
            _log.error("%s %s: %s", request.method, request.url.path, error)
        return _response(request, status, error.what, error.fix, retry_after(error, status))

    def invalid(request: Request, error: Exception) -> Response:
        if not isinstance(error, RequestValidationError):
            raise error
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"] if part not in ("body", "query", "path"))
        told = str(first["msg"]).removeprefix("Value error, ")
        what = f"{where}: {told}" if where else told
        return _response(request, 422, what, "see the HTTP API's description")

    def http(request: Request, error: Exception) -> Response:
        if not isinstance(error, HTTPException):
            raise error
        fix = "go to /" if error.status_code == 404 else None
        return _response(request, error.status_code, str(error.detail), fix, error.headers)

    def unforeseen(request: Request, error: Exception) -> Response:
        return _response(request, 500, *UNFORESEEN)

    app.add_exception_handler(OnRecordError, known)
    app.add_exception_handler(RequestValidationError, invalid)
    app.add_exception_handler(HTTPException, http)
    # Starlette logs and raises the error again after this, so that it is not lost.
    app.add_exception_handler(Exception, unforeseen)


def _response(request: Request, status: int, what: str, fix: str | None, headers: object = None) -> Response:
    kept = dict(headers) if isinstance(headers, dict) else None
    for_people = "text/html" in request.headers.get("accept", "")
    if for_people and not request.url.path.startswith("/api/"):
        return HTMLResponse(page(status, what, fix), status, headers=kept)
    return JSONResponse(as_json(what, fix), status, headers=kept)
