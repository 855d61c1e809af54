"""The language model's client against every fault that a server can have."""

import asyncio
import gc
import json
import logging
import re
import subprocess
import sys
import time
import traceback
from collections.abc import Awaitable, Callable, Iterator
from contextlib import aclosing
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.errors import ModelServerError, SettingsError
from rag import faults, llm
from rag.breaker import Breaker
from rag.faults import (
    AnswerCutShort,
    ContextTooLong,
    ModelBusy,
    ModelIncomplete,
    ModelRejected,
    ModelResting,
    ModelTimeout,
    ModelUnreachable,
    ModelUnreadable,
    RequestRejected,
)
from rag.llm import LanguageModel
from rag.model_settings import ModelSettings
from rag.wire import Usage
from tests.model_server import (
    FAULTS,
    Behaviour,
    Exchange,
    ModelServer,
    chunk,
    echo,
    hangs,
    in_turn,
    refused_port,
    refuses,
    repeats,
    responds,
    says,
    streams,
)
from tests.tidy import tidily

KEY = "sk-1f0c5f2e9a7b4d63"
ASK = [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Ça va? 🎙️ fine"}]
QUICK = {"deadline_s": 1.0, "first_token_s": 0.4, "idle_s": 0.2}

# What each fault becomes: an error of exactly this class, or the whole answer.
EXPECTED: dict[str, type[ModelServerError] | str] = {
    "401": ModelRejected,
    "402": ModelRejected,
    "403": ModelRejected,
    "404": ModelRejected,
    "400": RequestRejected,
    "redirect": ModelRejected,
    "context too long": ContextTooLong,
    "429, fine after 1 s": "All is well.",
    "429, wait 120 s": ModelBusy,
    "429, wait until a date": ModelBusy,
    "429 always": ModelBusy,
    "429, no credit": ModelRejected,
    "500, then fine": "All is well.",
    "500 always": ModelBusy,
    "503 in HTML": ModelBusy,
    "hangs before headers": ModelTimeout,
    "hangs after headers": ModelTimeout,
    "hangs in mid-answer": ModelTimeout,
    "hangs up before headers": ModelUnreachable,
    "drips": ModelTimeout,
    "drips nothing": ModelTimeout,
    "cut without a finish reason": ModelIncomplete,
    "cut in a chunk": ModelIncomplete,
    "reset in mid-answer": ModelIncomplete,
    "reset before the first words": ModelUnreachable,
    "finish reason length": AnswerCutShort,
    "finish reason content_filter": AnswerCutShort,
    "bad JSON": ModelUnreadable,
    "deep JSON": ModelUnreadable,
    "no choices": ModelUnreadable,
    "choices of another kind": ModelUnreadable,
    "content is null": ModelUnreadable,
    "only white space": ModelUnreadable,
    "content is a number": ModelUnreadable,
    "half a surrogate pair": ModelUnreadable,
    "HTML": ModelUnreadable,
    "wrong content type": ModelUnreadable,
    "empty body": ModelUnreadable,
    "empty JSON": ModelUnreadable,
    "JSON of another kind": ModelUnreadable,
    "JSON with an error": ModelIncomplete,
    "compressed": ModelUnreadable,
    "error in mid-answer": ModelIncomplete,
    "error 429 in mid-answer": ModelBusy,
    "context too long, in the stream": ContextTooLong,
    "gigantic piece": ModelUnreadable,
    "endless line": ModelUnreadable,
    "endless": ModelUnreadable,
    "invalid UTF-8": ModelUnreadable,
    "no HTTP": ModelUnreachable,
}


def model_at(base_url: str, breaker: Breaker | None = None, **changed: float) -> LanguageModel:
    unhurried = ModelSettings(base_url, "test-model", KEY, deadline_s=8, first_token_s=6, idle_s=4)
    return LanguageModel(replace(unhurried, **changed), breaker=breaker)  # type: ignore[arg-type]


async def ask_once(base_url: str, **changed: float) -> str:
    model = model_at(base_url, None, **changed)
    try:
        return await tidily(model.complete(ASK, max_tokens=500))
    finally:
        await model.aclose()


@pytest.fixture(scope="module", autouse=True)
def quick_clients() -> Iterator[None]:
    """Short pauses, and one TLS context for all clients, since making one takes most of a test's time."""
    import httpcore2

    context = httpcore2.default_ssl_context()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(llm, "_RETRY_PAUSE_S", 0.05)
        patch.setattr(llm, "_TAIL_S", 0.2)
        patch.setattr(httpcore2, "default_ssl_context", lambda **_: context)
        yield


def test_every_fault_is_expected() -> None:
    assert EXPECTED.keys() == FAULTS.keys()


@pytest.mark.parametrize("name", FAULTS)
def test_each_fault_has_its_error_and_ends_in_time(name: str) -> None:
    expected = EXPECTED[name]
    limits = QUICK if expected is ModelTimeout else {}
    with ModelServer(FAULTS[name]) as server:
        started = time.monotonic()
        if isinstance(expected, str):
            assert asyncio.run(ask_once(server.base_url, **limits)) == expected
            assert len(server.requests) == 2
        else:
            with pytest.raises(expected) as caught:
                asyncio.run(ask_once(server.base_url, **limits))
            assert caught.type is expected
            assert_fit_to_show(caught.value)
        assert time.monotonic() - started < QUICK["deadline_s"] + 1


def test_no_silence_lasts_as_long_as_the_deadline() -> None:
    for fault, seconds in (("hangs before headers", "first_token_s"), ("hangs in mid-answer", "idle_s")):
        with ModelServer(FAULTS[fault]) as server:
            started = time.monotonic()
            with pytest.raises(ModelTimeout):
                asyncio.run(ask_once(server.base_url, **{seconds: 0.2}))
            assert time.monotonic() - started < 2


def assert_fit_to_show(error: ModelServerError) -> None:
    """One line, a plain word of why, and nothing of the key, also not in what came before the error."""
    assert error.what.startswith(
        ("the language model", "the question", "something other than a language model")
    )
    assert "\n" not in str(error)
    told = [str(error), repr(error), repr(vars(error)), *traceback.format_exception(error)]
    assert KEY not in "".join(told)
    assert error.__cause__ is None
    assert error.__context__ is None


def test_refused_port() -> None:
    with refused_port() as base_url, pytest.raises(ModelUnreachable) as caught:
        asyncio.run(ask_once(base_url))
    assert_fit_to_show(caught.value)


def test_tls_to_a_server_without_it() -> None:
    with ModelServer() as server, pytest.raises(ModelUnreachable) as caught:
        asyncio.run(ask_once(server.base_url.replace("http:", "https:")))
    assert_fit_to_show(caught.value)


# --- answers ---


@pytest.mark.parametrize("chunk_size", [1, 3, 1000])
def test_an_answer_comes_in_pieces_and_whole(chunk_size: int) -> None:
    text = "Zwölf Bücher — “très bien” 🎙️👩🏽‍🚀.\n\nYes."

    async def ask(model: LanguageModel) -> None:
        writing = model.stream(ASK)
        assert writing.usage is None
        pieces = [piece async for piece in writing]
        assert pieces == [text[n : n + chunk_size] for n in range(0, len(text), chunk_size)]
        assert writing.usage == Usage(6, len(text.split()))
        await model.aclose()

    with ModelServer(says(text, chunk_size=chunk_size)) as server:
        asyncio.run(ask(model_at(server.base_url)))
    assert server.headers[0]["authorization"] == f"Bearer {KEY}"
    assert server.requests[0]["model"] == "test-model"
    assert server.requests[0]["messages"] == ASK
    assert server.requests[0]["max_tokens"] == 700
    assert server.requests[0]["temperature"] == 0


def test_characters_split_between_network_packets() -> None:
    async def bytewise(exchange: Exchange) -> None:
        await exchange.begin("text/event-stream")
        for byte in b"data: %b\r\n\r\n" % json.dumps(chunk("🎙 é", "stop"), ensure_ascii=False).encode():
            await exchange.send(bytes([byte]))
        await exchange.end()

    with ModelServer(bytewise) as server:
        assert asyncio.run(ask_once(server.base_url)) == "🎙 é"


def test_complete_gives_one_short_whole_answer() -> None:
    async def ask(model: LanguageModel) -> str:
        try:
            return await model.complete(ASK, max_tokens=40)
        finally:
            await model.aclose()

    with ModelServer(echo) as server:
        assert asyncio.run(ask(model_at(server.base_url))) == ASK[-1]["content"]
        assert server.requests[0]["max_tokens"] == 40
        server.behaviour = FAULTS["finish reason length"]
        with pytest.raises(AnswerCutShort):
            asyncio.run(ask(model_at(server.base_url)))


def whole(content: object, finish: str | None = "stop") -> dict[str, object]:
    return {"choices": [{"message": {"role": "assistant", "content": content}, "finish_reason": finish}]}


GOOD: dict[str, Behaviour] = {
    "a server that does not stream": lambda exchange: exchange.json(whole("Fine.")),
    "reasoning beside the words": streams(
        chunk(choices=[{"delta": {"reasoning_content": "Hmm, what to say?", "content": None}}]),
        chunk(choices=[{"delta": {"reasoning": "Hmm", "content": ""}}]),
        chunk("Fine."),
        chunk(finish="stop"),
    ),
    "words and finish reason in one chunk": streams(chunk("Fine.", "stop"), "[DONE]"),
    "no [DONE], and the connection stays open": streams(chunk("Fine.", "stop"), then=hangs),
    "an error after the end": streams(chunk("Fine.", "stop"), {"error": "cannot count tokens"}),
    "words after the end": streams(chunk("Fine.", "stop"), chunk(" Not fine."), "[DONE]"),
    "comments and a named event": responds(
        "text/event-stream",
        b": ping\n\nevent: message\ndata: %b\n\n" % json.dumps(chunk("Fine.", "stop")).encode(),
    ),
}


@pytest.mark.parametrize("name", GOOD)
def test_odd_but_whole_answers(name: str) -> None:
    with ModelServer(GOOD[name]) as server:
        assert asyncio.run(ask_once(server.base_url)) == "Fine."


def test_a_whole_answer_that_was_cut_is_incomplete() -> None:
    with (
        ModelServer(lambda exchange: exchange.json(whole("It is", None))) as server,
        pytest.raises(ModelIncomplete),
    ):
        asyncio.run(ask_once(server.base_url))


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                "choices delta message content finish_reason error code usage prompt_tokens x".split()
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)
events = st.lists(
    json_values
    | st.builds(chunk, st.none() | st.text(max_size=5), st.sampled_from([None, None, "stop", "length"]))
    | st.sampled_from(["[DONE]", "{", "\ufeff{}", "data: data:"]),
    max_size=4,
)


@given(sent=events)
@settings(max_examples=100, deadline=None)
def test_whatever_is_sent_becomes_an_answer_or_an_error_of_ours(
    hostile: tuple[ModelServer, LanguageModel, asyncio.Runner], sent: list[object]
) -> None:
    server, model, runner = hostile
    server.behaviour = streams(*sent)
    try:
        answer = runner.run(model.complete(ASK, max_tokens=9))
    except ModelServerError as error:
        assert_fit_to_show(error)
    else:
        assert answer
        assert any("'finish_reason': 'stop'" in str(event) for event in sent)


@pytest.fixture(scope="module")
def hostile() -> Iterator[tuple[ModelServer, LanguageModel, asyncio.Runner]]:
    with ModelServer() as server, asyncio.Runner() as runner:
        model = model_at(server.base_url, breaker=Breaker(failures=10**9))
        yield server, model, runner
        runner.run(model.aclose())


# --- retries ---


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


async def breaks_off(model: LanguageModel) -> None:
    async with aclosing(model.stream(ASK)) as pieces:
        async for _ in pieces:
            break


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


# --- the breaker ---


def test_breaker_opens_probes_and_closes() -> None:
    now = 100.0
    breaker = Breaker(failures=5, probe_every_s=10, clock=lambda: now)
    for _ in range(4):
        breaker.failed()
    breaker.succeeded()
    for _ in range(5):
        assert breaker.admits()
        breaker.failed()
    assert not breaker.admits()
    now += 9.9
    assert not breaker.admits()
    now += 0.2
    assert [breaker.admits() for _ in range(3)] == [True, False, False]
    breaker.failed()
    assert not breaker.admits()
    now += 10
    assert [breaker.admits() for _ in range(3)] == [True, False, False]
    breaker.succeeded()
    assert [breaker.admits() for _ in range(3)] == [True, True, True]


def test_a_failing_server_is_left_in_peace_and_found_again() -> None:
    now = 0.0

    async def outcomes(model: LanguageModel, count: int) -> list[object]:
        asked = [model.complete(ASK, max_tokens=9) for _ in range(count)]
        return await asyncio.gather(*asked, return_exceptions=True)

    async def ask(model: LanguageModel) -> None:
        nonlocal now
        for _ in range(5):
            assert [type(one) for one in await outcomes(model, 1)] == [ModelUnreadable]
        resting = await outcomes(model, 3)
        assert [type(one) for one in resting] == [ModelResting] * 3
        assert "without a word" in str(resting[0])
        assert len(server.requests) == 5
        now += 10
        assert sorted(type(one).__name__ for one in await outcomes(model, 8)) == (
            ["ModelResting"] * 7 + ["ModelUnreadable"]
        )
        assert len(server.requests) == 6
        now += 10
        server.behaviour = echo
        assert [type(one) for one in await outcomes(model, 1)] == [str]
        assert [type(one) for one in await outcomes(model, 4)] == [str] * 4
        await model.aclose()

    with ModelServer(FAULTS["no choices"]) as server:
        asyncio.run(ask(model_at(server.base_url, breaker=Breaker(clock=lambda: now))))


@pytest.mark.parametrize(
    "fault", ["400", "context too long", "finish reason length", "finish reason content_filter"]
)
def test_a_question_that_cannot_be_answered_does_not_tire_the_server(fault: str) -> None:
    async def ask(model: LanguageModel) -> None:
        for _ in range(6):
            with pytest.raises((RequestRejected, ContextTooLong, AnswerCutShort)):
                await model.complete(ASK, max_tokens=9)
        await model.aclose()

    with ModelServer(FAULTS[fault]) as server:
        asyncio.run(ask(model_at(server.base_url)))


def test_an_answer_left_early_counts_for_the_server() -> None:
    async def ask(model: LanguageModel) -> None:
        for _ in range(2):
            server.behaviour = FAULTS["no choices"]
            for _ in range(4):
                with pytest.raises(ModelUnreadable):
                    await model.complete(ASK, max_tokens=9)
            server.behaviour = echo
            await breaks_off(model)
        await model.aclose()

    with ModelServer() as server:
        asyncio.run(ask(model_at(server.base_url)))


# --- the key ---


@pytest.mark.parametrize("status", [400, 401, 403, 404, 418, 429, 500])
def test_a_server_that_repeats_the_key_does_not_get_it_shown(
    status: int, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    with ModelServer(refuses(status, f"Incorrect API key {KEY}", code=KEY, x_request_id=KEY)) as server:
        with pytest.raises(ModelServerError) as caught:
            asyncio.run(ask_once(server.base_url))
        assert_fit_to_show(caught.value)
    assert KEY not in caplog.text
    assert server.headers[0]["authorization"] == f"Bearer {KEY}"


def test_the_key_is_not_in_any_repr() -> None:
    model = model_at("http://user:secret@127.0.0.1:9/v1")
    assert KEY not in repr(model) + repr(ModelSettings(None, "m", KEY))


def test_the_key_of_the_environment_is_not_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    async def ask(model: LanguageModel) -> None:
        await model.complete(ASK, max_tokens=9)
        await model.aclose()

    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    with ModelServer() as server:
        asyncio.run(ask(LanguageModel(ModelSettings(server.base_url, "m"))))
    assert KEY not in str(server.headers)


def test_the_servers_own_words_are_for_its_owner_alone() -> None:
    words = "\x1b[31mBrian said: \n‘nothing of the kind’" + "!" * 1000
    with ModelServer(refuses(400, words)) as server, pytest.raises(RequestRejected) as caught:
        asyncio.run(ask_once(server.base_url))
    assert "Brian" not in str(caught.value)
    said = caught.value.said or ""
    assert said.startswith("[31mBrian said: ‘nothing of the kind’!!")
    assert len(said) == 300


def test_a_question_that_cannot_be_encoded() -> None:
    async def ask(model: LanguageModel) -> None:
        with pytest.raises(RequestRejected, match="characters"):
            await model.complete([{"role": "user", "content": "\ud800"}], max_tokens=9)
        await model.aclose()

    with ModelServer() as server:
        asyncio.run(ask(model_at(server.base_url)))


@pytest.mark.parametrize(
    ("base_url", "key"),
    [
        ("localhost:8080/v1", ""),
        ("ftp://a/v1", ""),
        ("http://", ""),
        ("http://a/v1", f"{KEY}\n"),
        ("http://a/v1", "ké"),
    ],
)
def test_settings_that_cannot_work(base_url: str, key: str) -> None:
    with pytest.raises(SettingsError) as caught:
        ModelSettings(base_url, "m", key)
    assert key not in str(caught.value) or not key


def test_the_client_is_imported_only_when_it_is_used() -> None:
    code = "import sys, rag.llm; print(*{'openai', 'httpx2'} & sys.modules.keys())"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout == "\n"


def test_the_tree_in_the_docstring_is_the_tree_in_the_code() -> None:
    drawn = set(re.findall(r"[├└]── (\w+)", faults.__doc__ or ""))
    defined = {
        name
        for name, kind in vars(faults).items()
        if isinstance(kind, type) and issubclass(kind, ModelServerError)
    }
    assert drawn == defined - {"ModelServerError"}
