"""The chat and the transcript page in a real Chromium."""

import asyncio
import os
import re
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import uvicorn

from index import feedback
from index.embedding import Encoder
from index.library import Library
from rag.answering import Answerer
from rag.llm import LanguageModel, ModelSettings
from tests.model_server import Exchange, ModelServer, chunk, says
from ui import server

playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
pytestmark = pytest.mark.browser

CHROMIUM = shutil.which("chromium") or "/usr/bin/chromium"
DESKTOP = {"width": 1280, "height": 900}
PHONE = {"width": 390, "height": 844}
QUESTION = "What did the lighthouse lens float in?"


def cite(messages: list[dict[str, str]]) -> str:
    """An honest model: it says the first three long lines again, with their numbers."""
    lines = re.findall(r"^\[(\d+)\] (?:[^:\n]+: )?(\S+(?: \S+){7,20})$", messages[-1]["content"], re.M)
    return " ".join(f"{text.rstrip('.?!')} [{number}]." for number, text in lines[:3])


@contextmanager
def served(answerer: Answerer) -> Iterator[str]:
    """The real server on a free port of the loopback."""

    running: list[uvicorn.Server] = []

    async def serve() -> None:
        app = server.create_app(answerer)
        config = uvicorn.Config(app, port=0, log_level="warning", timeout_graceful_shutdown=1)
        running.append(uvicorn.Server(config))
        await running[0].serve()

    thread = threading.Thread(target=lambda: asyncio.run(serve()))
    thread.start()
    try:
        until = time.monotonic() + 30
        while not (running and running[0].started):
            assert time.monotonic() < until, "the server does not start"
            time.sleep(0.02)
        yield f"http://127.0.0.1:{running[0].servers[0].sockets[0].getsockname()[1]}"
    finally:
        for each in running:
            each.should_exit = True
        thread.join(10)


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    if not Path(CHROMIUM).exists():
        if os.environ.get("CI"):
            pytest.fail("Chromium is missing, and CI must not pass without it")
        pytest.skip("Chromium is not installed")
    with playwright.sync_playwright() as driver:
        opened = driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield opened
        opened.close()


@pytest.fixture(scope="module")
def address(sample: Library, encoder: Encoder) -> Iterator[str]:
    with served(Answerer(sample, encoder)) as url:
        yield url


class Watched:
    """A browser context that notes whatever should not happen in it."""

    def __init__(self, context: Any, address: str) -> None:
        self.context = context
        self.faults: list[str] = []
        context.on("page", lambda page: page.on("pageerror", lambda error: self.faults.append(str(error))))
        context.on(
            "console", lambda said: said.type in ("error", "warning") and self.faults.append(said.text)
        )
        context.on("dialog", lambda dialog: self.faults.append(f"dialog {dialog.message}"))
        context.on("request", lambda request: self._look(request.url, address))
        context.on(
            "response", lambda got: got.status >= 400 and self.faults.append(f"{got.status} {got.url}")
        )

    def _look(self, url: str, address: str) -> None:
        if not url.startswith((address, "data:", "blob:")):
            self.faults.append(f"foreign {url}")


@contextmanager
def watched(chromium: Any, address: str, **options: Any) -> Iterator[Watched]:
    context = chromium.new_context(viewport=options.pop("viewport", DESKTOP), **options)
    context.set_default_timeout(15_000)
    watch = Watched(context, address)
    yield watch
    context.close()
    assert watch.faults == []


def ask(page: Any, question: str) -> None:
    page.fill("#or-box textarea", question)
    page.keyboard.press("Enter")


def eventually(page: Any, look: Callable[[], Any]) -> Any:
    """What `look` returns, once it is something; the page lives on meanwhile."""
    until = time.monotonic() + 20
    while not (seen := look()):
        assert time.monotonic() < until, "it never comes"
        page.wait_for_timeout(50)
    return seen


def copied(page: Any, button: Any) -> str:
    """What a click on `button` copies; copying goes on after the click."""
    page.evaluate("navigator.clipboard.writeText('')")
    button.click()
    got: str = page.wait_for_function("() => navigator.clipboard.readText()").json_value()
    return got


def in_view(page: Any, selector: str) -> bool:
    shown: bool = page.eval_on_selector(
        selector,
        "e => { const b = e.getBoundingClientRect();"
        " const bar = document.querySelector('.bar').getBoundingClientRect().bottom;"
        " return b.height > 0 && b.top >= bar && b.top < innerHeight"
        " && b.left >= 0 && b.right <= innerWidth + 1 }",
    )
    return shown


@pytest.mark.parametrize(
    ("viewport", "scheme"), [(DESKTOP, "light"), (PHONE, "dark")], ids=["desktop", "phone"]
)
def test_a_quote_of_an_answer_opens_at_its_words(
    chromium: Any, address: str, viewport: dict[str, int], scheme: str
) -> None:
    with watched(chromium, address, viewport=viewport, color_scheme=scheme) as watch:
        page = watch.context.new_page()
        page.goto(address)
        ask(page, QUESTION)
        card = page.locator(".or-card").first
        card.wait_for()
        quoted = card.locator(".or-words").text_content()
        with watch.context.expect_page() as opened:
            card.get_by_text("Open in transcript").click()
        transcript = opened.value
        transcript.wait_for_load_state()
        assert transcript.locator("mark#quote").text_content() == quoted
        eventually(transcript, lambda: in_view(transcript, "mark#quote"))
        for shown in (page, transcript):
            assert shown.evaluate("document.documentElement.scrollWidth <= innerWidth"), "it scrolls sideways"


def test_an_address_without_a_fragment_opens_at_the_quote_too(
    chromium: Any, address: str, sample: Library
) -> None:
    episode = max((sample.episode(entry.id) for entry in sample.entries()), key=lambda each: len(each.turns))
    last = len(episode.turns) - 1
    with watched(chromium, address) as watch:
        page = watch.context.new_page()
        page.goto(f"{address}/t/{episode.id}?q={last}.0-{len(episode.turns[last].text)}")
        eventually(page, lambda: in_view(page, "mark#quote"))


def test_the_page_reads_and_opens_at_the_quote_without_scripts(
    chromium: Any, address: str, sample: Library
) -> None:
    episode = sample.episode(sample.entries()[0].id)
    last = len(episode.turns) - 1
    with watched(chromium, address, java_script_enabled=False) as watch:
        page = watch.context.new_page()
        page.goto(f"{address}/t/{episode.id}?q={last}.0-{len(episode.turns[last].text)}#quote")
        assert page.locator("p.text").count() == len(episode.turns)
        box, view = page.locator("mark#quote").bounding_box(), page.viewport_size
        assert 0 <= box["y"] < view["height"]


def test_prose_streams_with_numbers_and_can_be_liked_copied_retried_and_edited(
    chromium: Any, own_sample: Library, encoder: Encoder
) -> None:
    with ModelServer(says(cite, pause_s=0.01)) as model_server:
        model = LanguageModel(ModelSettings(model_server.base_url, "honest"))
        with (
            served(Answerer(own_sample, encoder, model)) as address,
            watched(chromium, address, permissions=["clipboard-read", "clipboard-write"]) as watch,
        ):
            page = watch.context.new_page()
            page.goto(address)
            ask(page, QUESTION)
            page.get_by_role("button", name="Ask").wait_for()
            assert page.locator(".or-n").first.text_content().strip("\u2060") == "[1]"

            message = copied(page, page.get_by_label("Copy message").last)
            assert "<" not in message
            assert f"{address}/t/" in message
            assert page.locator(".or-words").first.text_content() in message

            page.get_by_label("Like", exact=True).click()
            kept = eventually(page, lambda: feedback.kept(own_sample))
            assert [(each.question, each.verdict) for each in kept] == [(QUESTION, "like")]
            assert kept[0].answer["status"] == "answered"

            page.get_by_label("Retry").click()
            page.wait_for_timeout(300)
            page.locator(".or-n").first.wait_for()
            assert page.locator("[data-testid=user]").count() == 1

            page.get_by_label("Edit").first.click()
            page.locator("#or-chat textarea").fill("Who looks after the sourdough starter?")
            page.get_by_label("Submit").click()
            page.get_by_text("Who looks after the sourdough starter?").first.wait_for()
            page.locator(".or-card").first.wait_for()
            assert page.locator("[data-testid=user]").count() == 1


def test_stop_ends_the_models_work_and_keeps_what_was_shown(
    chromium: Any, own_sample: Library, encoder: Encoder
) -> None:
    async def slow(exchange: Exchange) -> None:
        await exchange.begin("text/event-stream; charset=utf-8")
        for _ in range(300):
            await exchange.event(chunk("Well, "))
            await asyncio.sleep(0.1)

    with ModelServer(slow) as model_server:
        model = LanguageModel(ModelSettings(model_server.base_url, "slow", first_token_s=60))
        with (
            served(Answerer(own_sample, encoder, model)) as address,
            watched(chromium, address) as watch,
        ):
            page = watch.context.new_page()
            page.goto(address)
            ask(page, QUESTION)
            eventually(page, lambda: model_server.requests)
            page.get_by_role("button", name="Stop").click()
            page.get_by_text("Stopped.").wait_for()
            page.get_by_role("button", name="Ask").wait_for()
            assert model_server.left.wait(5), "the model goes on writing for nobody"


def test_filters_and_starters_come_from_the_library_as_it_is_now(
    chromium: Any, own_sample: Library, encoder: Encoder
) -> None:
    with served(Answerer(own_sample, encoder)) as address, watched(chromium, address) as watch:
        page = watch.context.new_page()
        page.goto(address)
        episodes = page.locator("#or-episodes li")
        episodes.first.wait_for()
        before = episodes.count()
        gone = own_sample.entries()[0]
        own_sample.remove(gone.id)
        page.reload()
        page.wait_for_function(
            "n => document.querySelectorAll('#or-episodes li').length === n", arg=before - 1
        )
        page.get_by_label("Speakers").click()
        options = page.get_by_role("option").all_text_contents()
        assert {name.strip(" ✓") for name in options} == {
            name for entry in own_sample.entries() for name in entry.speakers
        }
        page.get_by_role("option", name="Wren Castellow").click()
        page.keyboard.press("Escape")
        page.locator("#or-chat .example").first.click()
        page.locator(".or-card").first.wait_for()
        speakers = set(page.locator(".or-who strong").all_text_contents())
        assert speakers == {"Wren Castellow"}


@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_a_draft_is_checked_in_its_tab(
    chromium: Any, address: str, sample: Library, viewport: dict[str, int]
) -> None:
    turn = next(turn for turn in sample.episode(sample.entries()[0].id).turns if len(turn.text) > 60)
    said = turn.text[:40].rsplit(" ", 1)[0]
    with watched(chromium, address, viewport=viewport) as watch:
        page = watch.context.new_page()
        page.goto(address)
        page.get_by_role("tab", name="Check a draft").click()
        page.fill("#or-draft textarea", f"He said “{said}”, and “zebra marmalade is never sold here”.")
        page.get_by_role("button", name="Check the quotes").click()
        page.locator(".or-check").first.wait_for()
        assert page.locator(".or-failed .or-draft").all_text_contents() == [
            "zebra marmalade is never sold here"
        ]
        card = page.locator(".or-passed .or-card").first
        assert card.locator(".or-words").text_content() == said
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "it scrolls sideways"
        with watch.context.expect_page() as opened:
            card.get_by_text("Open in transcript").click()
        assert opened.value.locator("mark#quote").text_content() == said


def test_a_selection_becomes_a_link_to_its_exact_words(chromium: Any, address: str, sample: Library) -> None:
    episode = sample.episode(sample.entries()[-1].id)
    with watched(chromium, address, permissions=["clipboard-read", "clipboard-write"]) as watch:
        page = watch.context.new_page()
        page.goto(f"{address}/t/{episode.id}")
        page.evaluate(
            "() => { const text = document.querySelector('p.text').firstChild;"
            " getSelection().setBaseAndExtent(text, 2, text, 30) }"
        )
        page.goto(copied(page, page.locator("#selected-copy")))
        assert page.locator("mark#quote").text_content() == episode.turns[0].text[2:30].strip()


def test_words_are_found_in_the_page(chromium: Any, address: str, sample: Library) -> None:
    episode = sample.episode(sample.entries()[-1].id)
    times = sum(turn.text.lower().count("the ") for turn in episode.turns)
    with watched(chromium, address) as watch:
        page = watch.context.new_page()
        page.goto(f"{address}/t/{episode.id}")
        page.fill("#find-box", "the ")
        count = sum(turn.text.lower().count("the") for turn in episode.turns)
        assert times <= count
        assert page.locator("#find-count").text_content() == f"1 of {count}"
        page.keyboard.press("Enter")
        assert page.locator("#find-count").text_content() == f"2 of {count}"


def test_the_recording_plays_from_the_quote(chromium: Any, address: str, sample: Library) -> None:
    entry = next(entry for entry in sample.entries() if entry.audio_file)
    episode = sample.episode(entry.id)
    turn = next(n for n, each in enumerate(episode.turns) if (each.time_at(0) or 0) > 60)
    with watched(chromium, address) as watch:
        page = watch.context.new_page()
        page.goto(f"{address}/t/{entry.id}?q={turn}.0-{len(episode.turns[turn].text)}#quote")
        page.locator("#play").click()
        page.wait_for_function("document.querySelector('#player').currentTime > 60")
        at = page.evaluate("document.querySelector('#player').currentTime")
        assert -0.05 < at - episode.turns[turn].time_at(0) < 3
