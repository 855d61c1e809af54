"""An OpenAI-compatible server on the loopback, that answers, lies or fails as a test wants.

    with ModelServer(says("It is raining. [1]")) as server:
        LanguageModel(ModelSettings(server.base_url, "any"))

A behaviour is an async function of one `Exchange`; it decides about every byte of the response. `says` makes
one of a text or of a function from messages to text (`echo` is one); `FAULTS` holds those of a broken server.
"""

import asyncio
import json
import socket
import struct
import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any, Self

Messages = list[dict[str, str]]


class Exchange:
    """One request, and the means to respond to it.

    Attributes:
        body: the request's JSON.
        number: how many requests the behaviour has had before.
    """

    def __init__(self, body: dict[str, Any], number: int, writer: asyncio.StreamWriter) -> None:
        self.body = body
        self.number = number
        self._writer = writer

    @property
    def messages(self) -> Messages:
        messages: Messages = self.body["messages"]
        return messages

    async def raw(self, data: bytes) -> None:
        """Bytes as they are, on the connection."""
        self._writer.write(data)
        await self._writer.drain()

    async def begin(self, content_type: str, status: int = 200, **headers: str) -> None:
        """The response's head; its body follows in chunks. An underscore in a header's name is a hyphen."""
        head = {"content-type": content_type, "transfer-encoding": "chunked", "connection": "close"} | {
            name.replace("_", "-"): value for name, value in headers.items()
        }
        lines = [f"HTTP/1.1 {status} Status", *(f"{name}: {value}" for name, value in head.items())]
        await self.raw("\r\n".join([*lines, "", ""]).encode())

    async def send(self, data: bytes) -> None:
        """A chunk of the body."""
        if data:
            await self.raw(b"%x\r\n%b\r\n" % (len(data), data))

    async def end(self) -> None:
        await self.raw(b"0\r\n\r\n")

    async def whole(self, content_type: str, body: bytes, status: int = 200, **headers: str) -> None:
        """A complete response."""
        await self.begin(content_type, status, **headers)
        await self.send(body)
        await self.end()

    async def json(self, value: object, status: int = 200, **headers: str) -> None:
        await self.whole("application/json", json.dumps(value).encode(), status, **headers)

    async def event(self, data: object) -> None:
        """One server-sent event: a string as it is, anything else as JSON."""
        text = data if isinstance(data, str) else json.dumps(data, ensure_ascii=False)
        await self.send(f"data: {text}\n\n".encode())

    def reset(self) -> None:
        """Break the connection as a crashed machine does."""
        connection = self._writer.get_extra_info("socket")
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._writer.transport.abort()


Behaviour = Callable[[Exchange], Awaitable[None]]


def chunk(text: str | None = None, finish: str | None = None, **more: object) -> dict[str, object]:
    """A piece of an answer, as the protocol writes it."""
    delta = {} if text is None else {"content": text}
    choices = [{"index": 0, "delta": delta, "finish_reason": finish}]
    return {
        "id": "c1",
        "object": "chat.completion.chunk",
        "created": 1,
        "model": "test",
        "choices": choices,
    } | more


def says(answer: str | Callable[[Messages], str], *, chunk_size: int = 7, pause_s: float = 0) -> Behaviour:
    """Answer well: a text, or what a function makes of the messages, `chunk_size` characters at a time."""

    async def behave(exchange: Exchange) -> None:
        text = answer if isinstance(answer, str) else answer(exchange.messages)
        words = sum(len(message["content"].split()) for message in exchange.messages)
        usage = {"prompt_tokens": words, "completion_tokens": len(text.split()), "total_tokens": 0}
        if not exchange.body.get("stream"):
            message = {"role": "assistant", "content": text}
            choices = [{"index": 0, "message": message, "finish_reason": "stop"}]
            await exchange.json({"id": "c1", "object": "chat.completion", "choices": choices, "usage": usage})
            return
        await exchange.begin("text/event-stream; charset=utf-8")
        role = chunk()
        role["choices"] = [
            {"index": 0, "delta": {"role": "assistant", "content": None}, "finish_reason": None}
        ]
        await exchange.event(role)
        for start in range(0, len(text), chunk_size):
            await exchange.event(chunk(text[start : start + chunk_size]))
            await asyncio.sleep(pause_s)
        await exchange.event(chunk(finish="stop"))
        if (exchange.body.get("stream_options") or {}).get("include_usage"):
            await exchange.event(chunk(choices=[], usage=usage))
        await exchange.event("[DONE]")
        await exchange.end()

    return behave


echo = says(lambda messages: messages[-1]["content"])
"""Answers with the last message."""


def in_turn(*behaviours: Behaviour) -> Behaviour:
    """One behaviour a request; the last one goes on."""
    return lambda exchange: behaviours[min(exchange.number, len(behaviours) - 1)](exchange)


def refuses(status: int, message: str = "no", *, code: str | None = None, **headers: str) -> Behaviour:
    """An error status with an error object."""

    async def behave(exchange: Exchange) -> None:
        error = {"message": message, "type": "error", "param": None, "code": code}
        await exchange.json({"error": error}, status=status, **headers)

    return behave


def responds(content_type: str, body: bytes, status: int = 200, **headers: str) -> Behaviour:
    """A body of any kind."""
    return lambda exchange: exchange.whole(content_type, body, status, **headers)


def streams(*events: object, then: Callable[[Exchange], Awaitable[None]] = Exchange.end) -> Behaviour:
    """Server-sent events, strings as they are, and then an end of any kind."""

    async def behave(exchange: Exchange) -> None:
        await exchange.begin("text/event-stream")
        for event in events:
            await exchange.event(event)
        await then(exchange)

    return behave


def repeats(text: str, *, pause_s: float = 0) -> Behaviour:
    """The same piece again and again, without an end."""

    async def forever(exchange: Exchange) -> None:
        while True:
            await exchange.event(chunk(text))
            await asyncio.sleep(pause_s)

    return streams(then=forever)


async def hangs(exchange: Exchange) -> None:
    """Say nothing until the client leaves."""
    await asyncio.Event().wait()


async def _resets(exchange: Exchange) -> None:
    await asyncio.sleep(0.05)
    exchange.reset()


async def _closes(exchange: Exchange) -> None:
    """End the connection in the middle of the body."""


async def _never_ends_a_line(exchange: Exchange) -> None:
    await exchange.send(b'data: {"choices": "')
    while True:
        await exchange.send(b"x" * 2**20)


_FINE = says("All is well.")
_TOO_LONG = "This model's maximum context length is 4096 tokens. However, you requested 5000 tokens."

FAULTS: dict[str, Behaviour] = {
    "401": refuses(401, "Incorrect API key provided", code="invalid_api_key"),
    "402": refuses(402, "Insufficient credits"),
    "403": refuses(403, "You may not use this model"),
    "404": refuses(404, "The model does not exist", code="model_not_found"),
    "400": refuses(400, "messages: at least one is needed"),
    "redirect": refuses(307, location="http://127.0.0.1:9/v1"),
    "context too long": refuses(400, _TOO_LONG, code="context_length_exceeded"),
    "429, fine after 1 s": in_turn(refuses(429, retry_after="1"), _FINE),
    "429, wait 120 s": in_turn(refuses(429, retry_after="120"), _FINE),
    "429, wait until a date": in_turn(refuses(429, retry_after="Fri, 01 Jan 2100 00:00:00 GMT"), _FINE),
    "429 always": refuses(429, retry_after="0"),
    "429, no credit": refuses(429, "You exceeded your quota", code="insufficient_quota"),
    "500, then fine": in_turn(refuses(500), _FINE),
    "500 always": refuses(500),
    "503 in HTML": responds("text/html", b"<h1>Bad gateway</h1>", 503),
    "hangs before headers": hangs,
    "hangs after headers": streams(then=hangs),
    "hangs in mid-answer": streams(chunk("It is "), then=hangs),
    "hangs up before headers": _closes,
    "drips": repeats("a", pause_s=0.1),
    "drips nothing": repeats("", pause_s=0.1),
    "cut without a finish reason": streams(chunk("It is ")),
    "cut in a chunk": streams(chunk("It is "), then=_closes),
    "reset in mid-answer": streams(chunk("It is "), then=_resets),
    "reset before the first words": streams(then=_resets),
    "finish reason length": streams(chunk("It is "), chunk(finish="length"), "[DONE]"),
    "finish reason content_filter": streams(chunk("It is "), chunk(finish="content_filter"), "[DONE]"),
    "bad JSON": streams(chunk("It is "), '{"choices": ['),
    "deep JSON": streams("[" * 200_000),
    "no choices": streams(chunk(choices=[]), "[DONE]"),
    "choices of another kind": streams(chunk(choices={"0": "It is"}), "[DONE]"),
    "content is null": streams(chunk(), chunk(), chunk(finish="stop"), "[DONE]"),
    "only white space": streams(chunk(" "), chunk("\n"), chunk(finish="stop"), "[DONE]"),
    "content is a number": streams(chunk(choices=[{"delta": {"content": 3}}]), "[DONE]"),
    "half a surrogate pair": streams('{"choices": [{"delta": {"content": "\\ud83d"}}]}'),
    "HTML": responds("text/html", b"<!doctype html><title>Welcome to nginx!</title>"),
    "wrong content type": responds("text/plain", b'data: {"choices": []}\n\n'),
    "empty body": responds("text/event-stream", b""),
    "empty JSON": responds("application/json", b""),
    "JSON of another kind": responds("application/json", b'[{"generated_text": "It is"}]'),
    "JSON with an error": responds("application/json", b'{"error": "model is loading"}'),
    "compressed": responds("text/event-stream", b"\x1f\x8b\x08", content_encoding="gzip"),
    "error in mid-answer": streams(chunk("It is "), {"error": {"message": "out of memory", "code": None}}),
    "error 429 in mid-answer": streams(chunk("It is "), {"error": {"message": "slow down", "code": 429}}),
    "context too long, in the stream": streams({"error": {"message": _TOO_LONG}}),
    "gigantic piece": streams(chunk("a" * 10 * 2**20), chunk(finish="stop"), "[DONE]"),
    "endless line": streams(then=_never_ends_a_line),
    "endless": repeats("and so on " * 50),
    "invalid UTF-8": responds(
        "text/event-stream", b'data: {"choices": [{"delta": {"content": "\xff\xfe"}}]}\n\n'
    ),
    "no HTTP": lambda exchange: exchange.raw(b"SSH-2.0-OpenSSH_9.2\r\n"),
}


class ModelServer:
    """A server on an ephemeral port, in a thread of its own, for the time of a `with` block.

    Attributes:
        requests: the bodies received, in order.
        headers: the headers received, in order, with names in lower case.
        left: set when a client went away before its response was complete.
    """

    def __init__(self, behaviour: Behaviour = echo) -> None:
        self._behaviour = behaviour
        self._requests_before = 0
        self.requests: list[dict[str, Any]] = []
        self.headers: list[dict[str, str]] = []
        self.left = threading.Event()
        self.port = 0
        self._listening = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()), daemon=True)

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self.port}/v1"

    @property
    def behaviour(self) -> Behaviour:
        """How it responds; may be set anew at any time."""
        return self._behaviour

    @behaviour.setter
    def behaviour(self, behaviour: Behaviour) -> None:
        self._behaviour, self._requests_before = behaviour, len(self.requests)

    def __enter__(self) -> Self:
        self._thread.start()
        assert self._listening.wait(10)
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._done.set)
        self._thread.join(10)

    async def _serve(self) -> None:
        self._loop, self._done = asyncio.get_running_loop(), asyncio.Event()
        self._open: set[asyncio.Task[None]] = set()
        server = await asyncio.start_server(self._converse, "127.0.0.1", 0, limit=2**24)
        self.port = server.sockets[0].getsockname()[1]
        self._listening.set()
        await self._done.wait()
        server.close()
        for task in self._open:
            task.cancel()
        await asyncio.gather(*self._open, return_exceptions=True)

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._open.add(task)
        try:
            # A client may hang up at any point, which is what many tests are about.
            with suppress(ConnectionError, asyncio.IncompleteReadError):
                if exchange := await self._exchange(reader, writer):
                    await self._respond(exchange, reader)
        finally:
            self._open.discard(task)
            writer.close()

    async def _exchange(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> Exchange | None:
        """Read a request; None where it is the greeting of TLS, which is not spoken here."""
        start = await reader.readexactly(1)
        if start == b"\x16":
            return None
        first, *lines = (start + await reader.readuntil(b"\r\n\r\n")).decode("latin-1").strip().split("\r\n")
        headers = {
            name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)
        }
        body = json.loads(await reader.readexactly(int(headers.get("content-length", 0))) or b"{}")
        assert first.split()[1] == "/v1/chat/completions", first
        self.requests.append(body)
        self.headers.append(headers)
        return Exchange(body, len(self.requests) - 1 - self._requests_before, writer)

    async def _respond(self, exchange: Exchange, reader: asyncio.StreamReader) -> None:
        """Behave, until done or until the client leaves."""
        behaving = asyncio.ensure_future(self._behaviour(exchange))
        leaving = asyncio.ensure_future(reader.read(1))
        try:
            await asyncio.wait({behaving, leaving}, return_when=asyncio.FIRST_COMPLETED)
            if not behaving.done() or isinstance(behaving.exception(), ConnectionError):
                self.left.set()
            elif error := behaving.exception():
                raise error
        finally:
            for task in (behaving, leaving):
                task.cancel()
            await asyncio.gather(behaving, leaving, return_exceptions=True)


@contextmanager
def refused_port() -> Iterator[str]:
    """A base URL at which nobody listens, kept free for the time of the `with` block."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{taken.getsockname()[1]}/v1"
