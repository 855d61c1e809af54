"""A hostile transcript, and the application over it, without a browser."""

import asyncio
import json
import re
from typing import Any

from fastapi import FastAPI

from index.encoder import Encoder
from index.library import Library
from index.transcript import Turn
from rag.answering import Answerer
from rag.llm import LanguageModel
from ui import server
from ui.admission import Admission
from ui.settings import Settings

ATTACK = (
    "<script>alert(1)</script> <img src=https://evil.example/x.png onerror=alert(1)> "
    "[click](javascript:alert(1)) ![seen](https://evil.example/y.png) https://evil.example/ "
    '**bold** `code` # head $x^2$ & &lt; "quoted" it\'s </mark></p></div>'
)
TURNS = (
    Turn(
        "Ada Brook",
        "The kettle was invented by a beaver called Morris. He sold it for nine acorns.",
        ((0, 3.0),),
    ),
    Turn(
        None,
        f"Nobody believed the beaver. {ATTACK} The kettle still boils every morning at seven.",
        ((0, 75.5), (28, 80.0)),
    ),
    Turn("Bo <b>Finch</b>", "I drank tea from that kettle in 1987 🫖 and it tasted of river. Lovely tea."),
)
QUESTION = "Who invented the kettle?"
JSON = {"accept": "application/json"}


def cite(messages: list[dict[str, str]]) -> str:
    """An honest model: it says again what the best lines about the kettle say, with their numbers."""
    lines = re.findall(
        r"^\[(\d+)\] (?:[^:\n]+: )?(The kettle was .*|He sold .*)$", messages[-1]["content"], re.M
    )
    return " ".join(f"{text.rstrip('.')} [{number}]." for number, text in lines)


def app_of(answerer: Answerer, **more: Any) -> FastAPI:
    """The application, made inside a loop: outside of one, Gradio opens loops that it never closes."""

    async def made() -> FastAPI:
        return server.create_app(answerer, Settings(**more))

    return asyncio.run(made())


def admission(library: Library, encoder: Encoder, model: LanguageModel | None = None) -> Admission:
    return Admission(Answerer(library, encoder, model), Settings())


def events(text: str) -> list[tuple[str, Any]]:
    found = re.findall(r"event: (\w+)\ndata: (.*)\n\n", text)
    assert "".join(f"event: {name}\ndata: {data}\n\n" for name, data in found) == text
    return [(name, json.loads(data)) for name, data in found]
