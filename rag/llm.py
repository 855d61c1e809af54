"""The language model: any OpenAI-compatible server, its deadlines and its faults.

Deadlines are total and are kept out here, since the client's own timeouts are per read and start anew with
every byte and every retry. What can go wrong is in `rag.faults`.
"""

import asyncio
import re
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Mapping, Sequence
from contextlib import aclosing, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self, TypeVar
from urllib.parse import urlsplit

from index.errors import ModelServerError
from rag.breaker import Breaker
from rag.faults import (
    AnswerCutShort,
    ModelBusy,
    ModelIncomplete,
    ModelResting,
    ModelUnreachable,
    ModelUnreadable,
    RequestRejected,
    fault_of,
    is_the_servers,
)
from rag.model_settings import ModelSettings
from rag.wire import NOTHING, Usage, connect, events_of, usage_in, words_in

if TYPE_CHECKING:
    import openai

LONGEST_ANSWER = 20_000
"""Characters after which an answer is no answer any more."""

_OPENAI = "https://api.openai.com/v1"
_RETRY_PAUSE_S = 0.25
_LONGEST_PAUSE_S = 2.0
_TAIL_S = 1.0
_NOT_TAKEN = re.compile(
    r"support|not permitted|not allowed|unknown|unrecogni[sz]ed|unexpected|extra", re.IGNORECASE
)
_END = object()
_SLOWEST_PACE = 8.0
"""Characters a second, on the whole, below which an answer is given up; a reader reads thrice as fast."""
_HEAD_START_S = 1.5

_T = TypeVar("_T")


@dataclass(slots=True)
class _Meter:
    usage: Usage | None = None
    begun: bool = False


class Writing:
    """An answer while it is written: iterate over its pieces, then look at `usage`.

    It ends normally only when the server said that the answer is whole. Leaving it early, by `aclose()`, by
    cancelling the task or by dropping it, closes the connection, so that the server stops writing.
    """

    def __init__(self, pieces: AsyncGenerator[str, None], meter: _Meter) -> None:
        self._pieces = pieces
        self._meter = meter

    @property
    def usage(self) -> Usage | None:
        """The tokens read and written; None while the answer goes on, or where the server does not say."""
        return self._meter.usage

    @property
    def spent(self) -> Usage | None:
        """The same, and nothing where no word came; None where words came and the server does not say."""
        return self._meter.usage or (None if self._meter.begun else NOTHING)

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> str:
        return await anext(self._pieces)

    async def aclose(self) -> None:
        await self._pieces.aclose()


class LanguageModel:
    """A language model behind an OpenAI-compatible server.

    It keeps connections open, so one belongs to one event loop from its first question until `aclose`.

    Args:
        breaker: counts the server's failures; another one can be given for its clock.
    """

    def __init__(self, settings: ModelSettings, *, breaker: Breaker | None = None) -> None:
        self.name = settings.model
        self._settings = settings
        self._breaker = breaker or Breaker()
        self._last_failure = ""
        self._client: openai.AsyncOpenAI | None = None
        self._not_taken: set[str] = set()
        address = urlsplit(settings.base_url or _OPENAI)
        self._where = f"{settings.model} at {address.netloc.rpartition('@')[2]}"

    def stream(
        self, messages: Sequence[Mapping[str, str]], *, max_tokens: int | None = None, spent_s: float = 0.0
    ) -> Writing:
        """Ask, and hand on the words as they come.

        Iterating raises one of the kinds of ModelServerError that `rag.faults` lists.

        Args:
            messages: of the shape `{"role": "system" | "user" | "assistant", "content": "…"}`.
            max_tokens: another limit than the settings'.
            spent_s: seconds that somebody has waited for this model already; two waits don't add up.
        """
        meter = _Meter()
        most = max_tokens or self._settings.max_tokens
        return Writing(self._guarded(messages, most, meter, spent_s), meter)

    async def complete(self, messages: Sequence[Mapping[str, str]], *, max_tokens: int) -> str:
        """One short answer as a whole. Raises what `stream` raises."""
        async with aclosing(self.stream(messages, max_tokens=max_tokens)) as pieces:
            return "".join([piece async for piece in pieces])

    async def aclose(self) -> None:
        """Close the connections."""
        client, self._client = self._client, None
        if client is not None:
            await client.close()

    async def _guarded(
        self, messages: Sequence[Mapping[str, str]], max_tokens: int, meter: _Meter, spent_s: float
    ) -> AsyncGenerator[str, None]:
        """The pieces of an answer, unless the breaker is open; its outcome goes to the breaker."""
        if not self._breaker.admits():
            raise ModelResting(
                f"the language model rests after several failures in a row, the last: {self._last_failure}",
                where=self._where,
                fix="try again in a moment",
            )
        try:
            async with aclosing(self._pieces(messages, max_tokens, meter, spent_s)) as pieces:
                async for piece in pieces:
                    yield piece
        except ModelServerError as error:
            if is_the_servers(error):
                self._last_failure = error.what
                self._breaker.failed()
            else:
                self._breaker.succeeded()
            raise
        except GeneratorExit:
            self._breaker.succeeded()  # whoever leaves at a piece has been given one
            raise
        self._breaker.succeeded()

    async def _pieces(
        self, messages: Sequence[Mapping[str, str]], max_tokens: int, meter: _Meter, spent_s: float
    ) -> AsyncGenerator[str, None]:
        client = await self._connected()
        now = asyncio.get_running_loop().time
        end = now() + self._settings.deadline_s
        patience = max(self._settings.first_token_s - spent_s, self._settings.first_token_s / 4)
        first_by = min(end, now() + patience)
        stream = await self._opened(client, messages, max_tokens, first_by)
        events = events_of(stream.response)
        try:
            length, finish, by, began = 0, None, first_by, 0.0
            while finish is None:
                event = await self._timed(anext(events, _END), by, begun=length > 0)
                if event is _END:
                    break
                meter.usage = usage_in(event) or meter.usage
                text, finish = words_in(event, where=self._where, key=self._settings.api_key)
                if not length:
                    text = text.lstrip()
                if text:
                    meter.begun = True
                    began = began or now()
                    length += len(text)
                    if length > LONGEST_ANSWER:
                        raise ModelUnreadable("the language model's answer has no end", where=self._where)
                    yield text
                if length:
                    # A drip is no silence, and yet nobody can wait for its end.
                    dripping_by = max(first_by, began + length / _SLOWEST_PACE) + _HEAD_START_S
                    by = min(end, now() + self._settings.idle_s, dripping_by)
            if finish is not None:
                await self._read_tail(events, min(end, now() + _TAIL_S), meter)
        finally:
            await events.aclose()
            await stream.close()
        self._check_end(length, finish)

    async def _read_tail(self, events: AsyncIterator[object], by: float, meter: _Meter) -> None:
        """What comes after the last words: the token counts, on most servers."""
        # The answer is whole by now; a server that fails to report its tokens cannot spoil it.
        with suppress(ModelServerError):
            while (event := await self._timed(anext(events, _END), by, begun=True)) is not _END:
                meter.usage = usage_in(event) or meter.usage

    def _check_end(self, length: int, finish: str | None) -> None:
        if finish == "length":
            raise AnswerCutShort(
                "the language model's answer was cut off at its longest",
                where=self._where,
                fix="allow it more tokens",
            )
        if finish not in ("stop", None):
            raise AnswerCutShort("the language model's server held back the answer", where=self._where)
        if not length:
            raise ModelUnreadable("the language model answered without a word", where=self._where)
        if finish is None:
            raise ModelIncomplete(
                "the language model broke off in the middle of its answer", where=self._where
            )

    async def _opened(
        self,
        client: "openai.AsyncOpenAI",
        messages: Sequence[Mapping[str, str]],
        max_tokens: int,
        by: float,
    ) -> "openai.AsyncStream[Any]":
        """The response's stream, after at most one retry, and with the parameters that the server takes."""
        retried = False
        while True:
            options = self._options(max_tokens)
            ask: Any = client.chat.completions.create
            request = ask(model=self._settings.model, messages=messages, stream=True, **options)
            try:
                stream: openai.AsyncStream[Any] = await self._timed(request, by, begun=False)
                return stream
            except RequestRejected as error:
                said = error.said or ""
                refused = [name for name in options if re.search(rf"\b{name}\b", said)]
                if not refused or not _NOT_TAKEN.search(said):
                    raise
                self._not_taken.add(refused[0])
            except (ModelUnreachable, ModelBusy) as error:
                asked_for = error.retry_after_s if isinstance(error, ModelBusy) else None
                pause = _RETRY_PAUSE_S if asked_for is None else asked_for
                late = asyncio.get_running_loop().time() + pause >= by
                if retried or late or pause > _LONGEST_PAUSE_S:
                    raise
                retried = True
                await asyncio.sleep(pause)

    def _options(self, max_tokens: int) -> dict[str, object]:
        """The parameters that not every server takes, without those that this one has refused.

        Newer models of OpenAI want the limit under its other name and no temperature; some servers do not
        know how to report tokens.
        """
        options: dict[str, object] = {
            "max_tokens": max_tokens,
            "temperature": self._settings.temperature,
            "stream_options": {"include_usage": True},
        }
        if "max_tokens" in self._not_taken:
            options["max_completion_tokens"] = max_tokens
        return {name: value for name, value in options.items() if name not in self._not_taken}

    async def _timed(self, step: Awaitable[_T], by: float, *, begun: bool) -> _T:
        """Wait for one step until `by` on the loop's clock; whatever goes wrong becomes one of our errors."""
        import httpx2
        import openai

        try:
            async with asyncio.timeout_at(by):
                return await step
        except (TimeoutError, ValueError, RecursionError, openai.OpenAIError, httpx2.HTTPError) as error:
            fault = fault_of(error, where=self._where, key=self._settings.api_key, begun=begun)
        raise fault  # out here it has no context: the client's errors hold the server's words, and so the key

    async def _connected(self) -> "openai.AsyncOpenAI":
        if self._client is None:
            # Importing the client takes a second, in which the event loop has other things to do.
            client = await asyncio.to_thread(
                connect,
                self._settings.base_url or _OPENAI,
                self._settings.api_key,
                timeout_s=self._settings.deadline_s,
                connect_s=self._settings.first_token_s,
            )
            if self._client is None:
                self._client = client
        return self._client
