"""The HTTP API: ask, search, episodes, check, feedback, and how the server is.

Server-sent events: HTML Living Standard, section 9.2.
"""

import datetime
import json
from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import JSONResponse, StreamingResponse
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from index import feedback
from index.errors import OnRecordError
from index.lexical import Filters
from index.library import Library
from rag.answer import Answer, Shown, Working
from rag.answering import LONGEST_QUESTION, Answerer
from ui import checking, error_pages
from ui.metrics import Events, Meters
from ui.shapes import entry_json, episode_json, passage_json

MOST_PAIRS = 4
LONGEST_ANSWER = 2_000
LONGEST_DRAFT = 40_000

Question = Annotated[str, StringConstraints(min_length=1, max_length=LONGEST_QUESTION)]
EarlierAnswer = Annotated[str, StringConstraints(max_length=LONGEST_ANSWER)]
Name = Annotated[str, StringConstraints(max_length=200)]


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Narrowing(_Body):
    """What a search is narrowed to."""

    speakers: list[Name] = Field(default=[], max_length=100)
    episodes: list[Name] = Field(default=[], max_length=1000)
    since: datetime.date | None = None
    until: datetime.date | None = None

    def filters(self) -> Filters:
        """The same, as a search takes it."""
        return Filters(tuple(self.speakers), tuple(self.episodes), self.since, self.until)


class AskBody(_Body):
    """A question, and the earlier (question, answer) pairs of its conversation, oldest first."""

    question: Question
    history: list[tuple[Question, EarlierAnswer]] = Field(default=[], max_length=MOST_PAIRS)
    filters: Narrowing = Narrowing()


class CheckBody(_Body):
    """A Markdown, HTML or text draft, or JSON Lines of quotes and claims."""

    draft: Annotated[str, StringConstraints(min_length=1, max_length=LONGEST_DRAFT)]


class FeedbackBody(_Body):
    """A reader's verdict on an answer, as `done` gave it."""

    question: Question
    verdict: Literal["like", "dislike"]
    answer: dict[str, Any] = {}


def api_routes(answerer: Answerer, meters: Meters) -> APIRouter:
    """`/api/…`, `/healthz`, `/readyz` and `/metrics`."""
    router = APIRouter()
    library = answerer.library

    @router.post("/api/ask", response_model=None)
    async def ask(body: AskBody, request: Request) -> Response:
        """Answer a question: as server-sent events, or at once where JSON is accepted."""
        asked = answerer.ask(body.question, history=body.history, filters=body.filters.filters())
        events = meters.counted(asked)
        if "application/json" in request.headers.get("accept", ""):
            async with aclosing(events):
                answers = [event.as_json() async for event in events if isinstance(event, Answer)]
            return JSONResponse(answers[-1])
        # The first event comes before the headers, so that a refused question is no stream.
        first = await anext(events)
        return StreamingResponse(
            _stream(first, events),
            media_type="text/event-stream",
            headers={"cache-control": "no-cache, no-transform", "x-accel-buffering": "no"},
        )

    @router.get("/api/search")
    def search(
        q: Annotated[str, Query(min_length=1, max_length=LONGEST_QUESTION)],
        speaker: Annotated[list[Name] | None, Query()] = None,
        episode: Annotated[list[Name] | None, Query()] = None,
        since: datetime.date | None = None,
        until: datetime.date | None = None,
    ) -> dict[str, Any]:
        """The best passages for some words, without an answer."""
        found = answerer.find(q, Filters(tuple(speaker or ()), tuple(episode or ()), since, until))
        return {
            "query": q,
            "confidence": round(found.confidence, 3),
            "passages": [passage_json(library, hit) for hit in found.ranked],
            "quotes": [picked.quote.as_json(n) for n, picked in enumerate(found.picked, start=1)],
            "timings_ms": {stage: round(ms, 1) for stage, ms in found.timings_ms.items()},
        }

    @router.get("/api/episodes")
    def episodes() -> dict[str, Any]:
        """Every episode, newest first."""
        return {"episodes": [entry_json(entry) for entry in library.entries()]}

    @router.get("/api/episodes/{name}")
    def episode(name: str) -> dict[str, Any]:
        """One episode with its turns; by id or file name."""
        return episode_json(library.episode(name))

    @router.post("/api/check")
    def check(body: CheckBody) -> dict[str, Any]:
        """Are the quotes in a draft on the record? Each as `onrecord check --json` prints it."""
        checked = list(checking.check_text(library, body.draft, "draft", lambda: answerer.claim_check))
        return {
            "passed": all(each.passed for each in checked),
            "checked": [each.as_json() for each in checked],
        }

    @router.post("/api/feedback", status_code=201)
    def keep_feedback(body: FeedbackBody) -> dict[str, bool]:
        """Keep a reader's verdict in the library."""
        feedback.keep(library, body.question, body.verdict, body.answer)
        meters.count_feedback(body.verdict)
        return {"kept": True}

    @router.get("/healthz")
    def alive() -> dict[str, bool]:
        """The process answers."""
        return {"ok": True}

    @router.get("/readyz")
    def ready() -> dict[str, Any]:
        """The library can be read."""
        return _readiness(library, answerer)

    @router.get("/metrics")
    def metrics() -> Response:
        """What was counted since the start."""
        return Response(meters.text(), media_type="text/plain; version=0.0.4; charset=utf-8")

    return router


def _readiness(library: Library, answerer: Answerer) -> dict[str, Any]:
    return {
        "ready": True,
        "episodes": len(library.entries()),
        "generation": library.generation,
        "model": answerer.model.name if answerer.model else None,
    }


async def _stream(first: Working | Shown | Answer, events: Events) -> AsyncIterator[str]:
    """The events as text; an error after the first is the last event."""
    try:
        async with aclosing(events):
            yield _event_text(first)
            async for event in events:
                yield _event_text(event)
    except OnRecordError as error:
        yield _text("error", error_pages.as_json(error.what, error.fix))
    except Exception:
        yield _text("error", error_pages.as_json(*error_pages.UNFORESEEN))
        raise


def _event_text(event: Working | Shown | Answer) -> str:
    match event:
        case Working(stage):
            return _text("status", {"stage": stage})
        case Shown(claim, numbers):
            cited = zip(numbers, claim.quotes, strict=True)
            return _text(
                "claim",
                {
                    "text": claim.text,
                    "quotes": list(numbers),
                    "sources": [quote.as_json(number) for number, quote in cited],
                },
            )
        case Answer():
            return _text("done", event.as_json())


def _text(name: str, data: dict[str, Any]) -> str:
    return f"event: {name}\ndata: {json.dumps(data, ensure_ascii=False)}\n\n"
