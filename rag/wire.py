"""What goes over the wire to a language model's server and back, with nothing taken on trust.

The openai client bounds neither a line nor an event, follows redirects, does not check the shape of what it
parses, and leaves the generators that read a stream to the garbage collector, which may come by in another
thread. All four are seen to here, which is why events are read from the response and not from its stream.
"""

import json
import re
from collections.abc import AsyncGenerator, AsyncIterable, AsyncIterator, Mapping
from contextlib import aclosing, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rag.faults import ModelUnreadable, reported_fault

if TYPE_CHECKING:
    import httpx2
    import openai

LARGEST_BODY = 16 * 2**20
"""Bytes of one response, with all that surrounds the words."""

_MOST_TOKENS = 10**9

_GARBLED = "the language model's server sent something unreadable"


@dataclass(frozen=True, slots=True)
class Usage:
    """How many tokens the server says that it read and wrote."""

    prompt_tokens: int = 0
    completion_tokens: int = 0

    @property
    def total(self) -> int:
        return self.prompt_tokens + self.completion_tokens

    def __add__(self, other: "Usage") -> "Usage":
        return Usage(
            self.prompt_tokens + other.prompt_tokens, self.completion_tokens + other.completion_tokens
        )


NOTHING = Usage()


def connect(base_url: str, api_key: str, *, timeout_s: float, connect_s: float) -> "openai.AsyncOpenAI":
    """A client of the server. Its timeouts are per read; total ones are the caller's."""
    import httpx2
    import openai

    return openai.AsyncOpenAI(
        base_url=base_url,
        api_key=api_key or "none",
        max_retries=0,
        # A compressed response could be small on the wire and unbounded here.
        default_headers={"Accept-Encoding": "identity"},
        http_client=httpx2.AsyncClient(
            timeout=httpx2.Timeout(timeout_s, connect=connect_s),
            # The question goes to the server that was named, and to none that it names.
            follow_redirects=False,
            event_hooks={"response": [_bound]},
        ),
    )


async def events_of(response: "httpx2.Response") -> AsyncGenerator[object, None]:
    """What the server sends, parsed, event by event; from one that does not stream, its whole answer.

    Closing the generator closes the connection.

    Raises:
        ModelUnreadable: a response of another kind.
        ValueError, RecursionError, httpx2.HTTPError: from the parsers and the client.
    """
    media_type = response.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type == "application/json":
        yield json.loads(await response.aread())
    elif media_type == "text/event-stream":
        async with aclosing(response.aiter_raw()) as parts, aclosing(_data_in(parts)) as events:
            async for data in events:
                if data.startswith("[DONE]"):
                    break
                yield json.loads(data)
    else:
        raise ModelUnreadable("something other than a language model answered", where=response.url.host)


async def _data_in(parts: AsyncIterable[bytes]) -> AsyncGenerator[str, None]:
    """The data of each server-sent event in a response's bytes, an unfinished last one included."""
    data: list[str] = []
    async with aclosing(_lines_in(parts)) as lines:
        async for line in lines:
            name, _, value = line.partition(":")
            if name == "data":
                data.append(value.removeprefix(" "))
            elif not line and data:
                yield "\n".join(data)
                data = []
    if data:
        yield "\n".join(data)


async def _lines_in(parts: AsyncIterable[bytes]) -> AsyncGenerator[str, None]:
    """The lines in a response's bytes, wherever those are cut; they end in LF or CRLF."""
    rest = bytearray()
    async for part in parts:
        rest += part
        if b"\n" in part:
            *lines, rest = rest.split(b"\n")
            for line in lines:
                yield line.removesuffix(b"\r").decode()
    if rest:
        yield rest.decode()


def words_in(event: object, *, where: str, key: str) -> tuple[str, str | None]:
    """The words in a chunk or in a whole answer, perhaps none, and the reason why it is the last one.

    Raises:
        ModelServerError: the event reports an error, or is not what the protocol says.
    """
    if (reported := _field(event, "error")) is not None:
        raise reported_fault(reported, where=where, key=key)
    choices = _field(event, "choices")
    if not isinstance(choices, list):
        raise ModelUnreadable(_GARBLED, where=where)
    if not choices:
        return "", None
    part = _field(choices[0], "delta") or _field(choices[0], "message")
    text, finish = _field(part, "content"), _field(choices[0], "finish_reason")
    if not isinstance(text, str | None) or not isinstance(finish, str | None):
        raise ModelUnreadable(_GARBLED, where=where)
    if text and re.search("[\ud800-\udfff]", text):
        raise ModelUnreadable("the language model's answer holds broken characters", where=where)
    return text or "", finish


def usage_in(event: object) -> Usage | None:
    """The tokens that a chunk or a whole answer reports, if it does."""
    usage = _field(event, "usage")
    read, written = _field(usage, "prompt_tokens"), _field(usage, "completion_tokens")
    counts = [count for count in (read, written) if isinstance(count, int) and 0 <= count <= _MOST_TOKENS]
    return Usage(*counts) if len(counts) == 2 else None


def _field(thing: object, name: str) -> object:
    """A field of parsed JSON, or of the client's classes, which do not check what they are made of."""
    return thing.get(name) if isinstance(thing, Mapping) else getattr(thing, name, None)


async def _bound(response: "httpx2.Response") -> None:
    """Keep a response within the largest body: what is read from it raises ModelUnreadable beyond that."""
    import httpx2

    where = response.url.host
    assert isinstance(response.stream, httpx2.AsyncByteStream)
    inner: httpx2.AsyncByteStream = response.stream
    if response.headers.get("content-encoding", "identity") != "identity":
        raise ModelUnreadable("the language model's server compresses what it was asked not to", where=where)

    class Bounded(httpx2.AsyncByteStream):
        async def __aiter__(self) -> AsyncIterator[bytes]:
            size = 0
            parts = aiter(inner)
            try:
                async for part in parts:
                    size += len(part)
                    if size > LARGEST_BODY:
                        raise ModelUnreadable("the language model's answer has no end", where=where)
                    yield part
            finally:
                # From a closed connection reading on fails at once, through every generator down to it.
                await inner.aclose()
                with suppress(httpx2.HTTPError):
                    async for _ in parts:
                        pass

        async def aclose(self) -> None:
            await inner.aclose()

    response.stream = Bounded()
