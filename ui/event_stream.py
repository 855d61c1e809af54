"""An answer in the making as server-sent events, and readers who leave before its end.

Server-sent events: HTML Living Standard, section 9.2.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Coroutine
from contextlib import aclosing
from typing import Any, TypeVar

from fastapi import Request
from fastapi.responses import StreamingResponse

from index.errors import OnRecordError
from rag.answer import Answer, Shown, Working
from ui import error_pages
from ui.metrics import Events

_T = TypeVar("_T")


async def streamed(events: Events) -> StreamingResponse:
    """The events `status`, `claim`, `done` and `error`. Closing the connection closes them.

    Raises:
        OnRecordError: the first event cannot be had; what goes wrong later is an event `error`.
    """
    # The first event comes before the headers, so that a refused question is no stream.
    first = await anext(events)
    return StreamingResponse(
        _stream(first, events),
        media_type="text/event-stream",
        headers={"cache-control": "no-cache, no-transform", "x-accel-buffering": "no"},
    )


async def whole(events: Events) -> Answer:
    """The answer that comes last."""
    async with aclosing(events):
        answers = [event async for event in events if isinstance(event, Answer)]
    return answers[-1]


async def unless_left(request: Request, work: Coroutine[Any, Any, _T]) -> _T | None:
    """The result of some work; it is given up, and None, when the client closes the connection."""
    working, leaving = asyncio.ensure_future(work), asyncio.ensure_future(_left(request))
    try:
        await asyncio.wait({working, leaving}, return_when=asyncio.FIRST_COMPLETED)
        return working.result() if working.done() else None
    finally:
        for task in (working, leaving):
            task.cancel()
        await asyncio.gather(working, leaving, return_exceptions=True)


async def _left(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass


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
