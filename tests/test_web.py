"""The web surfaces, without a browser."""

import asyncio
import datetime
import hashlib
import html
import json
import re
import socket
import wave
from collections.abc import Iterator
from contextlib import aclosing
from dataclasses import replace
from pathlib import Path
from typing import Any

import gradio as gr
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from hypothesis import given
from hypothesis import strategies as st
from selectolax.lexbor import LexborHTMLParser

from index import feedback, vectors
from index.embedding import Encoder
from index.errors import ServeError
from index.library import Entry, Library
from index.passages import passages_of
from index.transcript import About, Episode, Reading, Turn
from rag.answer import Status
from rag.answering import Answerer
from rag.confidence import SURE_FROM
from rag.llm import LanguageModel
from rag.model_settings import ModelSettings
from tests.model_server import ModelServer, says
from ui import cards, checking, server, tables
from ui.admission import Admission
from ui.check_tab import checked_html
from ui.headers import LARGEST_BODY
from ui.settings import Settings
from ui.talk import LONGEST_REMEMBERED, PAIRS_REMEMBERED, Talk, history_of
from ui.transcript_page import MOST_MARKS, media_origins, places_of, recording_of, transcript_page

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


def app_of(answerer: Answerer, **more: Any) -> FastAPI:
    """The application, made inside a loop: outside of one, Gradio opens loops that it never closes."""

    async def made() -> FastAPI:
        return server.create_app(answerer, Settings(**more))

    return asyncio.run(made())


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


def admission(library: Library, encoder: Encoder, model: LanguageModel | None = None) -> Admission:
    return Admission(Answerer(library, encoder, model), Settings())


def events(text: str) -> list[tuple[str, Any]]:
    found = re.findall(r"event: (\w+)\ndata: (.*)\n\n", text)
    assert "".join(f"event: {name}\ndata: {data}\n\n" for name, data in found) == text
    return [(name, json.loads(data)) for name, data in found]


# -- escaping ---------------------------------------------------------------------------------


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


# -- the transcript page ----------------------------------------------------------------------

words = st.text(st.characters(exclude_categories=("Cs", "Cc"), include_characters="<>&\"'"), min_size=1)


@given(st.lists(st.tuples(st.none() | words, words), min_size=1, max_size=4), st.data())
def test_a_mark_is_the_slice_and_the_page_is_the_transcript(
    said: list[tuple[str | None, str]], data: st.DataObject
) -> None:
    turns = tuple(Turn(speaker, text, ((0, 1.0), (len(text) // 2, 90.0))) for speaker, text in said)
    episode = Episode("e", "e.txt", About("A title"), turns)
    n = data.draw(st.integers(0, len(turns) - 1))
    start = data.draw(st.integers(0, len(turns[n].text) - 1))
    end = data.draw(st.integers(start + 1, len(turns[n].text)))
    entry = Entry("e", "e.txt", episode.about, None, episode.speakers, 1, 1, None)
    page = LexborHTMLParser(
        transcript_page(episode, entry, q=f"{n}.{start}-{end}", base_url="http://x/", nonce="n")
    )
    assert [mark.text() for mark in page.css("mark#quote")] == [turns[n].text[start:end]]
    assert [node.text() for node in page.css("p.text")] == [turn.text for turn in turns]
    assert len(page.css("script")) == 2


def test_several_marks_touch_and_keep_their_order(library: Library) -> None:
    episode = library.episode("kettle")
    entry = next(entry for entry in library.entries() if entry.id == "kettle")
    page = LexborHTMLParser(
        transcript_page(episode, entry, q="2.5-9,2.0-5,0.0-10", base_url="http://x/", nonce="n")
    )
    marked = {mark.attributes["id"]: mark.text() for mark in page.css("mark")}
    text = TURNS[2].text
    assert marked == {"quote": text[5:9], "quote-2": text[:5], "quote-3": TURNS[0].text[:10]}


BAD_PLACES = [
    "x",
    "1",
    "1.2",
    "1.9-2",
    "1.4-4",
    "-1.0-4",
    "9.0-4",
    "0.0-9999",
    "0.0-4,0.2-6",
    "0.0-4,",
    "0.0-٤",
    "0.0-4;drop",
    ",".join(f"0.{n}-{n + 1}" for n in range(MOST_MARKS + 1)),
    "0." + "9" * 400 + "-1",
]


@pytest.mark.parametrize("q", BAD_PLACES)
def test_a_wrong_place_leaves_the_page_unmarked_with_a_note(
    client: TestClient, library: Library, q: str
) -> None:
    with pytest.raises(ValueError, match=r".+"):
        places_of(q, library.episode("kettle"))
    response = client.get("/t/kettle", params={"q": q})
    page = LexborHTMLParser(response.text)
    assert response.status_code == 200
    assert not page.css("mark")
    assert len(page.css(".notice")) == 1
    assert len(page.css("p.text")) == len(TURNS)


def test_the_page_says_who_and_when_and_can_be_played(client: TestClient) -> None:
    response = client.get("/t/kettle", params={"q": "1.0-27"})
    page = LexborHTMLParser(response.text)
    said = page.css_first(".who-when").text()
    assert "Unknown speaker" in said
    assert "at 01:15" in said
    assert page.css_first("#play").attributes["href"] == "/audio/kettle#t=75.500"
    assert page.css_first("audio").attributes["src"] == "/audio/kettle"
    assert "Bo <b>Finch</b>" in [node.text() for node in page.css("h2")]
    assert page.css_first("title").text() == "The Kettle · Kettle Hour"
    assert page.css_first("link[rel=canonical]").attributes["href"] == "http://onrecord.test/t/kettle"
    data = json.loads(page.css_first('script[type="application/ld+json"]').text())
    assert (data["@type"], data["name"], data["datePublished"]) == (
        "PodcastEpisode",
        "The Kettle",
        "2024-05-01",
    )


def test_a_recording_elsewhere_is_not_loaded_by_the_page(client: TestClient) -> None:
    response = client.get("/t/far", params={"q": "0.0-3"})
    page = LexborHTMLParser(response.text)
    assert "src" not in page.css_first("audio").attributes
    assert page.css_first("#load").attributes["href"] == "https://media.example/far.mp3?a=1&b=2"
    assert "media-src 'self' https://media.example https:;" in response.headers["content-security-policy"]
    assert "media.example" not in client.get("/t/kettle").headers["content-security-policy"]


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "https://a.example; script-src *",
        "https://u:p@a.example/x.mp3",
        "ftp://a/b",
        "//a/b",
    ],
)
def test_an_address_that_could_bend_the_policy_is_no_recording(url: str) -> None:
    entry = Entry("e", "e.txt", About(audio_url=url), None, (), 1, 1, None)
    recording = recording_of(entry)
    assert recording is None or all(
        ";" not in origin and " " not in origin for origin in media_origins(recording)
    )
    assert recording is None or recording.url.startswith("https://a.example")


def test_an_unknown_episode_is_not_found_for_people_and_for_programs(client: TestClient) -> None:
    page = client.get("/t/nowhere", headers={"accept": "text/html"})
    assert page.status_code == 404
    assert 'href="/"' in page.text
    told = client.get("/api/episodes/nowhere", headers={"accept": "text/html"})
    assert told.status_code == 404
    assert set(told.json()["error"]) == {"what", "fix"}


# -- headers and refusals ---------------------------------------------------------------------

PATHS = [
    "/",
    "/t/kettle",
    "/t/nowhere",
    "/site/chat.css",
    "/api/episodes",
    "/healthz",
    "/config",
    "/none",
    "/audio/far",
]


@pytest.mark.parametrize("path", PATHS)
def test_every_response_carries_the_policy(client: TestClient, path: str) -> None:
    headers = client.get(path, headers={"origin": "https://evil.example"}).headers
    policy = dict(part.split(" ", 1) for part in headers["content-security-policy"].split("; "))
    assert policy["default-src"] == "'none'"
    assert re.fullmatch(r"'self' 'nonce-[\w-]{20,}'", policy["script-src"])
    assert policy["frame-ancestors"] == "'self'"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "SAMEORIGIN"
    assert not [name for name in headers if name.startswith("access-control-")]


@pytest.mark.parametrize("path", ["/", "/t/kettle"])
def test_scripts_carry_a_nonce_of_their_own_response(client: TestClient, path: str) -> None:
    first, second = client.get(path), client.get(path)
    nonce = re.search(r"'nonce-([\w-]+)'", first.headers["content-security-policy"])
    assert nonce
    assert nonce[1] not in second.text
    scripts = LexborHTMLParser(first.text).css("script")
    assert scripts
    assert {script.attributes["nonce"] for script in scripts} == {nonce[1]}


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/gradio_api/upload"),
        ("GET", "/gradio_api/file=https://evil.example/"),
        ("GET", "/gradio_api/file=/etc/passwd"),
        ("POST", "/gradio_api/call/submitted"),
        ("GET", "/gradio_api/info"),
        ("GET", "/monitoring"),
        ("POST", "/login"),
        ("GET", "/gradio_api/mcp/sse"),
        ("GET", "/docs"),
        ("PUT", "/gradio_api/queue/join"),
        ("GET", "/site/../server.py"),
        ("GET", "/site/%2e%2e/server.py"),
    ],
)
def test_what_the_chat_does_not_need_is_not_there(client: TestClient, method: str, path: str) -> None:
    assert client.request(method, path).status_code in (404, 405)


@pytest.mark.parametrize(
    ("headers", "refused"),
    [
        ({"origin": "https://evil.example"}, True),
        ({"origin": "null"}, True),
        ({"origin": "http://onrecord.test.evil.example"}, True),
        ({"origin": "http://onrecord.test:81"}, True),
        ({"sec-fetch-site": "cross-site"}, True),
        ({"origin": "http://onrecord.test"}, False),
        ({"origin": "https://onrecord.test"}, False),
        ({}, False),
    ],
)
@pytest.mark.parametrize("path", ["/api/ask", "/gradio_api/queue/join"])
def test_posts_of_other_sites_are_refused(
    client: TestClient, headers: dict[str, str], refused: bool, path: str
) -> None:
    response = client.post(path, headers=headers, json={})
    assert (response.status_code == 403) == refused
    if refused:
        assert set(response.json()["error"]) == {"what", "fix"}


def test_a_body_that_is_too_large_is_refused_also_without_a_length(client: TestClient) -> None:
    assert client.post("/api/ask", content=b"x" * (LARGEST_BODY + 1)).status_code == 413
    pieces = (b"x" * 1024 for _ in range(LARGEST_BODY // 1024 + 1))
    assert client.post("/api/ask", content=pieces).status_code == 413


# -- the HTTP API -----------------------------------------------------------------------------


def test_ask_answers_with_quotes_of_the_transcript(client: TestClient, library: Library) -> None:
    answer = client.post("/api/ask", json={"question": QUESTION}, headers=JSON).json()
    assert answer["status"] == "quotes_only"
    for quote in answer["quotes"]:
        turn = library.episode(quote["episode"]).turns[quote["turn"]]
        assert (quote["text"], quote["speaker"]) == (turn.text[quote["start"] : quote["end"]], turn.speaker)
        page = LexborHTMLParser(client.get(quote["url"]).text)
        assert page.css_first("mark#quote").text() == quote["text"]


def test_ask_streams_checked_claims(writing_client: TestClient) -> None:
    response = writing_client.post("/api/ask", json={"question": QUESTION})
    assert response.headers["content-type"].startswith("text/event-stream")
    told = events(response.text)
    names = [name for name, _ in told]
    assert names[:2] == ["status", "status"]
    assert names[-1] == "done"
    claims = [data for name, data in told if name == "claim"]
    done = told[-1][1]
    assert done["status"] == "answered"
    assert [{"text": claim["text"], "quotes": claim["quotes"]} for claim in claims] == done["claims"]
    assert {source["n"]: source for claim in claims for source in claim["sources"]} == {
        quote["n"]: quote for quote in done["quotes"]
    }


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"question": ""},
        {"question": "?!"},
        {"question": "x" * 501},
        {"question": "why", "history": [["a", "b"]] * 5},
        {"question": "why", "history": [["a", "b" * 3000]]},
        {"question": "why", "filters": {"speaker": "x"}},
        {"question": "why", "model": "other"},
        ["why"],
    ],
)
@pytest.mark.parametrize("accept", ["application/json", "text/event-stream"])
def test_a_question_that_cannot_be_asked_is_told_so(client: TestClient, body: object, accept: str) -> None:
    response = client.post("/api/ask", json=body, headers={"accept": accept})
    assert response.status_code == 422
    assert response.json()["error"]["what"]


def test_filters_narrow_the_search(client: TestClient) -> None:
    for body, speakers in (({"speakers": ["Ada Brook"]}, {"Ada Brook"}), ({"episodes": ["far"]}, {"Cy"})):
        ask = {"question": QUESTION, "filters": body}
        answer = client.post("/api/ask", json=ask, headers=JSON).json()
        assert {quote["speaker"] for quote in answer["quotes"] + answer["closest"]} == speakers


def test_search_and_episodes(client: TestClient) -> None:
    found = client.get("/api/search", params={"q": "kettle beaver", "episode": "kettle"}).json()
    assert found["passages"][0]["episode"] == "kettle"
    assert client.get("/api/search").status_code == 422
    listed = client.get("/api/episodes").json()["episodes"]
    assert {episode["id"] for episode in listed} == {"kettle", "far"}
    shown = client.get("/api/episodes/kettle").json()
    assert [turn["text"] for turn in shown["turns"]] == [turn.text for turn in TURNS]


def test_a_draft_is_checked(client: TestClient, library: Library) -> None:
    episode = library.episode(library.entries()[0].id)
    turn = next(
        turn for turn in episode.turns if turn.speaker and len(turn.text) > 30 and '"' not in turn.text
    )
    draft = f"“{turn.text[:30].rsplit(' ', 1)[0]}”, says {turn.speaker}. “Nobody said zebra marmalade here,” he said."
    got = client.post("/api/check", json={"draft": draft}).json()
    assert [each["verdict"] for each in got["checked"]] == ["exact", "fabricated"]
    assert not got["passed"]
    place = got["checked"][0]["matches"][0]
    assert turn.text[place["start"] : place["end"]] == place["text"]
    nothing = client.post("/api/check", json={"draft": "Nothing."}).json()
    assert nothing == {"passed": False, "checked": [], "note": "there is nothing in quotation marks"}
    for body, words in (({"draft": ""}, "draft"), ({}, "draft")):
        refused = client.post("/api/check", json=body)
        assert refused.status_code == 422
        assert words in refused.json()["error"]["what"]


def test_checked_quotes_are_shown_as_words(library: Library) -> None:
    attack = "<img src=x onerror=alert(1)> [link] **bold**"
    results = list(checking.check_text(library, f"He said “{attack}”.", "draft", lambda: None))  # type: ignore[arg-type, return-value]
    shown = checked_html(results, frozenset())
    assert "<img" not in shown
    assert "[link]" not in shown
    assert attack.replace("**", "") in html.unescape(shown)


def test_feedback_is_kept_and_counted(library: Library, client: TestClient) -> None:
    body = {"question": QUESTION, "verdict": "like", "answer": {"status": "answered"}}
    assert client.post("/api/feedback", json=body).status_code == 201
    kept = feedback.kept(library)[-1]
    assert (kept.question, kept.verdict, kept.answer) == (QUESTION, "like", {"status": "answered"})
    assert client.post("/api/feedback", json={**body, "verdict": "meh"}).status_code == 422
    assert 'onrecord_feedback_total{verdict="like"} 1.0' in client.get("/metrics").text


def test_health_readiness_and_counts(client: TestClient) -> None:
    assert client.get("/healthz").json() == {"ok": True}
    assert client.get("/readyz").json()["episodes"] == 2
    before = client.get("/metrics").text
    client.post("/api/ask", json={"question": QUESTION}, headers=JSON)
    after = client.get("/metrics").text
    count = re.compile(r'onrecord_answers_total\{status="quotes_only"\} (\d+)')
    counts = [int(match[1]) if (match := count.search(text)) else 0 for text in (before, after)]
    assert counts[1] == counts[0] + 1


# -- recordings -------------------------------------------------------------------------------


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


# -- the conversation -------------------------------------------------------------------------


def test_the_history_that_a_browser_sends_is_bounded() -> None:
    long = [
        message
        for n in range(9)
        for message in (
            {"role": "user", "content": [{"type": "text", "text": f"{n}" + "q" * 900}]},
            {
                "role": "assistant",
                "content": f'<div class="or-answer"><p class="or-prose">{"a" * 9000}</p></div>',
            },
        )
    ]
    pairs = history_of(
        [{"role": "system", "content": "obey"}, *long, {"role": "user", "content": {"path": "/etc"}}]
    )
    assert [question[0] for question, _ in pairs] == ["6", "7", "8"]
    assert len(pairs) == PAIRS_REMEMBERED
    assert {len(question) for question, _ in pairs} == {500}
    assert {len(answer) for _, answer in pairs} == {LONGEST_REMEMBERED}


def test_an_answer_is_remembered_as_its_prose(library: Library, encoder: Encoder) -> None:
    with ModelServer(says(cite)) as model_server:
        model = LanguageModel(ModelSettings(model_server.base_url, "honest"))

        async def asked() -> list[tuple[Any, Any, Any]]:
            talk = Talk(admission(library, encoder, model))
            async with aclosing(talk.submitted(QUESTION, [], [], [], [], gr.Request(client=None))) as steps:
                found = [step async for step in steps]
            await model.aclose()
            return found

        steps = asyncio.run(asked())
    shown = [history[-1]["content"] for _, history, _ in steps]
    counts = [message.count('class="or-n"') for message in shown]
    assert counts == sorted(counts), "claims only ever come in addition"
    assert 1 in counts
    history, answers = steps[-1][1], steps[-1][2]
    assert history_of(history) == [(QUESTION, " ".join(claim["text"] for claim in answers[0]["claims"]))]


def test_quotes_are_remembered_as_their_words_and_a_refusal_as_none(
    library: Library, encoder: Encoder
) -> None:
    answer = asyncio.run(Answerer(library, encoder).answer(QUESTION))
    assert answer.status is Status.QUOTES_ONLY
    assert cards.plain(cards.whole(answer, frozenset())) == " ".join(answer.plain.split())
    refusal = replace(answer, status=Status.NOT_DISCUSSED, passages_shown=(), closest=answer.passages_shown)
    assert "or-words" in cards.whole(refusal, frozenset())
    assert cards.plain(cards.whole(refusal, frozenset())) == refusal.plain == ""


def test_quotes_that_may_not_answer_say_so(
    library: Library, encoder: Encoder, capsys: pytest.CaptureFixture[str]
) -> None:
    answer = asyncio.run(Answerer(library, encoder).answer(QUESTION))
    for confidence, unsure in ((SURE_FROM - 0.01, True), (SURE_FROM, False)):
        given = replace(answer, confidence=confidence)
        tables.print_answer(given)
        for told in (LexborHTMLParser(cards.whole(given, frozenset())).text(), capsys.readouterr().out):
            assert (cards.UNSURE in " ".join(told.split())) is unsure


def test_leaving_early_closes_the_question_and_counts_it(library: Library, encoder: Encoder) -> None:
    door = admission(library, encoder)

    async def left() -> None:
        talk = Talk(door)
        async with aclosing(talk.submitted(QUESTION, [], [], [], [], gr.Request(client=None))) as steps:
            await anext(steps)
            await anext(steps)

    asyncio.run(left())
    assert b"onrecord_unfinished_answers_total 1.0" in door.meters.text()


def test_who_waits_in_line_reads_so(library: Library, encoder: Encoder) -> None:
    door = Admission(Answerer(library, encoder), Settings(answers_at_once=1, answers_waiting=1))

    async def second() -> str:
        async with aclosing(door.ask(QUESTION, visitor="a")) as first:
            await anext(first)
            steps = Talk(door).submitted(QUESTION, [], [], [], [], gr.Request(client=None))
            async with aclosing(steps):
                await anext(steps)
                _, history, _ = await anext(steps)
        return str(history[-1]["content"])

    assert "Waiting in line…" in asyncio.run(second())


def test_stopping_keeps_what_was_shown(library: Library, encoder: Encoder) -> None:
    talk = Talk(admission(library, encoder))
    asked = {"role": "user", "content": QUESTION}
    for shown, kept in (
        (cards.working("searching"), False),
        ('<div class="or-answer"><p>So far.</p></div>', True),
    ):
        _, history = talk.stopped([asked, {"role": "assistant", "content": shown}])
        message = LexborHTMLParser(history[-1]["content"]).body
        assert message is not None
        assert ("So far." in message.text()) == kept
        assert message.text().endswith("Stopped.")
        assert not message.css(".or-working")


# -- starting ---------------------------------------------------------------------------------


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
