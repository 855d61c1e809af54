"""Who is let in to ask: limits by visitor and by site, a place to be answered at, and the day's budget."""

import asyncio
import datetime
from collections.abc import Callable
from contextlib import aclosing
from dataclasses import replace
from typing import TypeVar

from index import sites
from index.errors import UnknownEpisode
from index.lexical import Filters
from index.sites import Site
from rag.answer import Answer, Working
from rag.answering import Answerer, checked_question
from rag.conversation import History
from ui import budget
from ui.budget import OWN_PAGES, Allowance, Reservation
from ui.capacity import Capacity
from ui.limits import Rates
from ui.metrics import Events, Meters
from ui.settings import Settings

TOKENS_HELD = 6_000
"""Tokens reserved for an answer: eight passages, the conversation, and the longest that may be written."""

BUDGET_SPENT = "the language model's budget for today is spent"

_T = TypeVar("_T")


class Admission:
    """The door before the answerer, for the HTTP API and the chat alike.

    Attributes:
        answerer: whom it leads to.
        meters: where it counts.
        capacity: how much is answered at a time.
        rates: what visitors asked in the last minute.
    """

    def __init__(self, answerer: Answerer, settings: Settings) -> None:
        self.answerer = answerer
        self.meters = Meters()
        self.rates = Rates(settings.limits_url)
        self.capacity = Capacity(settings.answers_at_once, settings.answers_waiting)
        self._questions_per_minute = settings.questions_per_minute
        self._own = Allowance(settings.questions_per_day, settings.tokens_per_day)
        self._settling: set[asyncio.Task[None]] = set()

    async def ask(
        self,
        question: str,
        *,
        visitor: str,
        site: str | None = None,
        history: History = (),
        filters: Filters | None = None,
    ) -> Events:
        """The events of an answer, as `Answerer.ask` gives them; `waiting` is one where there is a line.

        Args:
            visitor: what limits count as one visitor.
            site: the name of the site that asks.

        Raises, before the first event:
            QuestionError: the question is empty or too long.
            UnknownSite, UnknownEpisode: the site, or an episode of its own, is not there.
            TooOften: a rate or the day's questions are spent.
            Overloaded: there is no place, and none in line.
        """
        question = checked_question(question)
        # The place comes first: whom there is none for is turned away at once, and nothing is counted.
        with self.meters.refusals(), self.capacity.place():
            asking = await asyncio.to_thread(sites.get, self.answerer.library, site) if site else None
            filters = narrowed(filters or Filters(), asking)
            await self.rates.spend("questions", visitor, self._questions_per_minute)
            if asking:
                await self.rates.spend("questions of the site", asking.name, asking.questions_per_minute)
            reserved = await asyncio.to_thread(self._reserve, asking)
            cost: int | None = 0
            try:
                if self.capacity.full:
                    yield Working("waiting")
                async with self.capacity.turn():
                    short = self.answerer.model is not None and not reserved.tokens
                    events = self.answerer.ask(
                        question,
                        history=history,
                        filters=filters,
                        quotes_only=BUDGET_SPENT if short else None,
                    )
                    # Somebody who leaves early leaves the cost unknown, once a model may have been asked.
                    cost = None if history else 0
                    async with aclosing(self.meters.counted(events)) as counted:
                        async for event in counted:
                            if isinstance(event, Answer):
                                cost = event.usage.total if event.usage else None
                            elif event == Working("writing"):
                                cost = None
                            yield event
            finally:
                self._settle(reserved, cost)

    async def run(self, work: Callable[[], _T]) -> _T:
        """The result of work that takes the machine, in a thread, when its turn has come.

        Raises:
            Overloaded: there is no place, and none in line.
        """
        with self.meters.refusals(), self.capacity.place():
            async with self.capacity.turn():
                return await asyncio.to_thread(work)

    async def aclose(self) -> None:
        """Settle what is open, and close the connections; the event loop that asked must still run."""
        await asyncio.gather(*self._settling)
        await self.rates.aclose()
        await self.answerer.aclose()

    def _reserve(self, site: Site | None) -> Reservation:
        allowed = Allowance(site.questions_per_day, site.tokens_per_day) if site else self._own
        return budget.reserve(
            self.answerer.library,
            site.name if site else OWN_PAGES,
            allowed,
            TOKENS_HELD if self.answerer.model else 0,
            datetime.datetime.now(datetime.UTC),
        )

    def _settle(self, reserved: Reservation, cost: int | None) -> None:
        """Put the cost on the record, where it is known; else what was held stays spent."""
        if cost is None or cost == reserved.tokens:
            return
        # Who leaves early is cancelled here, and so cannot wait for the record.
        settling = asyncio.create_task(
            asyncio.to_thread(budget.settle, self.answerer.library, reserved, cost)
        )
        self._settling.add(settling)
        settling.add_done_callback(self._settling.discard)


def narrowed(filters: Filters, site: Site | None) -> Filters:
    """The filters, within the episodes of a site.

    Raises:
        UnknownEpisode: none of the episodes asked for is the site's.
    """
    if site is None or not site.episodes:
        return filters
    episodes = tuple(name for name in filters.episodes or site.episodes if name in site.episodes)
    if not episodes:
        raise UnknownEpisode(f"the site {site.name!r} has none of these episodes", fix="leave the filter out")
    return replace(filters, episodes=episodes)
