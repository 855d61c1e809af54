"""The widget in a real Chromium, on pages of other origins."""

import asyncio
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from index import feedback, sites
from index.encoder import Encoder
from index.library import Library
from index.sites import Site
from rag.answering import Answerer
from rag.llm import LanguageModel
from rag.model_settings import ModelSettings
from tests.browser.watching import PHONE, HostSite, cite, copied, eventually, served, watched
from tests.model_server import Exchange, ModelServer, chunk, says

pytestmark = pytest.mark.browser

QUESTION = "What did the lighthouse lens float in?"
BODY = '<h1>A show</h1><audio id="player"></audio><p id="here"></p>'


@dataclass(frozen=True, slots=True)
class Stage:
    """An onrecord server, a site of another origin that is registered with it, and a model to be told what to do."""

    address: str
    host: HostSite
    library: Library
    model: ModelServer

    def line(self, **attributes: str) -> str:
        """The script line of a page."""
        given = " ".join(f'data-{name.replace("_", "-")}="{value}"' for name, value in attributes.items())
        return f'<script src="{self.address}/widget.js" {given} async></script>'

    def shows(self, *lines: str, page: str = '<html lang="en">', policy: str = "") -> None:
        """Let the host's page hold these lines."""
        self.host.pages["/"] = f"<!doctype html>{page}<title>A show</title>{''.join(lines)}{BODY}"
        self.host.headers = {"content-security-policy": policy} if policy else {}


@pytest.fixture(scope="module")
def stage(sample: Library, encoder: Encoder, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    folder = tmp_path_factory.mktemp("stage") / "library"
    shutil.copytree(sample.folder, folder)
    library = Library.open(folder)
    with HostSite() as host, ModelServer(says(cite, pause_s=0.01)) as model:
        sites.put(
            library,
            Site("show", (host.origin,), label="Ask the show", color="#0b6e4f", greeting="Hello, listener"),
        )
        answerer = Answerer(library, encoder, LanguageModel(ModelSettings(model.base_url, "told")))
        with served(answerer) as address:
            yield Stage(address, host, library, model)


@pytest.fixture
def page(stage: Stage, chromium: Any) -> Iterator[Any]:
    """A page whose visitor's browser must see no fault, no foreign request and no cookie."""
    allowed = ["clipboard-read", "clipboard-write"]
    with watched(chromium, stage.address, stage.host.origin, permissions=allowed) as watch:
        yield watch.context.new_page()
        assert watch.context.cookies() == []


def opened(page: Any) -> Any:
    """The chat in the frame, after a click on the launcher."""
    page.locator(".launch").click()
    frame = page.frame_locator("iframe")
    frame.locator("#question:focus").wait_for()
    return frame


def answered(frame: Any, question: str = QUESTION) -> None:
    frame.locator("#question").fill(question)
    frame.locator("#question").press("Enter")
    frame.locator(".turn:last-child .tools").wait_for()


def focused_in_widget(page: Any) -> str:
    name: str = page.evaluate("document.activeElement.shadowRoot?.activeElement?.className ?? ''")
    return name


def heard(page: Any) -> None:
    """Note every DOM event of the widget in `window.heard`."""
    page.add_init_script(
        "window.heard = []; for (const name of ['ready', 'open', 'close', 'question', 'answer', 'quote', 'seek',"
        " 'feedback', 'error', 'copy', 'stop', 'reset']) document.addEventListener('onrecord:' + name,"
        " ({ detail }) => heard.push([name, detail]))"
    )


STRICT = "default-src 'self'; script-src 'self' {0}; frame-src {0}"


@pytest.mark.parametrize(
    "policy",
    ["", STRICT, f"{STRICT}; require-trusted-types-for 'script'; trusted-types onrecord"],
    ids=["blank", "strict", "trusted types"],
)
def test_one_line_on_a_page_is_all(stage: Stage, page: Any, policy: str) -> None:
    stage.shows(stage.line(site="show", audio="#player"), policy=policy.format(stage.address))
    page.goto(stage.host.origin)
    launcher = page.get_by_role("button", name="Ask the show")
    launcher.wait_for()
    assert launcher.evaluate("e => getComputedStyle(e).backgroundColor") == "rgb(11, 110, 79)"
    frame = opened(page)
    assert frame.get_by_role("heading", name="Hello, listener").is_visible()
    answered(frame)

    assert frame.locator(".prose .n").first.text_content() == "[1]"
    for card in frame.locator(".card").all():
        link = card.get_by_text("Open in transcript").get_attribute("href")
        episode, _, place = link.removeprefix(f"{stage.address}/t/").partition("?q=")
        turn, start, end = map(int, place.removesuffix("#quote").replace("-", ".").split("."))
        said = stage.library.episode(episode).turns[turn]
        assert card.locator("q").text_content() == said.text[start:end]
        assert card.locator("strong").text_content() == said.speaker

    assert "#quote" in copied(page, frame.get_by_text("Copy link").first)
    frame.locator(".play").first.click()
    clock = frame.locator(".card", has=frame.locator(".play")).first.locator(".time").text_content()
    page.wait_for_function("document.querySelector('#player').currentTime > 0")
    minutes, seconds = divmod(int(page.evaluate("document.querySelector('#player').currentTime")), 60)
    assert f"{minutes:02}:{seconds:02}" == clock

    page.keyboard.press("Escape")
    page.locator(".panel").wait_for(state="hidden")
    assert "launch" in focused_in_widget(page)
    assert launcher.get_attribute("aria-expanded") == "false"


def test_a_phone_and_a_keyboard_are_enough(stage: Stage, chromium: Any) -> None:
    stage.shows(stage.line(site="show"))
    with watched(
        chromium, stage.address, stage.host.origin, viewport=PHONE, reduced_motion="reduce"
    ) as watch:
        page = watch.context.new_page()
        page.goto(stage.host.origin)
        page.locator(".launch").wait_for()
        for _ in range(10):
            page.keyboard.press("Tab")
            if "launch" in focused_in_widget(page):
                break
        page.keyboard.press("Enter")
        frame = page.frame_locator("iframe")
        frame.locator("#question:focus").wait_for()
        box = page.locator(".panel").bounding_box()
        assert (box["x"], box["y"], box["width"], box["height"]) == (0, 0, PHONE["width"], PHONE["height"])
        assert page.locator(".panel").evaluate("e => getComputedStyle(e).animationName") == "none"
        page.keyboard.type(QUESTION)
        page.keyboard.press("Enter")
        frame.locator(".tools").wait_for()
        assert frame.locator("html").evaluate("e => e.scrollWidth <= innerWidth"), "it scrolls sideways"
        small = frame.locator("html").evaluate(
            "() => [...document.querySelectorAll('button, a:not(.n), select, textarea')]"
            ".filter((e) => e.checkVisibility()).map((e) => [e.id || e.className || e.textContent, e.getBoundingClientRect()])"
            ".filter(([, box]) => box.width < 24 || box.height < 24).map(([name]) => name)"
        )
        assert small == []
        page.keyboard.press("Shift+Tab")
        assert frame.locator("#log .tool:focus").count() == 1
        page.keyboard.press("Escape")
        page.locator(".panel").wait_for(state="hidden")
        assert "launch" in focused_in_widget(page)


def test_a_site_that_is_not_registered_cannot_hold_the_chat(stage: Stage, chromium: Any) -> None:
    context = chromium.new_context()
    page = context.new_page()
    page.clock.install()
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    heard(page)
    with HostSite({"/": f"<!doctype html><html lang=en>{stage.line(site='show')}{BODY}"}) as other:
        page.goto(other.origin)
        page.locator(".launch").click()
        eventually(page, lambda: [line for line in said if "frame-ancestors" in line])
        page.clock.run_for(9_000)
        page.get_by_role("alert").wait_for()
        assert [name for name, _ in page.evaluate("heard")][-1] == "error"
        assert all(frame.locator("#question").count() == 0 for frame in page.frames)
    context.close()


def test_the_conversation_stays_with_the_host_page(stage: Stage, page: Any) -> None:
    stage.shows(stage.line(site="show"))
    page.goto(stage.host.origin)
    frame = opened(page)
    answered(frame)
    before = frame.locator(".card q").all_text_contents()
    page.reload()
    frame = page.frame_locator("iframe")
    frame.locator(".card").first.wait_for()
    assert frame.locator(".card q").all_text_contents() == before
    answered(frame, "And who paid for it?")
    assert stage.model.requests[-1]["messages"], "the follow-up reaches the model"
    assert frame.locator(".turn").count() == 2

    # A conversation about a library that is another one since, or of yesterday, is not shown.
    for change in ("kept.session.generation = -1", "kept.at -= 864e5 + 1"):
        page.evaluate(
            "change => { for (const key of Object.keys(localStorage)) { const kept = JSON.parse(localStorage[key]);"
            " eval(change); localStorage[key] = JSON.stringify(kept) } }",
            change,
        )
        page.reload()
        page.locator(".launch").wait_for()
        page.evaluate("OnRecord.open()")
        frame.locator("#hello").wait_for()
        assert frame.locator(".turn").count() == 0
        if "session" in change:
            frame.get_by_text("Your earlier conversation has ended").wait_for()
            answered(frame)


def test_a_browser_that_forbids_storage_has_the_widget_too(stage: Stage, page: Any) -> None:
    stage.shows(stage.line(site="show"))
    page.add_init_script(
        "Object.defineProperty(window, 'localStorage', { get() { throw new DOMException('no', 'SecurityError') } })"
    )
    page.goto(stage.host.origin)
    answered(opened(page))


def test_three_widgets_keep_to_themselves(stage: Stage, page: Any) -> None:
    stage.shows(
        stage.line(site="show"),
        stage.line(site="show", position="top-left", label="Second", color="#fff"),
        stage.line(site="show", target="#here", lang="de"),
    )
    page.goto(stage.host.origin)
    page.wait_for_function("window.OnRecord?.widgets.length === 3")
    inline = page.locator("#here").frame_locator("iframe")
    answered(inline)
    assert inline.get_by_role("button", name="Fragen", exact=True).is_visible()
    page.get_by_role("button", name="Second").click()
    second = page.locator(".at.left.top").frame_locator("iframe")
    second.locator("#question:focus").wait_for()
    assert second.locator(".turn").count() == 0
    assert page.locator(".panel:visible").count() == 2
    page.keyboard.press("Escape")
    eventually(page, lambda: page.locator(".panel:visible").count() == 1)
    page.evaluate("[...OnRecord.widgets].forEach((widget) => widget.destroy())")
    assert page.locator(".launch, iframe").count() == 0
    assert page.evaluate("window.OnRecord") is None


def test_a_page_that_swaps_its_body_keeps_one_widget_and_its_conversation(stage: Stage, page: Any) -> None:
    stage.shows()
    stage.host.pages["/"] += stage.line(site="show")
    page.goto(stage.host.origin)
    answered(opened(page))
    page.evaluate(
        """() => {
          const next = document.body.cloneNode(true);
          for (const old of next.querySelectorAll("script")) {
            const script = document.createElement("script");
            for (const { name, value } of old.attributes) script.setAttribute(name, value);
            old.replaceWith(script);
          }
          document.body.replaceWith(next);
        }"""
    )
    frame = page.frame_locator("iframe")
    frame.locator(".card").first.wait_for()
    page.wait_for_timeout(500)
    assert page.locator(".launch").count() == 1
    assert frame.locator(".turn").count() == 1


def test_the_page_is_told_what_happens_but_not_what_was_asked(stage: Stage, page: Any) -> None:
    heard(page)
    for opted_in in (False, True):
        more = {"share_questions": ""} if opted_in else {}
        stage.shows(stage.line(site="show", audio="#player", **more))
        page.goto(stage.host.origin)
        page.wait_for_function("window.OnRecord")
        page.evaluate("question => OnRecord.ask(question)", QUESTION)
        frame = page.frame_locator("iframe")
        frame.locator(".tools").wait_for()
        frame.locator(".play").first.click()
        frame.get_by_role("button", name="Good answer").click()
        eventually(page, lambda: "feedback" in [name for name, _ in page.evaluate("heard")])
        page.evaluate("OnRecord.toggle()")
        page.locator(".panel").wait_for(state="hidden")
        told = page.evaluate("heard")
        assert [name for name, _ in told] == [
            "ready", "open", "question", "answer", "seek", "feedback", "close",
        ]  # fmt: skip
        assert (QUESTION in str(told)) == opted_in
        page.evaluate("localStorage.clear()")
    assert [each.verdict for each in feedback.kept(stage.library)][-2:] == ["like", "like"]


def test_a_page_can_play_by_itself_and_unsubscribe(stage: Stage, page: Any) -> None:
    stage.shows(stage.line(site="show", audio="#player"))
    page.goto(stage.host.origin)
    page.wait_for_function("window.OnRecord")
    page.evaluate(
        "() => { window.asked = []; window.off = OnRecord.on('seek', (event) => { asked.push(event.detail); event.preventDefault() }) }"
    )
    frame = opened(page)
    answered(frame)
    frame.locator(".play").first.click()
    eventually(page, lambda: page.evaluate("asked.length"))
    assert page.evaluate("document.querySelector('#player').currentTime") == 0
    page.evaluate("off()")
    frame.locator(".play").first.click()
    page.wait_for_function("document.querySelector('#player').currentTime > 0")
    assert page.evaluate("asked.length") == 1


def test_a_player_of_another_episode_is_left_alone_and_the_quote_plays_in_the_chat(
    stage: Stage, page: Any
) -> None:
    stage.shows(stage.line(site="show", audio="#player"))
    stage.host.pages["/"] = stage.host.pages["/"].replace('"player"', '"player" data-episode="another"')
    page.goto(stage.host.origin)
    frame = opened(page)
    answered(frame)
    card = frame.locator(".card", has=frame.locator(".time")).first
    minutes, seconds = map(int, card.locator(".time").text_content().split(":"))
    card.locator(".play").click()
    playing = frame.locator("#sound audio")
    eventually(page, lambda: playing.evaluate("e => e.currentTime") >= 60 * minutes + seconds)
    assert page.evaluate("document.querySelector('#player').currentTime") == 0


def test_forged_messages_are_not_heard(stage: Stage, page: Any) -> None:
    heard(page)
    stage.shows(stage.line(site="show"))
    page.goto(stage.host.origin)
    frame = opened(page)
    page.evaluate("postMessage({ onrecord: 'close' }, '*')")
    page.evaluate("postMessage({ onrecord: 'event', name: 'answer', detail: {} }, '*')")
    inner = page.frames[1]
    inner.evaluate("postMessage({ onrecord: 'ask', question: 'forged?' }, '*')")
    page.wait_for_timeout(300)
    assert page.locator(".panel").is_visible()
    assert frame.locator(".turn").count() == 0
    assert "answer" not in [name for name, _ in page.evaluate("heard")]


def test_stop_retry_edit_and_a_fresh_start(stage: Stage, page: Any) -> None:
    async def slow(exchange: Exchange) -> None:
        await exchange.begin("text/event-stream; charset=utf-8")
        for _ in range(300):
            await exchange.event(chunk("Well, "))
            await asyncio.sleep(0.1)

    stage.shows(stage.line(site="show"))
    page.goto(stage.host.origin)
    frame = opened(page)
    stage.model.behaviour = slow
    stage.model.left.clear()
    before = len(stage.model.requests)
    frame.locator("#question").fill(QUESTION)
    frame.locator("#question").press("Enter")
    eventually(page, lambda: len(stage.model.requests) > before)
    frame.get_by_role("button", name="Stop").click()
    frame.get_by_text("Stopped.").wait_for()
    assert stage.model.left.wait(10), "the model goes on writing for nobody"
    stage.model.behaviour = says(cite)

    frame.get_by_role("button", name="Ask again").click()
    frame.locator(".card").first.wait_for()
    assert frame.locator(".turn").count() == 1
    frame.get_by_role("button", name="Edit the question").click()
    assert frame.locator("#question").input_value() == QUESTION
    answered(frame, "Who looks after the sourdough starter?")
    assert frame.locator(".asked p").all_text_contents() == ["Who looks after the sourdough starter?"]
    message = copied(page, frame.get_by_role("button", name="Copy the answer"))
    assert frame.locator(".card q").first.text_content() in message
    assert f"{stage.address}/t/" in message
    frame.get_by_role("button", name="New conversation").click()
    assert frame.locator(".turn").count() == 0
    frame.get_by_role("button", name="Narrow the search").click()
    frame.locator("#speaker").select_option("Wren Castellow")
    frame.locator(".starter").first.click()
    frame.locator(".card").first.wait_for()
    assert set(frame.locator(".card strong").all_text_contents()) == {"Wren Castellow"}


@pytest.mark.parametrize(
    ("status", "retry_after", "lang", "words"),
    [
        (429, "100", "en", "You can ask again in 2 minutes."),
        (429, "30", "de", "In 30 Sekunden kannst du wieder fragen."),
        (503, "2", "fr", "Réessayez dans 2 secondes."),
        (403, None, "en", "Questions from this page are not taken here."),
        (500, None, "es", "Algo falló por nuestra parte."),
        (200, None, "en", "The answer broke off."),
    ],
)
def test_what_fails_is_said_in_plain_words(
    stage: Stage, chromium: Any, status: int, retry_after: str | None, lang: str, words: str
) -> None:
    page = chromium.new_page()
    headers = {"content-type": "application/json", **({"retry-after": retry_after} if retry_after else {})}
    body = "" if status == 200 else '{"error": {"what": "x", "fix": "y"}}'
    page.route("**/api/ask", lambda route: route.fulfill(status=status, headers=headers, body=body))
    page.goto(f"{stage.address}/embed?lang={lang}")
    page.fill("#question", QUESTION)
    page.keyboard.press("Enter")
    page.get_by_role("alert").get_by_text(words).wait_for()
    assert page.locator(".tools .tool").count() == 1
    page.close()


@pytest.mark.parametrize(
    ("locale", "page_tag", "lang", "direction", "corner"),
    [
        ("de-AT", '<html lang="en">', "de", "ltr", "right"),
        ("ja-JP", '<html lang="ar" dir="rtl">', "en", "rtl", "left"),
    ],
)
def test_the_visitors_language_and_the_pages_direction(
    stage: Stage, chromium: Any, locale: str, page_tag: str, lang: str, direction: str, corner: str
) -> None:
    stage.shows(stage.line(site="show"), page=page_tag)
    with watched(chromium, stage.address, stage.host.origin, locale=locale) as watch:
        page = watch.context.new_page()
        page.goto(stage.host.origin)
        frame = opened(page)
        html = frame.locator("html")
        assert (html.get_attribute("lang"), html.get_attribute("dir")) == (lang, direction)
        assert page.locator(".at").evaluate(f"e => getComputedStyle(e).{corner}") == "20px"
        assert html.evaluate("e => e.scrollWidth <= innerWidth")


def test_the_chat_has_the_pages_shade_and_changes_with_it(stage: Stage, page: Any) -> None:
    stage.shows(stage.line(site="show"))
    page.goto(stage.host.origin)
    html = opened(page).locator("html")
    assert html.get_attribute("data-theme") == "light"
    page.evaluate("document.body.style.background = '#111'")
    eventually(page, lambda: html.get_attribute("data-theme") == "dark")
    page.evaluate("OnRecord.theme('light')")
    eventually(page, lambda: html.get_attribute("data-theme") == "light")


def test_it_opens_by_itself_once_and_can_be_sidebar_larger_and_a_window(stage: Stage, page: Any) -> None:
    stage.shows(stage.line(site="show", open="0.2", layout="sidebar"))
    page.goto(stage.host.origin)
    frame = page.frame_locator("iframe")
    frame.locator("#close").wait_for()
    assert page.evaluate("document.activeElement === document.body"), "what opens by itself takes no focus"
    assert page.locator(".panel").bounding_box()["height"] == pytest.approx(
        page.viewport_size["height"], abs=0.1
    )
    narrow = page.locator(".panel").bounding_box()["width"]
    frame.get_by_role("button", name="Larger or smaller").click()
    eventually(page, lambda: page.locator(".panel").bounding_box()["width"] > narrow)
    answered(frame)
    with page.context.expect_page() as window:
        frame.get_by_role("button", name="Open in a window of its own").click()
    window.value.locator(".card").first.wait_for()
    page.locator(".panel").wait_for(state="hidden")
    page.reload()
    page.locator(".launch").wait_for()
    page.wait_for_timeout(500)
    assert page.locator(".panel").count() == 0, "who closed it is not asked again"


def test_the_sample_page_shows_it(stage: Stage, chromium: Any) -> None:
    with watched(chromium, stage.address) as watch:
        page = watch.context.new_page()
        page.goto(f"{stage.address}/demo?tooltip=Ask+away")
        page.get_by_text("Ask away", exact=True).wait_for()
        page.get_by_role("button", name="Close").click()
        assert page.get_by_text("Ask away", exact=True).count() == 0
        answered(opened(page))
