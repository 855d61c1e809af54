"""Every error of the server in one shape: JSON for programs, a page for people."""

import logging
from http import HTTPStatus

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, JSONResponse, Response
from starlette.exceptions import HTTPException

from index.errors import CheckError, LibraryError, OnRecordError, QuestionError, UnknownEpisode
from ui.pages import render

UNFORESEEN = ("something went wrong in the server", "see the server's log")

_log = logging.getLogger(__name__)
_STATUS: tuple[tuple[type[OnRecordError], int], ...] = (
    (UnknownEpisode, 404),
    (QuestionError, 422),
    (CheckError, 422),
    (LibraryError, 503),
)


def as_json(what: str, fix: str | None) -> dict[str, dict[str, str | None]]:
    """An error as the HTTP API gives it."""
    return {"error": {"what": what, "fix": fix}}


def page(status: int, what: str, fix: str | None) -> str:
    """An error as a page for people."""
    heading = "Not found" if status == 404 else HTTPStatus(status).phrase
    return render("error.html", status=status, heading=heading, what=what, fix=fix)


def install(app: FastAPI) -> None:
    """Answer every error of `app` in the one shape."""

    def known(request: Request, error: Exception) -> Response:
        if not isinstance(error, OnRecordError):
            raise error
        status = next((code for kind, code in _STATUS if isinstance(error, kind)), 500)
        if status >= 500:
            _log.error("%s %s: %s", request.method, request.url.path, error)
        return _response(request, status, error.what, error.fix)

    def invalid(request: Request, error: Exception) -> Response:
        if not isinstance(error, RequestValidationError):
            raise error
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"] if part not in ("body", "query", "path"))
        what = f"{where}: {first['msg']}" if where else str(first["msg"])
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
