"""The HTTP API: ask, search, episodes, check, feedback, and how the server is."""

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request, Response
from fastapi.responses import JSONResponse

from index import feedback, sites
from index.errors import CheckError
from index.lexical import Filters
from index.library import Library
from rag.answering import Answerer
from ui import checking
from ui.addresses import visitor_of
from ui.admission import Admission, narrowed
from ui.api_description import ANSWERED, errors
from ui.api_shapes import CheckedShape, EntriesShape, EpisodeShape, FoundShape, KeptShape, ReadyShape
from ui.bodies import AskBody, CheckBody, Day, FeedbackBody, Names, Question, SiteName
from ui.event_stream import streamed, unless_left, whole
from ui.shapes import entry_json, episode_json, passage_json


def api_routes(admission: Admission) -> APIRouter:
    """`/api/…`, `/healthz`, `/readyz` and `/metrics`."""
    router = APIRouter()
    answerer, meters = admission.answerer, admission.meters
    library = answerer.library

    @router.post(
        "/api/ask",
        response_model=None,
        responses={200: ANSWERED, **errors(400, 403, 404, 408, 413, 422, 429, 500, 503)},
    )
    async def ask(body: AskBody, request: Request) -> Response:
        """Answer a question: as server-sent events, or at once where JSON is accepted."""
        events = admission.ask(
            body.question,
            visitor=visitor_of(request.scope),
            site=body.site,
            history=body.history,
            filters=body.filters.filters(),
        )
        if "application/json" not in request.headers.get("accept", ""):
            return await streamed(events)
        answer = await unless_left(request, whole(events))
        return JSONResponse(answer.as_json() if answer else None)

    @router.get("/api/search", responses={200: {"model": FoundShape}, **errors(404, 422, 429, 500, 503)})
    async def search(
        q: Annotated[Question, Query()],
        speaker: Names,
        episode: Names,
        since: Day | None = None,
        until: Day | None = None,
        site: SiteName | None = None,
    ) -> dict[str, Any]:
        """The best passages for some words, without an answer."""
        filters = Filters(tuple(speaker), tuple(episode), since, until)
        return await admission.run(lambda: _found(answerer, q, filters, site))

    @router.get("/api/episodes", responses={200: {"model": EntriesShape}, **errors(404, 422, 429, 500, 503)})
    def episodes(site: SiteName | None = None) -> dict[str, Any]:
        """Every episode, or every one of a site, newest first."""
        only = sites.get(library, site).episodes if site else ()
        return {"episodes": [entry_json(e) for e in library.entries() if not only or e.id in only]}

    @router.get(
        "/api/episodes/{name}", responses={200: {"model": EpisodeShape}, **errors(404, 429, 500, 503)}
    )
    def episode(
        name: Annotated[str, Path(examples=["02-the-lens-in-the-barn"])],
    ) -> dict[str, Any]:
        """One episode with its turns; by id or file name."""
        return episode_json(library.episode(name))

    @router.post(
        "/api/check",
        responses={200: {"model": CheckedShape}, **errors(400, 403, 408, 413, 422, 429, 500, 503)},
    )
    async def check(body: CheckBody) -> dict[str, Any]:
        """Are the quotes in a draft on the record? Each as `onrecord check --json` prints it."""
        return await admission.run(lambda: _checked(answerer, body.draft))

    @router.post(
        "/api/feedback",
        status_code=201,
        responses={201: {"model": KeptShape}, **errors(400, 403, 408, 413, 422, 429, 500, 503)},
    )
    def keep_feedback(body: FeedbackBody) -> dict[str, bool]:
        """Keep a reader's verdict in the library."""
        feedback.keep(library, body.question, body.verdict, body.answer)
        meters.count_feedback(body.verdict)
        return {"kept": True}

    @router.get("/healthz")
    async def alive() -> dict[str, bool]:
        """The process answers."""
        return {"ok": True}

    @router.get("/readyz", responses={200: {"model": ReadyShape}, **errors(500, 503)})
    def ready() -> dict[str, Any]:
        """The library can be read."""
        return _readiness(library, answerer)

    @router.get(
        "/metrics",
        response_class=Response,
        responses={200: {"content": {"text/plain": {"schema": {"type": "string"}}}}, **errors(500)},
    )
    def metrics() -> Response:
        """What was counted since the start, for Prometheus."""
        return Response(meters.text(), media_type="text/plain; version=0.0.4; charset=utf-8")

    return router


def _found(answerer: Answerer, words: str, filters: Filters, site: str | None) -> dict[str, Any]:
    library = answerer.library
    within = narrowed(filters, sites.get(library, site) if site else None)
    found = answerer.finder.find(words, within)
    return {
        "query": words,
        "confidence": round(found.confidence, 3),
        "passages": [passage_json(library, hit) for hit in found.ranked],
        "quotes": [picked.quote.as_json(n) for n, picked in enumerate(found.picked, start=1)],
        "timings_ms": {stage: round(ms, 1) for stage, ms in found.timings_ms.items()},
    }


def _checked(answerer: Answerer, draft: str) -> dict[str, Any]:
    note = None
    try:
        checked = list(checking.check_text(answerer.library, draft, "draft", lambda: answerer.claim_check))
    except CheckError as error:
        checked, note = [], error.what
    return {
        "passed": bool(checked) and all(each.passed for each in checked),
        "checked": [each.as_json() for each in checked],
        "note": note,
    }


def _readiness(library: Library, answerer: Answerer) -> dict[str, Any]:
    return {
        "ready": True,
        "episodes": len(library.entries()),
        "generation": library.generation,
        "model": answerer.model.name if answerer.model else None,
    }
