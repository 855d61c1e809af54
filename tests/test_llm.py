"""The language model's client: an answer whole, or an error of ours for every fault that a server can have."""

import asyncio
import json
import re
import subprocess
import sys
import time
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.errors import ModelServerError
from rag import faults
from rag.breaker import Breaker
from rag.faults import (
    AnswerCutShort,
    ContextTooLong,
    ModelBusy,
    ModelIncomplete,
    ModelRejected,
    ModelTimeout,
    ModelUnreachable,
    ModelUnreadable,
    RequestRejected,
)
from rag.llm import LanguageModel
from rag.wire import Usage
from tests.model_client import ASK, KEY, QUICK, ask_once, assert_fit_to_show, model_at
from tests.model_server import (
    FAULTS,
    Behaviour,
    Exchange,
    ModelServer,
    chunk,
    echo,
    hangs,
    refused_port,
    responds,
    says,
    streams,
)

pytestmark = pytest.mark.usefixtures("quick_clients")

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


def test_refused_port() -> None:
    with refused_port() as base_url, pytest.raises(ModelUnreachable) as caught:
        asyncio.run(ask_once(base_url))
    assert_fit_to_show(caught.value)


def test_tls_to_a_server_without_it() -> None:
    with ModelServer() as server, pytest.raises(ModelUnreachable) as caught:
        asyncio.run(ask_once(server.base_url.replace("http:", "https:")))
    assert_fit_to_show(caught.value)


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
