"""The one path from a question to a checked Answer."""

import asyncio
import contextvars
import functools
import time
from collections.abc import AsyncGenerator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Any, TypeVar

from index.encoder import Encoder
from index.errors import ModelServerError, QuestionError
from index.lexical import Filters
from index.library import Library
from index.pair_reader import ANSWERS, CARRIES, embedded_reader
from index.text import clean
from rag.answer import Answer, Claim, Dropped, Shown, Status, Working
from rag.confidence import answers_from
from rag.conversation import History, is_for_the_chat, joined, rewritten
from rag.faults import ContextTooLong
from rag.finding import Finder, Found
from rag.llm import LanguageModel
from rag.prompt import PASSAGES_SHOWN, Sheet, sheet_for
from rag.prose import NOT_DISCUSSED, Sentence, sentences
from rag.quotes import Quote
from rag.sentence_check import checked
from rag.support import ClaimCheck, Entailment
from rag.wire import NOTHING, Usage

LONGEST_QUESTION = 500
"""Characters in a question."""

ASK_THE_SHOW = "this chat answers from the transcripts: ask about something that is said in them"
"""What is said to whoever greets, or asks the chat about itself."""

_REWRITING_S = 6.0

_THREADS = 2
"""Questions that are searched for at once; more would only wait for each other, and for the interpreter's lock."""

Event = Working | Shown | Answer
_T = TypeVar("_T")


@dataclass(slots=True)
class _Draft:
    """What a model has written so far, checked."""

    claims: list[Claim] = field(default_factory=list)
    dropped: list[Dropped] = field(default_factory=list)
    says_not_discussed: bool = False
    note: str | None = None
    spent: list[Usage | None] = field(default_factory=list)


class Answerer:
    """A library, an encoder and perhaps a language model, ready for questions.

    Args:
        entailment: a model that a claim must pass beside the claim check's own rules and weights.
    """

    def __init__(
        self,
        library: Library,
        encoder: Encoder,
        model: LanguageModel | None = None,
        entailment: Entailment | None = None,
    ) -> None:
        self.library = library
        self.encoder = encoder
        self.model = model
        self.claim_check = ClaimCheck(entailment)
        # Now rather than with the first question, so that damage is told at once.
        for reader in (ANSWERS, CARRIES) if model else (ANSWERS,):
            embedded_reader(reader)
        self.finder = Finder(library, encoder)
        self._threads = ThreadPoolExecutor(_THREADS, "answering")

    async def ask(
        self,
        question: str,
        *,
        history: History = (),
        filters: Filters | None = None,
        quotes_only: str | None = None,
    ) -> AsyncGenerator[Event, None]:
        """Answer a question; the last event is the Answer. Closing the generator stops the model.

        Args:
            history: earlier (question, answer) pairs, oldest first.
            filters: what the search is narrowed to.
            quotes_only: a word of why the language model is not to be asked, if it is not.

        Raises:
            QuestionError: the question is empty or too long.
        """
        question = checked_question(question)
        if is_for_the_chat(question):
            yield Answer(question, question, Status.NOT_DISCUSSED, note=ASK_THE_SHOW)
            return
        yield Working("searching")
        model = None if quotes_only else self.model
        draft = _Draft(note=quotes_only)
        asked = time.monotonic()
        searched = await self._standing_alone(question, history, model, draft)
        spent_s = time.monotonic() - asked
        found = await self.search(question, searched, history, filters)
        if model is None or draft.note or found.confidence < answers_from():
            yield self._answer(question, found, draft)
            return
        yield Working("writing")
        started = time.perf_counter()
        numbers: dict[Quote, int] = {}
        async with aclosing(self._write(model, found, draft, spent_s)) as claims:
            async for claim in claims:
                for quote in claim.quotes:
                    numbers.setdefault(quote, len(numbers) + 1)
                yield Shown(claim, tuple(numbers[quote] for quote in claim.quotes))
        found.timings_ms["write"] = _ms_since(started)
        yield self._answer(question, found, draft)

    async def answer(self, question: str, *, history: History = (), filters: Filters | None = None) -> Answer:
        """The whole answer at once."""
        events = [event async for event in self.ask(question, history=history, filters=filters)]
        answers = [event for event in events if isinstance(event, Answer)]
        return answers[-1]

    async def search(self, question: str, searched: str, history: History, filters: Filters | None) -> Found:
        """What is found for a question that became `searched` because of what was said before it."""
        if searched == joined(question, history) != question:
            return await self._aside(self.finder.find_follow_up, question, searched, filters)
        return await self._aside(self.finder.find, searched, filters)

    async def aclose(self) -> None:
        """Close the language model's connections; the event loop that asked must still run."""
        if self.model is not None:
            await self.model.aclose()

    async def _aside(self, step: Callable[..., _T], *given: Any) -> _T:
        """What a step gives that computes, outside the event loop; its threads keep their connections."""
        run = functools.partial(contextvars.copy_context().run, step, *given)
        return await asyncio.get_running_loop().run_in_executor(self._threads, run)

    async def _standing_alone(
        self, question: str, history: History, model: LanguageModel | None, draft: _Draft
    ) -> str:
        """The question that stands alone; what it cost and what went wrong goes to the draft's account.

        A server that is silent now is not asked again for the same answer: its two silences would add up.
        """
        if model is None:
            return joined(question, history)
        try:
            async with asyncio.timeout(_REWRITING_S):
                searched, usage = await rewritten(question, history, model)
        except TimeoutError:
            draft.note = "the language model did not answer in time"
        except ModelServerError as error:
            draft.note = error.what
        else:
            draft.spent.append(usage)
            return searched
        return joined(question, history)

    async def _write(
        self, model: LanguageModel, found: Found, draft: _Draft, spent_s: float
    ) -> AsyncGenerator[Claim, None]:
        """The claims of a model's prose that hold, as it writes them; the rest goes to the draft's account."""
        try:
            async with aclosing(self._written(model, found, draft, spent_s)) as written:
                async for sheet, sentence in written:
                    if NOT_DISCUSSED.match(sentence.text):
                        draft.says_not_discussed = not draft.claims
                        return
                    outcome = await self._aside(
                        checked, sentence, sheet, self.claim_check, self.encoder.encode
                    )
                    if isinstance(outcome, Claim):
                        draft.claims.append(outcome)
                        yield outcome
                    else:
                        draft.dropped.append(outcome)
        except ModelServerError as error:
            draft.note = error.what

    async def _written(
        self, model: LanguageModel, found: Found, draft: _Draft, spent_s: float
    ) -> AsyncGenerator[tuple[Sheet, Sentence], None]:
        """The model's sentences, with the sheet that it read; with a third of it when it was too long."""
        shown = found.ranked[:PASSAGES_SHOWN]
        for most in (len(shown), max(1, len(shown) // 3)):
            sheet = await self._aside(
                sheet_for, self.library, found.searched, shown[:most], found.filters.speakers
            )
            writing = model.stream(sheet.messages, spent_s=spent_s)
            try:
                async with aclosing(writing), aclosing(sentences(writing)) as written:
                    async for sentence in written:
                        yield sheet, sentence
                return
            except ContextTooLong as error:
                too_long = error
            finally:
                draft.spent.append(writing.spent)
        raise too_long

    def _answer(self, question: str, found: Found, draft: _Draft) -> Answer:
        """The answer that the findings and a model's draft, which may be empty, amount to."""
        picked = tuple(each.quote for each in found.picked)
        claims, note = tuple(draft.claims), draft.note
        shown: tuple[Quote, ...] = ()
        closest: tuple[Quote, ...] = ()
        if found.confidence < answers_from() or not picked or draft.says_not_discussed:
            status, closest, note = Status.NOT_DISCUSSED, picked, None
        elif claims:
            status = Status.ANSWERED
        else:
            status, shown = Status.QUOTES_ONLY, picked
            if draft.dropped and not note:
                note = "the transcripts do not carry what the language model wrote"
        return Answer(
            question=question,
            searched=found.searched,
            status=status,
            claims=claims,
            passages_shown=shown,
            closest=closest,
            dropped=tuple(draft.dropped),
            note=note,
            model=self.model.name if self.model else None,
            usage=sum((usage for usage in draft.spent if usage), NOTHING)
            if None not in draft.spent
            else None,
            confidence=found.confidence,
            timings_ms=found.timings_ms,
        )


def checked_question(question: str) -> str:
    """The question without control characters, on one line.

    Raises:
        QuestionError: it is empty or longer than 500 characters.
    """
    question = " ".join(clean(question).split())
    if not any(character.isalnum() for character in question):
        raise QuestionError("the question has no words", fix="ask something about the episodes")
    if len(question) > LONGEST_QUESTION:
        raise QuestionError(
            f"the question has {len(question):,} characters, and {LONGEST_QUESTION} is the most",
            fix="ask it in a sentence or two",
        )
    return question


def _ms_since(started: float) -> float:
    return (time.perf_counter() - started) * 1e3
