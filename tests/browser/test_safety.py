"""Hostile strings run nothing, and what the pages show can be used by everybody (axe-core), in a real Chromium."""

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import axe_playwright_python
import pytest

from index import vectors
from index.encoder import Encoder
from index.library import Library
from index.passages import passages_of
from index.transcript import About, Reading, Turn
from rag.answering import Answerer
from tests.browser.hostile_strings import HOSTILE
from tests.browser.watching import DESKTOP, PHONE, served, watched
from ui.cards import UNSURE

pytestmark = pytest.mark.browser

AXE = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text()
QUESTION = "What did the lighthouse lens float in?"
_PER_EPISODE = 15


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory, encoder: Encoder) -> Library:
    """A library in which every title, show, speaker and turn is a hostile string."""
    library = Library.open(tmp_path_factory.mktemp("hostile") / "library", create=True)
    library.bind(encoder.id)
    for n in range(0, len(HOSTILE), _PER_EPISODE):
        strings = HOSTILE[n : n + _PER_EPISODE]
        turns = tuple(Turn(text, f"The lens floats. {text}", ((0, 9.0),)) for text in strings)
        passages = passages_of(turns)
        vectors_of = dict(zip(passages, encoder.encode_passages(passages), strict=True))
        library.put(
            Reading(About(strings[0], strings[1], strings[2][:20]), turns),
            source=f"{n}.txt",
            name=f"e{n}",
            sha256=hashlib.sha256(str(n).encode()).hexdigest(),
            passages=passages,
            embeddings={passage.hash: embedding for passage, embedding in vectors_of.items()},
        )
    vectors.save(library)
    return library


@pytest.fixture(scope="module")
def hostile_address(hostile: Library, encoder: Encoder) -> Iterator[str]:
    with served(Answerer(hostile, encoder)) as address:
        yield address


@pytest.fixture
def page(chromium: Any, hostile_address: str) -> Iterator[Any]:
    """A page without a content security policy, so that escaping alone must hold; `canary()` is noted."""
    sung: list[str] = []
    with watched(chromium, hostile_address, bypass_csp=True) as watch:
        watch.context.expose_function("canary", lambda: sung.append("a script ran"))
        yield watch.context.new_page()
        watch.context.pages[0].wait_for_timeout(300)
        assert sung == []


def test_the_canary_sings_where_markup_is_taken_for_markup(chromium: Any) -> None:
    sung: list[str] = []
    context = chromium.new_context()
    context.expose_function("canary", lambda: sung.append("a script ran"))
    page = context.new_page()
    for text in HOSTILE[:3]:
        page.set_content(f"<!doctype html><p>{text}</p>")
        page.wait_for_timeout(200)
    context.close()
    assert len(sung) >= 3


def test_a_hundred_and_fifty_strings_in_an_answer_are_words(page: Any, hostile_address: str) -> None:
    assert len(HOSTILE) == 150
    quotes = [
        {"n": n, "episode": text, "title": text, "speaker": text, "turn": 0, "start": 0, "end": 1,
         "text": text, "time": 1.0, "url": text}
        for n, text in enumerate(HOSTILE, start=1)
    ]  # fmt: skip
    claims = [{"text": text, "quotes": [n]} for n, text in enumerate(HOSTILE, start=1)]
    done = {
        "status": "answered",
        "claims": claims,
        "quotes": quotes,
        "closest": [],
        "dropped": [],
        "note": None,
    }
    streamed = [("claim", {**claim, "sources": [quote]}) for claim, quote in zip(claims, quotes, strict=True)]
    body = "".join(
        f"event: {name}\ndata: {json.dumps(data)}\n\n" for name, data in [*streamed, ("done", done)]
    )
    page.route(
        "**/api/ask", lambda route: route.fulfill(headers={"content-type": "text/event-stream"}, body=body)
    )
    page.goto(f"{hostile_address}/embed")
    asked = " ".join(HOSTILE[1:12])[:500]
    page.fill("#question", asked)
    page.keyboard.press("Enter")
    page.locator(".tools").wait_for()
    assert page.locator(".asked p").text_content() == asked.strip()
    for selector in (".card q", ".card strong", ".episode", ".prose span"):
        assert page.locator(selector).all_text_contents() == list(HOSTILE)
    links = page.eval_on_selector_all(".links a", "links => links.map((link) => link.href)")
    assert set(links) == {f"{hostile_address}/#quote"}
    for status, confidence, lead in (
        ("quotes_only", 0.9, "In their own words:"),
        ("quotes_only", 0.01, UNSURE),
        ("not_discussed", 0.01, "The transcripts don’t answer this."),
    ):
        told = {**done, "status": status, "confidence": confidence, "closest": quotes, "note": HOSTILE[0]}
        body = f"event: done\ndata: {json.dumps(told)}\n\n"
        page.get_by_role("button", name="Ask again").click()
        page.locator(".lead").wait_for()
        page.locator(".tools").wait_for()
        assert page.locator(".lead").text_content() == lead
        assert page.locator(".card q").all_text_contents() == list(HOSTILE)


def test_who_greets_the_widget_is_told_what_to_ask(page: Any, hostile_address: str) -> None:
    page.goto(f"{hostile_address}/embed")
    page.fill("#question", "Hello! What can you do?")
    page.keyboard.press("Enter")
    page.locator(".tools").wait_for()
    assert "Ask about something that is said" in page.locator(".lead").text_content()
    assert not page.locator(".card").count()


def test_what_a_widget_asks_for_is_words(page: Any, hostile_address: str) -> None:
    names = ("label", "greeting", "disclaimer", "starters", "color", "theme", "lang", "host", "speaker")
    for text in HOSTILE[::5]:
        page.goto(f"{hostile_address}/embed?{urlencode(dict.fromkeys(names, text))}")
        assert page.locator("h2").text_content() == text


def test_hostile_transcripts_run_nothing_on_any_page(
    page: Any, hostile_address: str, hostile: Library
) -> None:
    for entry in hostile.entries():
        page.goto(f"{hostile_address}/t/{entry.id}?q=0.0-16")
        texts = [turn.text for turn in hostile.episode(entry.id).turns]
        assert page.locator("p.text").all_text_contents() == texts
        assert page.locator("h1").text_content() == entry.title
    page.goto(f"{hostile_address}/embed")
    page.locator("#narrow").click()
    page.fill("#question", f"Does the lens float? {HOSTILE[1]}")
    page.keyboard.press("Enter")
    page.locator(".card").first.wait_for()
    page.goto(hostile_address)
    page.fill("#or-box textarea", f"Does the lens float? {HOSTILE[1]}")
    page.keyboard.press("Enter")
    page.locator(".or-card").first.wait_for()


# -- axe --------------------------------------------------------------------------------------


def grave(page: Any) -> list[str]:
    """The serious and critical findings of axe-core, with where they are."""
    page.evaluate(AXE)
    found = page.evaluate("() => axe.run(document, { resultTypes: ['violations'] })")
    return [
        f"{each['id']}: {node['target']}"
        for each in found["violations"]
        if each["impact"] in ("serious", "critical")
        for node in each["nodes"]
    ]


@pytest.mark.parametrize(
    ("viewport", "scheme"), [(DESKTOP, "light"), (PHONE, "dark")], ids=["desktop", "phone"]
)
def test_axe_finds_nothing_grave(chromium: Any, address: str, viewport: dict[str, int], scheme: str) -> None:
    with watched(chromium, address, viewport=viewport, color_scheme=scheme) as watch:
        page = watch.context.new_page()
        page.goto(f"{address}/embed?disclaimer=Made+by+a+machine&color=%230b6e4f")
        assert grave(page) == []
        page.locator("#narrow").click()
        page.fill("#question", QUESTION)
        page.keyboard.press("Enter")
        page.locator(".tools").wait_for()
        page.locator(".play").first.click()
        page.locator("#sound audio").wait_for()
        assert grave(page) == []
        page.goto(page.locator(".links a").first.get_attribute("href"))
        assert grave(page) == []
        page.goto(f"{address}/demo?tooltip=Ask+away")
        page.locator(".tip").wait_for()
        assert grave(page) == []
        page.goto(address)
        page.fill("#or-box textarea", QUESTION)
        page.keyboard.press("Enter")
        page.locator(".or-card").first.wait_for()
        page.wait_for_timeout(500)
        assert grave(page) == []
