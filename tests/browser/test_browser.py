"""The chat and the transcript page in a real Chromium."""

import asyncio
from typing import Any

import pytest

from index import feedback
from index.encoder import Encoder
from index.library import Library
from index.lines import lines_of
from rag.answering import Answerer
from rag.llm import LanguageModel
from rag.model_settings import ModelSettings
from tests.browser.watching import DESKTOP, PHONE, cite, copied, eventually, served, watched
from tests.model_server import Exchange, ModelServer, chunk, says

pytestmark = pytest.mark.browser

QUESTION = "What did the lighthouse lens float in?"


def ask(page: Any, question: str) -> None:
    page.fill("#or-box textarea", question)
    page.keyboard.press("Enter")


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


@pytest.mark.parametrize("viewport", [{"width": 1280, "height": 560}, PHONE], ids=["laptop", "phone"])
def test_a_new_answer_is_in_view_and_stays_where_the_reader_scrolls(
    chromium: Any, address: str, viewport: dict[str, int]
) -> None:
    from_top = (
        "document.querySelectorAll('#or-chat .user-row')[1].getBoundingClientRect().top"
        " - document.querySelector('#or-chat .bubble-wrap').getBoundingClientRect().top"
    )
    with watched(chromium, address, viewport=viewport) as watch:
        page = watch.context.new_page()
        page.goto(address)
        ask(page, QUESTION)
        page.locator(".or-card").first.wait_for()
        before = page.locator(".or-card").count()
        ask(page, "Why did the choir keep its back row?")
        eventually(page, lambda: page.locator(".or-card").count() > before)
        eventually(page, lambda: 0 <= page.evaluate(from_top) < 20)
        question = page.locator("#or-chat .user-row .flex-wrap").last.bounding_box()
        clear = page.locator("#or-chat .top-panel button").bounding_box()
        assert question["x"] + question["width"] <= clear["x"], "the button that clears lies on the question"
        page.mouse.move(viewport["width"] / 2, viewport["height"] / 2)
        page.mouse.wheel(0, -200)
        eventually(page, lambda: page.evaluate(from_top) > 100)
        page.evaluate("document.querySelector('#or-chat').append(document.createElement('i'))")
        page.wait_for_timeout(200)
        assert page.evaluate(from_top) > 100, "what is drawn anew takes the reader away"


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
            page.locator(".or-n").first.wait_for()
            page.get_by_role("button", name="Stop").wait_for(state="hidden")
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
        first_line = page.evaluate(
            "() => { const [line, , next] = document.querySelector('p.text').childNodes;"
            " getSelection().setBaseAndExtent(line, 2, next, 10); return line.length }"
        )
        page.goto(copied(page, page.locator("#selected-copy")))
        assert page.locator("mark#quote").text_content() == episode.turns[0].text[2 : first_line + 10].strip()


def test_every_line_has_an_address_and_a_click_on_it_offers_it(
    chromium: Any, address: str, sample: Library
) -> None:
    entry = next(entry for entry in sample.entries() if entry.audio_file)
    turn, line = next(
        (sample.episode(entry.id).turns[line.turn], line)
        for index, each in enumerate(sample.episode(entry.id).turns)
        for line in lines_of(each, index)
        if line.start > 0 and each.time_at(line.start) != each.time_at(0)
    )
    text = turn.text[line.start : line.end]
    with watched(chromium, address, permissions=["clipboard-read", "clipboard-write"]) as watch:
        page = watch.context.new_page()
        page.goto(f"{address}/t/{entry.id}#t{line.turn}-{line.start}")
        lit = "() => [...CSS.highlights.get('line')].map(String).join().trim()"
        assert page.evaluate(lit) == text
        x, y = page.evaluate(
            "() => { const b = [...CSS.highlights.get('line')][0].getClientRects()[0]; return [b.x + 9, b.y + 9] }"
        )
        page.evaluate("CSS.highlights.clear()")
        page.mouse.click(x, y)
        assert page.evaluate(lit) == text
        assert float(page.locator("#selected-play").get_attribute("data-play")) == pytest.approx(
            turn.time_at(line.start), abs=0.001
        )
        page.goto(copied(page, page.locator("#selected-copy")))
        assert page.locator("mark#quote").text_content() == text


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
