"""The key and the server's own words are shown to nobody; settings and questions that cannot be sent are refused."""

import asyncio
import logging

import pytest

from index.errors import ModelServerError, SettingsError
from rag.faults import RequestRejected
from rag.llm import LanguageModel
from rag.model_settings import ModelSettings
from tests.model_client import ASK, KEY, ask_once, assert_fit_to_show, model_at
from tests.model_server import ModelServer, refuses

pytestmark = pytest.mark.usefixtures("quick_clients")


@pytest.mark.parametrize("status", [400, 401, 403, 404, 418, 429, 500])
def test_a_server_that_repeats_the_key_does_not_get_it_shown(
    status: int, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    with ModelServer(refuses(status, f"Incorrect API key {KEY}", code=KEY, x_request_id=KEY)) as server:
        with pytest.raises(ModelServerError) as caught:
            asyncio.run(ask_once(server.base_url))
        assert_fit_to_show(caught.value)
    assert KEY not in caplog.text
    assert server.headers[0]["authorization"] == f"Bearer {KEY}"


def test_the_key_is_not_in_any_repr() -> None:
    model = model_at("http://user:secret@127.0.0.1:9/v1")
    assert KEY not in repr(model) + repr(ModelSettings(None, "m", KEY))


def test_the_key_of_the_environment_is_not_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    async def ask(model: LanguageModel) -> None:
        await model.complete(ASK, max_tokens=9)
        await model.aclose()

    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    with ModelServer() as server:
        asyncio.run(ask(LanguageModel(ModelSettings(server.base_url, "m"))))
    assert KEY not in str(server.headers)


def test_the_servers_own_words_are_for_its_owner_alone() -> None:
    words = "\x1b[31mBrian said: \n‘nothing of the kind’" + "!" * 1000
    with ModelServer(refuses(400, words)) as server, pytest.raises(RequestRejected) as caught:
        asyncio.run(ask_once(server.base_url))
    assert "Brian" not in str(caught.value)
    said = caught.value.said or ""
    assert said.startswith("[31mBrian said: ‘nothing of the kind’!!")
    assert len(said) == 300


def test_a_question_that_cannot_be_encoded() -> None:
    async def ask(model: LanguageModel) -> None:
        with pytest.raises(RequestRejected, match="characters"):
            await model.complete([{"role": "user", "content": "\ud800"}], max_tokens=9)
        await model.aclose()

    with ModelServer() as server:
        asyncio.run(ask(model_at(server.base_url)))


@pytest.mark.parametrize(
    ("base_url", "key"),
    [
        ("localhost:8080/v1", ""),
        ("ftp://a/v1", ""),
        ("http://", ""),
        ("http://a/v1", f"{KEY}\n"),
        ("http://a/v1", "ké"),
    ],
)
def test_settings_that_cannot_work(base_url: str, key: str) -> None:
    with pytest.raises(SettingsError) as caught:
        ModelSettings(base_url, "m", key)
    assert key not in str(caught.value) or not key
