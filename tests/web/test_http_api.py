"""The HTTP API over a hostile transcript."""

import html
import re

import pytest
from fastapi.testclient import TestClient
from selectolax.lexbor import LexborHTMLParser

from index import feedback
from index.library import Library
from tests.web.hosting import JSON, QUESTION, TURNS, events
from ui import checking
from ui.check_tab import checked_html


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
