"""A server that keeps failing is left in peace, and found again."""

import asyncio

import pytest

from rag.breaker import Breaker
from rag.faults import AnswerCutShort, ContextTooLong, ModelResting, ModelUnreadable, RequestRejected
from rag.llm import LanguageModel
from tests.model_client import ASK, breaks_off, model_at
from tests.model_server import FAULTS, ModelServer, echo

pytestmark = pytest.mark.usefixtures("quick_clients")


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
