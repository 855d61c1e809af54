"""A library with a hostile transcript, and clients of its pages with and without a language model."""

import datetime
import hashlib
import wave
from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient

from index import vectors
from index.encoder import Encoder
from index.library import Library
from index.passages import passages_of
from index.transcript import About, Reading, Turn
from rag.answering import Answerer
from rag.llm import LanguageModel
from rag.model_settings import ModelSettings
from tests.model_server import ModelServer, says
from tests.web.hosting import TURNS, app_of, cite


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory, encoder: Encoder) -> Library:
    folder = tmp_path_factory.mktemp("web")
    with wave.open(str(folder / "kettle.wav"), "wb") as sound:
        sound.setparams((1, 1, 8000, 0, "NONE", ""))
        sound.writeframes(bytes(8000 * 100))
    made = Library.open(folder / "library", create=True)
    made.bind(encoder.id)
    there = About("Away & <i>Far</i>", "Kettle Hour", audio_url="https://media.example/far.mp3?a=1&b=2")
    here = About("The Kettle", "Kettle Hour", "7", datetime.date(2024, 5, 1))
    for name, about, sound_file in (("kettle", here, str(folder / "kettle.wav")), ("far", there, None)):
        reading = Reading(
            about, TURNS if name == "kettle" else (Turn("Cy", "Far away it rains on the roofs."),)
        )
        passages = passages_of(reading.turns)
        made.put(
            reading,
            source=f"{name}.txt",
            name=name,
            sha256=hashlib.sha256(name.encode()).hexdigest(),
            passages=passages,
            embeddings={
                passage.hash: embedding
                for passage, embedding in zip(passages, encoder.encode_passages(passages), strict=True)
            },
            audio_file=sound_file,
        )
    vectors.save(made)
    return made


@pytest.fixture(scope="module")
def client(library: Library, encoder: Encoder) -> Iterator[TestClient]:
    app = app_of(Answerer(library, encoder))
    with TestClient(app, base_url="http://onrecord.test", raise_server_exceptions=False) as opened:
        yield opened


@pytest.fixture(scope="module")
def writing_client(library: Library, encoder: Encoder) -> Iterator[TestClient]:
    with ModelServer(says(cite)) as model_server:
        model = LanguageModel(ModelSettings(model_server.base_url, "honest"))
        app = app_of(Answerer(library, encoder, model))
        with TestClient(app, base_url="http://onrecord.test") as opened:
            yield opened
