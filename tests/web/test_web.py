"""Escaping, recordings and the start of the server."""

import asyncio
import html
import re
import socket
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from hypothesis import given
from hypothesis import strategies as st
from selectolax.lexbor import LexborHTMLParser

from index.encoder import Encoder
from index.errors import ServeError
from index.library import Library
from rag.answering import Answerer
from tests.web.hosting import ATTACK, app_of
from ui import cards, server


@given(st.text())
def test_escaped_text_has_no_mark_of_punctuation_and_reads_the_same(text: str) -> None:
    escaped = cards.escaped(text)
    assert not set(re.sub(r"&#\d+;", "", escaped)) & set("<>[]()*_`#!&\"'\n\r\t$~|\\:/@.-")
    assert html.unescape(escaped) == text


def test_a_card_shows_hostile_words_as_words(library: Library, encoder: Encoder) -> None:
    answer = asyncio.run(
        Answerer(library, encoder).answer("Did anybody believe the beaver about the kettle?")
    )
    message = cards.whole(answer, frozenset({"kettle"}))
    page = LexborHTMLParser(message)
    assert not page.css("script, img, em, code")
    assert {link.attributes["href"].split("?")[0] for link in page.css("a")} == {"/t/kettle"}
    assert [node.text() for node in page.css(".or-words")] == [quote.text for quote in answer.quotes]
    assert ATTACK[:20] in page.text()
    assert "\n" not in message


def test_a_recording_is_served_in_ranges(client: TestClient) -> None:
    whole = client.get("/audio/kettle")
    part = client.get("/audio/kettle", headers={"range": "bytes=100-199"})
    assert (whole.status_code, whole.headers["content-type"]) == (200, "audio/wav")
    assert part.status_code == 206
    assert part.headers["content-range"] == f"bytes 100-199/{len(whole.content)}"
    assert part.content == whole.content[100:200]
    assert client.get("/audio/kettle", headers={"range": "bytes=99999999-"}).status_code == 416


@pytest.mark.parametrize("id_", ["far", "nowhere", "kettle.wav", "..%2fkettle.wav"])
def test_only_recordings_that_the_library_names_are_served(client: TestClient, id_: str) -> None:
    assert client.get(f"/audio/{id_}").status_code == 404


def test_a_port_in_use_is_an_error_that_says_what_to_do() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(ServeError) as caught:
            server.check_port("127.0.0.1", port)
    assert caught.value.where == f"127.0.0.1:{port}"
    assert "--port" in (caught.value.fix or "")
    server.check_port("127.0.0.1", port)
    with pytest.raises(ServeError):
        server.check_port("192.0.2.1", 7860)


def test_an_empty_library_says_how_to_fill_it(tmp_path: Path, encoder: Encoder) -> None:
    empty = Library.open(tmp_path / "empty", create=True)
    with TestClient(app_of(Answerer(empty, encoder))) as opened:
        assert "onrecord add" in opened.get("/").text
        assert opened.get("/config").json()["title"] == "onrecord"
