"""The widget's files and the page in its frame, without a browser."""

import asyncio
import gzip
import json
import re
import shutil
from collections.abc import Iterator
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from hypothesis import given
from hypothesis import strategies as st
from selectolax.lexbor import LexborHTMLParser

from index import sites
from index.encoder import Encoder
from index.library import Library
from index.sites import Site
from rag.answering import Answerer
from tests.browser.hostile_strings import HOSTILE
from ui import colors, server, widget_files
from ui.embed_page import wishes_of

LENS = "02-the-lens-in-the-barn"
STARTER = "01-the-starter-that-would-not-die"
PARTS = ("widget.js", "panel.js", "embed.js", "embed.css")


@pytest.fixture(scope="module")
def library(sample: Library, tmp_path_factory: pytest.TempPathFactory) -> Library:
    folder = tmp_path_factory.mktemp("embed") / "library"
    shutil.copytree(sample.folder, folder)
    made = Library.open(folder)
    sites.put(
        made,
        Site(
            "lens",
            ("https://show.example",),
            episodes=(LENS,),
            label="Ask <b>the lens</b>",
            color="#0b6e4f",
            greeting="Hello",
            disclaimer="Quotes are checked",
        ),
    )
    return made


@pytest.fixture(scope="module")
def client(library: Library, encoder: Encoder) -> Iterator[TestClient]:
    async def made() -> FastAPI:
        return server.create_app(Answerer(library, encoder))

    with TestClient(asyncio.run(made()), base_url="http://onrecord.test") as opened:
        yield opened


def page(client: TestClient, **query: Any) -> LexborHTMLParser:
    response = client.get("/embed", params=query)
    assert response.status_code == 200
    return LexborHTMLParser(response.text)


def settings_of(shown: LexborHTMLParser) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(shown.css_first("#settings").text())
    return found


# -- the files --------------------------------------------------------------------------------


def test_the_loader_and_the_page_are_light(client: TestClient) -> None:
    sizes = {part: len(gzip.compress(client.get(f"/{part}").content)) for part in PARTS}
    sizes["embed"] = len(gzip.compress(client.get("/embed").content))
    assert sizes["widget.js"] < 3_000
    assert sizes["embed"] + sizes["embed.js"] + sizes["embed.css"] < 12_000
    longest = max(widget_files.labels(), key=lambda language: len(str(widget_files.labels()[language])))
    assert len(gzip.compress(client.get("/embed", params={"lang": longest}).content)) < sizes["embed"] + 400


def test_every_language_says_everything_and_every_label_is_said() -> None:
    texts = widget_files.labels()
    assert set(texts) == {"en", "de", "es", "fr"}
    for language, parts in texts.items():
        assert {part: set(said) if isinstance(said, dict) else len(said) for part, said in parts.items()} == {
            part: set(said) if isinstance(said, dict) else len(said) for part, said in texts["en"].items()
        }, language
        for key, words in parts["talk"].items():
            assert set(re.findall(r"\{\w+\}", words)) == set(re.findall(r"\{\w+\}", texts["en"]["talk"][key]))
    said = widget_files.embed_script()
    used = {*re.findall(r"say\.(\w+)", said), *re.findall(r'(?:tool|thumb)\("(\w+)"', said)}
    stages = {"searching", "writing", "waiting"}
    assert used | stages == set(texts["en"]["talk"])


@pytest.mark.parametrize("part", PARTS)
def test_the_files_have_no_comments_and_no_placeholders(client: TestClient, part: str) -> None:
    text = client.get(f"/{part}").text
    assert not re.search(r"^\s*//|/\*", text, re.MULTILINE)
    assert not re.search(r"\b(STYLE|LABELS)\b", text)
    assert "innerHTML" not in text
    assert "document.cookie" not in text


def test_scripts_can_be_loaded_by_other_sites_and_are_kept(client: TestClient) -> None:
    for part in ("widget.js", "panel.js"):
        headers = client.get(f"/{part}").headers
        assert headers["cross-origin-resource-policy"] == "cross-origin"
        assert headers["cache-control"] == "public, max-age=3600"
    shown = page(client)
    for node, name in (
        (shown.css_first("script[src]"), "src"),
        (shown.css_first("link[rel=stylesheet]"), "href"),
    ):
        named = client.get(str(node.attributes[name])).headers
        assert "immutable" in named["cache-control"]
    assert client.get("/embed.js?older").headers["cache-control"] == "no-cache"


# -- the page ---------------------------------------------------------------------------------


def test_only_a_sites_own_origins_hold_its_page(client: TestClient) -> None:
    ours = client.get("/embed").headers
    assert "frame-ancestors 'self'" in ours["content-security-policy"]
    assert "show.example" not in ours["content-security-policy"]
    theirs = client.get("/embed", params={"site": "lens"}).headers
    assert "frame-ancestors 'self' https://show.example" in theirs["content-security-policy"]
    assert "x-frame-options" not in theirs
    assert client.get("/embed", params={"site": "nobody"}).status_code == 404
    assert client.get("/site.js", params={"site": "nobody"}).status_code == 404


@pytest.mark.parametrize(
    ("site", "host", "told"),
    [
        ("lens", "https://show.example", "https://show.example"),
        ("lens", "https://evil.example", None),
        ("lens", "https://show.example.evil.example", None),
        ("", "https://show.example", None),
        ("", "https://onrecord.test", "https://onrecord.test"),
        ("", "", None),
    ],
)
def test_the_page_talks_only_with_who_may_hold_it(
    client: TestClient, site: str, host: str, told: str | None
) -> None:
    assert settings_of(page(client, site=site, host=host))["host"] == told


def test_a_site_has_its_look_its_words_and_its_episodes(client: TestClient) -> None:
    shown = page(client, site="lens")
    assert shown.css_first("h1 .name").text() == "Ask <b>the lens</b>"
    assert shown.css_first("h2").text() == "Hello"
    assert shown.css_first(".disclaimer").text() == "Quotes are checked"
    assert "--fill:#0b6e4f" in shown.css_first("style").text()
    listed = client.get(settings_of(shown)["episodes"]).json()["episodes"]
    assert [each["id"] for each in listed] == [LENS]
    assert listed[0]["recording"] == f"/audio/{LENS}"
    look = client.get("/site.js", params={"site": "lens"}).text
    assert json.loads(look.removeprefix("document.currentScript.look = ").removesuffix(";")) == {
        "label": "Ask <b>the lens</b>",
        "color": "#0b6e4f",
    }
    assert "<b>" not in look


def test_the_lines_own_wishes_go_first(client: TestClient) -> None:
    shown = page(
        client, site="lens", label="Mine", greeting="Good day", color="#fff", starters="One?|Two?|", lang="fr"
    )
    assert shown.css_first("h1 .name").text() == "Mine"
    assert shown.css_first("h2").text() == "Good day"
    assert "--fill:#fff" in shown.css_first("style").text()
    assert [each.text() for each in shown.css(".starter")] == ["One?", "Two?"]
    assert shown.css_first("#question").attributes["aria-label"] == "Votre question"


def test_a_narrowed_page_shows_and_asks_its_episodes_alone(client: TestClient) -> None:
    settings = settings_of(page(client, episode=LENS, speaker="Hesper Vane|Brannoch Ilves"))
    assert settings["only"] == [LENS]
    assert settings["speakers"] == ["Hesper Vane", "Brannoch Ilves"]
    assert [each["id"] for each in client.get(settings["episodes"]).json()["episodes"]] == [LENS]
    refused = client.get("/embed", params={"site": "lens", "episode": STARTER})
    assert refused.status_code == 404
    assert client.get("/embed", params={"episode": "../library"}).status_code == 404


def test_starters_are_drawn_from_the_pages_own_episodes(client: TestClient, library: Library) -> None:
    words = {word for turn in library.episode(LENS).turns for word in turn.text.split()}
    title = "The Lens in the Barn"
    for starter in page(client, site="lens").css(".starter"):
        assert set(starter.text().split()) <= words or title in starter.text()


@pytest.mark.parametrize(
    ("query", "header", "language"),
    [
        ("", "de-AT,de;q=0.9,en;q=0.8", "de"),
        ("", "ja, fr-CA;q=0.5, en;q=0.4", "fr"),
        ("", "en;q=0.1, es;q=0.9", "es"),
        ("fr", "de", "fr"),
        ("ar", "de", "en"),
        ("", "", "en"),
        ("", ";q=1,,*;q=.,de;q=9.9.9", "en"),
    ],
)
def test_the_visitors_language_unless_the_owner_names_one(query: str, header: str, language: str) -> None:
    assert wishes_of({"lang": query}, header).lang == language


@given(
    st.dictionaries(st.sampled_from(["lang", "theme", "color", "starters", "host", "label"]), st.text()),
    st.text(),
)
def test_any_wish_can_be_read(query: dict[str, str], header: str) -> None:
    wishes = wishes_of(query, header)
    assert wishes.lang in widget_files.labels()
    assert wishes.theme in ("light", "dark", "auto")
    assert not wishes.color or colors.is_color(wishes.color)
    assert len(wishes.label) <= 400


def test_whatever_an_address_says_is_words(client: TestClient) -> None:
    parts = {each.tag for each in LexborHTMLParser(client.get("/embed").text).css("*")}
    for text in HOSTILE[::3]:
        shown = page(
            client, label=text, greeting=text, disclaimer=text, starters=text.replace("|", ""), color=text
        )
        for selector in ("h1 .name", "h2", ".disclaimer", ".starter"):
            assert shown.css_first(selector).text() == text.replace("|", "") or "|" in text
        assert {each.tag for each in shown.css("*")} <= parts | {"p"}


@given(st.from_regex(r"#[0-9a-f]{6}|#[0-9A-F]{3}", fullmatch=True))
def test_any_colour_stays_readable(color: str) -> None:
    found = dict(re.findall(r"--([\w-]+):(#\w+)", colors.style_of(color)))
    assert found["fill"] == color
    assert colors.contrast(found["on-fill"], color) >= colors.READABLE
    assert colors.contrast(found["accent-light"], colors.PAPER) >= colors.READABLE
    assert colors.contrast(found["accent-dark"], colors.PAPER_DARK) >= colors.READABLE


def test_contrast_is_as_the_guidelines_have_it() -> None:
    assert colors.contrast("#000", "#ffffff") == pytest.approx(21)
    assert colors.contrast("#777777", "#fff") == pytest.approx(4.48, abs=0.005)
    assert not colors.is_color("red")
    assert not colors.is_color("#12345;")


# -- the sample page --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("base", "client_address", "served"),
    [
        ("http://127.0.0.1:7860", "127.0.0.1", True),
        ("http://localhost", "::1", True),
        ("https://show.example", "127.0.0.1", False),
        ("http://127.0.0.1", "203.0.113.9", False),
        ("http://testserver", "testclient", False),
    ],
)
def test_the_sample_page_is_for_this_machine_alone(
    client: TestClient, base: str, client_address: str, served: bool
) -> None:
    here = TestClient(client.app, base_url=base, client=(client_address, 50000))
    response = here.get("/demo", params={"greeting": HOSTILE[0], "other": "x"})
    assert response.status_code == (200 if served else 404)
    if served:
        script = LexborHTMLParser(response.text).css_first("head script")
        assert script.attributes["data-greeting"] == HOSTILE[0]
        assert "data-other" not in script.attributes
