"""How often a server is asked, and that it notices when nobody listens any more."""

import asyncio
import gc
import time
from collections.abc import Awaitable, Callable

import pytest

from index.errors import ModelServerError
from rag.faults import ModelBusy, ModelTimeout
from rag.llm import LanguageModel
from tests.model_client import ASK, ask_once, breaks_off, model_at
from tests.model_server import FAULTS, Exchange, ModelServer, echo, hangs, in_turn, refuses, repeats, says
from tests.tidy import tidily

pytestmark = pytest.mark.usefixtures("quick_clients")


def test_no_retry_once_words_are_out() -> None:
    for fault in ("cut in a chunk", "reset in mid-answer", "error 429 in mid-answer"):
        with ModelServer(in_turn(FAULTS[fault], echo)) as server:
            with pytest.raises(ModelServerError):
                asyncio.run(ask_once(server.base_url))
            assert len(server.requests) == 1


@pytest.mark.parametrize(
    ("fault", "requests"),
    [
        ("401", 1),
        ("400", 1),
        ("context too long", 1),
        ("429, wait 120 s", 1),
        ("429 always", 2),
        ("500 always", 2),
        ("hangs up before headers", 2),
        ("reset before the first words", 1),
    ],
)
def test_how_often_a_failing_server_is_asked(fault: str, requests: int) -> None:
    with ModelServer(FAULTS[fault]) as server:
        with pytest.raises(ModelServerError):
            asyncio.run(ask_once(server.base_url))
        assert len(server.requests) == requests


def test_the_retry_is_inside_the_deadline() -> None:
    with ModelServer(in_turn(FAULTS["500 always"], hangs)) as server:
        started = time.monotonic()
        with pytest.raises(ModelTimeout):
            asyncio.run(ask_once(server.base_url, first_token_s=0.5))
        assert time.monotonic() - started < 1.5
        assert len(server.requests) == 2


@pytest.mark.parametrize(("retry_after", "first_token_s"), [("3", 6.0), ("1", 0.9)])
def test_a_wait_that_is_long_or_ends_too_late_is_not_begun(retry_after: str, first_token_s: float) -> None:
    with ModelServer(in_turn(refuses(429, retry_after=retry_after), echo)) as server:
        started = time.monotonic()
        with pytest.raises(ModelBusy):
            asyncio.run(ask_once(server.base_url, first_token_s=first_token_s))
        assert time.monotonic() - started < 0.8


def test_a_busy_error_says_how_long_to_wait() -> None:
    with ModelServer(FAULTS["429, wait 120 s"]) as server, pytest.raises(ModelBusy) as caught:
        asyncio.run(ask_once(server.base_url))
    assert caught.value.retry_after_s == 120


def test_parameters_that_a_server_does_not_take_are_left_out_from_then_on() -> None:
    messages = {
        "max_tokens": "Unsupported parameter: 'max_tokens'. Use 'max_completion_tokens' instead.",
        "temperature": "Unsupported value: 'temperature' does not support 0 with this model.",
        "stream_options": "Extra inputs are not permitted: stream_options",
    }

    async def picky(exchange: Exchange) -> None:
        for name, message in messages.items():
            if name in exchange.body:
                await refuses(400, message)(exchange)
                return
        await echo(exchange)

    async def ask(model: LanguageModel) -> None:
        for _ in range(2):
            assert await model.complete(ASK, max_tokens=9) == ASK[-1]["content"]
        await model.aclose()

    with ModelServer(picky) as server:
        asyncio.run(ask(model_at(server.base_url)))
    assert len(server.requests) == 5
    assert server.requests[-1]["max_completion_tokens"] == 9


# --- leaving early ---


async def drops(model: LanguageModel) -> None:
    pieces = model.stream(ASK)
    await anext(pieces)
    del pieces
    gc.collect()
    await asyncio.sleep(0.05)


async def is_cancelled(model: LanguageModel) -> None:
    async def read() -> None:
        async for _ in model.stream(ASK):
            pass

    reading = asyncio.create_task(read())
    await asyncio.sleep(0.15)
    reading.cancel()
    with pytest.raises(asyncio.CancelledError):
        await reading


async def is_out_of_time(model: LanguageModel) -> None:
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(model.complete(ASK, max_tokens=9), 0.15)


@pytest.mark.parametrize("leave", [breaks_off, drops, is_cancelled, is_out_of_time])
def test_a_server_that_nobody_listens_to_any_more_notices(
    leave: Callable[[LanguageModel], Awaitable[None]],
) -> None:
    async def ask(model: LanguageModel) -> None:
        await (leave(model) if leave is drops else tidily(leave(model)))
        # The connections are closed only after this: it must be the response that was closed.
        assert await asyncio.to_thread(server.left.wait, 2)
        await model.aclose()

    with ModelServer(repeats("word ", pause_s=0.02)) as server:
        asyncio.run(ask(model_at(server.base_url)))


def test_cancelling_before_the_headers_closes_the_connection() -> None:
    async def ask(model: LanguageModel) -> None:
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(model.complete(ASK, max_tokens=9), 0.2)
        assert await asyncio.to_thread(server.left.wait, 2)
        await model.aclose()

    with ModelServer(hangs) as server:
        asyncio.run(ask(model_at(server.base_url)))


def test_a_slow_reader_is_not_interrupted() -> None:
    async def ask(model: LanguageModel) -> str:
        text = ""
        async for piece in model.stream(ASK):
            await asyncio.sleep(0.02)
            text += piece
        await model.aclose()
        return text

    with ModelServer(says("one two three four", chunk_size=1)) as server:
        assert (
            asyncio.run(ask(model_at(server.base_url, first_token_s=0.3, idle_s=0.1))) == "one two three four"
        )
