"""The chat window's conversation: what happens when somebody asks, retries, edits, stops, or judges."""

import asyncio
import html
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from typing import Any

import gradio as gr

from index import feedback
from index.errors import OnRecordError
from index.lexical import Filters
from rag.answer import Answer, Shown, Working
from rag.answering import LONGEST_QUESTION
from ui import cards, error_pages
from ui.addresses import network_of
from ui.admission import Admission
from ui.show import playable_ids

PAIRS_REMEMBERED = 3
LONGEST_REMEMBERED = 1_500

Message = dict[str, Any]
Names = list[str] | None
Answers = list[dict[str, Any] | None]
"""What `ask --json` would print, for each answer of a conversation; None where it was stopped."""

Steps = AsyncGenerator[tuple[Any, Any, Any], None]
"""Updates of the text box, the conversation, and the answers in it."""


class Talk:
    """The events of the chat window. It keeps no conversation: each comes along from its browser."""

    def __init__(self, admission: Admission) -> None:
        self._admission = admission
        self._library = admission.answerer.library
        self._meters = admission.meters

    async def submitted(
        self,
        text: str,
        history: list[Message],
        speakers: Names,
        episodes: Names,
        answers: Answers,
        request: gr.Request,
    ) -> Steps:
        """Somebody asks."""
        if text.strip():
            asked = [*history, _said(cards.as_typed(text), "user")]
            async with aclosing(self._reply(asked, speakers, episodes, answers, request)) as steps:
                async for step in steps:
                    yield step

    async def started(
        self,
        history: list[Message],
        speakers: Names,
        episodes: Names,
        answers: Answers,
        event: gr.SelectData,
        request: gr.Request,
    ) -> Steps:
        """Somebody takes one of the questions to start with."""
        text = str(event.value["text"])
        async with aclosing(self.submitted(text, history, speakers, episodes, answers, request)) as steps:
            async for step in steps:
                yield step

    async def retried(
        self,
        history: list[Message],
        speakers: Names,
        episodes: Names,
        answers: Answers,
        event: gr.RetryData,
        request: gr.Request,
    ) -> Steps:
        """Somebody wants another answer to the same question."""
        asked = history[: _place(event.index) + 1]
        async with aclosing(self._reply(asked, speakers, episodes, answers, request)) as steps:
            async for step in steps:
                yield step

    async def edited(
        self,
        history: list[Message],
        speakers: Names,
        episodes: Names,
        answers: Answers,
        event: gr.EditData,
        request: gr.Request,
    ) -> Steps:
        """Somebody puts an earlier question differently; what came after it goes."""
        text, kept = html.unescape(str(event.value)), history[: _place(event.index)]
        async with aclosing(self.submitted(text, kept, speakers, episodes, answers, request)) as steps:
            async for step in steps:
                yield step

    def stopped(self, history: list[Message]) -> tuple[Any, list[Message]]:
        """Somebody has seen enough; what was shown stays."""
        if history and history[-1]["role"] == "assistant":
            history = [*history[:-1], _said(cards.stopped(text_of(history[-1])))]
        return _idle(), history

    def judged(self, history: list[Message], answers: Answers, event: gr.LikeData) -> None:
        """Somebody likes an answer or does not: kept in the library."""
        until = _place(event.index)
        questions = [text_of(message) for message in history[:until] if message["role"] == "user"]
        if not isinstance(event.liked, bool) or not questions or until >= len(history):
            return
        place = _answers_in(history[:until])
        answer = answers[place] if place < len(answers) else None
        verdict: feedback.Verdict = "like" if event.liked else "dislike"
        shown = {"text": cards.plain(text_of(history[until]))[:LONGEST_REMEMBERED]}
        feedback.keep(self._library, questions[-1][:LONGEST_QUESTION], verdict, answer or shown)
        self._meters.count_feedback(verdict)

    async def _reply(
        self,
        history: list[Message],
        speakers: Names,
        episodes: Names,
        answers: Answers,
        request: gr.Request,
    ) -> Steps:
        """Answer the last message of `history`, claim by claim."""
        place = _answers_in(history)
        playable = await asyncio.to_thread(playable_ids, self._library)
        events = self._admission.ask(
            text_of(history[-1]),
            visitor=network_of(request.client.host if request.client else ""),
            history=history_of(history[:-1]),
            filters=Filters(tuple(speakers or ()), tuple(episodes or ())),
        )
        shown: list[Shown] = []
        yield _busy(), [*history, _said(cards.working("searching"))], gr.skip()
        try:
            async with aclosing(events):
                async for event in events:
                    match event:
                        case Working(stage):
                            yield gr.skip(), [*history, _said(cards.working(stage))], gr.skip()
                        case Shown():
                            shown.append(event)
                            yield gr.skip(), [*history, _said(cards.partial(shown, playable))], gr.skip()
                        case Answer():
                            earlier = [*answers, *[None] * place][:place]
                            whole = _said(cards.whole(event, playable))
                            yield _idle(), [*history, whole], [*earlier, event.as_json()]
        except OnRecordError as error:
            yield _idle(), [*history, _said(cards.failed(error.what, error.fix))], gr.skip()
        except Exception:
            yield _idle(), [*history, _said(cards.failed(*error_pages.UNFORESEEN))], gr.skip()
            raise


def history_of(messages: Sequence[Mapping[str, Any]]) -> list[tuple[str, str]]:
    """The last few (question, plain answer) pairs of a conversation, bounded: a browser sent it."""
    pairs: list[tuple[str, str]] = []
    question: str | None = None
    for message in messages:
        if message.get("role") == "user":
            question = text_of(message)
        elif question is not None:
            pairs.append((question[:LONGEST_QUESTION], text_of(message)))
            question = None
    return [
        (question, cards.plain(answer)[:LONGEST_REMEMBERED]) for question, answer in pairs[-PAIRS_REMEMBERED:]
    ]


def text_of(message: Mapping[str, Any]) -> str:
    """The text of a message in any of the shapes in which Gradio hands it over."""
    content = message.get("content")
    parts = content if isinstance(content, list) else [content]
    texts = [part.get("text") if isinstance(part, Mapping) else part for part in parts]
    text = "\n".join(text for text in texts if isinstance(text, str))
    return html.unescape(text) if message.get("role") == "user" else text


def _answers_in(messages: Sequence[Mapping[str, Any]]) -> int:
    return sum(message["role"] == "assistant" for message in messages)


def _said(text: str, role: str = "assistant") -> Message:
    return {"role": role, "content": text}


def _busy() -> Any:
    return gr.Textbox(value="", submit_btn=False, stop_btn="Stop")


def _idle() -> Any:
    return gr.Textbox(submit_btn="Ask", stop_btn=False)


def _place(index: int | Sequence[int]) -> int:
    return index if isinstance(index, int) else index[0]
