"""The language model's client as its tests call it, and what every error that it raises must be like."""

import traceback
from contextlib import aclosing
from dataclasses import replace

from index.errors import ModelServerError
from rag.breaker import Breaker
from rag.llm import LanguageModel
from rag.model_settings import ModelSettings
from tests.tidy import tidily

KEY = "sk-1f0c5f2e9a7b4d63"
ASK = [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Ça va? 🎙️ fine"}]
QUICK = {"deadline_s": 1.0, "first_token_s": 0.4, "idle_s": 0.2}


def model_at(base_url: str, breaker: Breaker | None = None, **changed: float) -> LanguageModel:
    unhurried = ModelSettings(base_url, "test-model", KEY, deadline_s=8, first_token_s=6, idle_s=4)
    return LanguageModel(replace(unhurried, **changed), breaker=breaker)  # type: ignore[arg-type]


async def ask_once(base_url: str, **changed: float) -> str:
    model = model_at(base_url, None, **changed)
    try:
        return await tidily(model.complete(ASK, max_tokens=500))
    finally:
        await model.aclose()


async def breaks_off(model: LanguageModel) -> None:
    """Take an answer's first piece and leave."""
    async with aclosing(model.stream(ASK)) as pieces:
        async for _ in pieces:
            break


def assert_fit_to_show(error: ModelServerError) -> None:
    """One line, a plain word of why, and nothing of the key, also not in what came before the error."""
    assert error.what.startswith(
        ("the language model", "the question", "something other than a language model")
    )
    assert "\n" not in str(error)
    told = [str(error), repr(error), repr(vars(error)), *traceback.format_exception(error)]
    assert KEY not in "".join(told)
    assert error.__cause__ is None
    assert error.__context__ is None
