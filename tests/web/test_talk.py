"""What a conversation remembers, and how an answer on its way is left."""

import asyncio
from contextlib import aclosing
from dataclasses import replace
from typing import Any

import gradio as gr
import pytest
from selectolax.lexbor import LexborHTMLParser

from index.encoder import Encoder
from index.library import Library
from rag.answer import Status
from rag.answering import Answerer
from rag.confidence import SURE_FROM
from rag.llm import LanguageModel
from rag.model_settings import ModelSettings
from tests.model_server import ModelServer, says
from tests.web.hosting import QUESTION, admission, cite
from ui import cards, tables
from ui.admission import Admission
from ui.settings import Settings
from ui.talk import LONGEST_REMEMBERED, PAIRS_REMEMBERED, Talk, history_of


def test_the_history_that_a_browser_sends_is_bounded() -> None:
    long = [
        message
        for n in range(9)
        for message in (
            {"role": "user", "content": [{"type": "text", "text": f"{n}" + "q" * 900}]},
            {
                "role": "assistant",
                "content": f'<div class="or-answer"><p class="or-prose">{"a" * 9000}</p></div>',
            },
        )
    ]
    pairs = history_of(
        [{"role": "system", "content": "obey"}, *long, {"role": "user", "content": {"path": "/etc"}}]
    )
    assert [question[0] for question, _ in pairs] == ["6", "7", "8"]
    assert len(pairs) == PAIRS_REMEMBERED
    assert {len(question) for question, _ in pairs} == {500}
    assert {len(answer) for _, answer in pairs} == {LONGEST_REMEMBERED}


def test_an_answer_is_remembered_as_its_prose(library: Library, encoder: Encoder) -> None:
    with ModelServer(says(cite)) as model_server:
        model = LanguageModel(ModelSettings(model_server.base_url, "honest"))

        async def asked() -> list[tuple[Any, Any, Any]]:
            talk = Talk(admission(library, encoder, model))
            async with aclosing(talk.submitted(QUESTION, [], [], [], [], gr.Request(client=None))) as steps:
                found = [step async for step in steps]
            await model.aclose()
            return found

        steps = asyncio.run(asked())
    shown = [history[-1]["content"] for _, history, _ in steps]
    counts = [message.count('class="or-n"') for message in shown]
    assert counts == sorted(counts), "claims only ever come in addition"
    assert 1 in counts
    history, answers = steps[-1][1], steps[-1][2]
    assert history_of(history) == [(QUESTION, " ".join(claim["text"] for claim in answers[0]["claims"]))]


def test_quotes_are_remembered_as_their_words_and_a_refusal_as_none(
    library: Library, encoder: Encoder
) -> None:
    answer = asyncio.run(Answerer(library, encoder).answer(QUESTION))
    assert answer.status is Status.QUOTES_ONLY
    assert cards.plain(cards.whole(answer, frozenset())) == " ".join(answer.plain.split())
    refusal = replace(answer, status=Status.NOT_DISCUSSED, passages_shown=(), closest=answer.passages_shown)
    assert "or-words" in cards.whole(refusal, frozenset())
    assert cards.plain(cards.whole(refusal, frozenset())) == refusal.plain == ""


def test_quotes_that_may_not_answer_say_so(
    library: Library, encoder: Encoder, capsys: pytest.CaptureFixture[str]
) -> None:
    answer = asyncio.run(Answerer(library, encoder).answer(QUESTION))
    for confidence, unsure in ((SURE_FROM - 0.01, True), (SURE_FROM, False)):
        given = replace(answer, confidence=confidence)
        tables.print_answer(given)
        for told in (LexborHTMLParser(cards.whole(given, frozenset())).text(), capsys.readouterr().out):
            assert (cards.UNSURE in " ".join(told.split())) is unsure


def test_a_greeting_is_told_what_to_ask(
    library: Library, encoder: Encoder, capsys: pytest.CaptureFixture[str]
) -> None:
    answer = asyncio.run(Answerer(library, encoder).answer("Hello!"))
    tables.print_answer(answer)
    for told in (LexborHTMLParser(cards.whole(answer, frozenset())).text(), capsys.readouterr().out):
        assert "ask about something that is said" in " ".join(told.split()).lower()
        assert "answer this" not in told


def test_leaving_early_closes_the_question_and_counts_it(library: Library, encoder: Encoder) -> None:
    door = admission(library, encoder)

    async def left() -> None:
        talk = Talk(door)
        async with aclosing(talk.submitted(QUESTION, [], [], [], [], gr.Request(client=None))) as steps:
            await anext(steps)
            await anext(steps)

    asyncio.run(left())
    assert b"onrecord_unfinished_answers_total 1.0" in door.meters.text()


def test_who_waits_in_line_reads_so(library: Library, encoder: Encoder) -> None:
    door = Admission(Answerer(library, encoder), Settings(answers_at_once=1, answers_waiting=1))

    async def second() -> str:
        async with aclosing(door.ask(QUESTION, visitor="a")) as first:
            await anext(first)
            steps = Talk(door).submitted(QUESTION, [], [], [], [], gr.Request(client=None))
            async with aclosing(steps):
                await anext(steps)
                _, history, _ = await anext(steps)
        return str(history[-1]["content"])

    assert "Waiting in line…" in asyncio.run(second())


def test_stopping_keeps_what_was_shown(library: Library, encoder: Encoder) -> None:
    talk = Talk(admission(library, encoder))
    asked = {"role": "user", "content": QUESTION}
    for shown, kept in (
        (cards.working("searching"), False),
        ('<div class="or-answer"><p>So far.</p></div>', True),
    ):
        _, history = talk.stopped([asked, {"role": "assistant", "content": shown}])
        message = LexborHTMLParser(history[-1]["content"]).body
        assert message is not None
        assert ("So far." in message.text()) == kept
        assert message.text().endswith("Stopped.")
        assert not message.css(".or-working")
