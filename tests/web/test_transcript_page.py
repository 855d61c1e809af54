"""A transcript as a page of its own: its marks, its times and its recording."""

import json

import pytest
from fastapi.testclient import TestClient
from hypothesis import given
from hypothesis import strategies as st
from selectolax.lexbor import LexborHTMLParser

from index.library import Entry, Library
from index.transcript import About, Episode, Turn
from tests.web.hosting import TURNS
from ui.transcript_page import MOST_MARKS, media_origins, places_of, recording_of, transcript_page

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
