"""The register of sites, and its command."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index import sites
from index.errors import SiteError, UnknownEpisode, UnknownSite
from index.library import Library
from index.schema import FORMAT_VERSION
from index.sites import Site, origin_of

WHOLE = Site(
    name="my-show",
    origins=("https://show.example", "http://localhost:8000"),
    episodes=("02-the-lens-in-the-barn",),
    label="Ask the show",
    color="#0b6e4f",
    greeting="Ask us anything.",
    disclaimer="Every quote is checked.",
    questions_per_minute=5,
    questions_per_day=10,
    tokens_per_day=1000,
)


def test_a_site_is_kept_as_it_was_given(own_sample: Library) -> None:
    assert sites.put(own_sample, WHOLE) == WHOLE
    assert sites.get(own_sample, "my-show") == WHOLE
    assert sites.all_sites(own_sample) == [WHOLE]


def test_a_site_of_the_same_name_is_replaced_and_one_can_be_removed(own_sample: Library) -> None:
    sites.put(own_sample, WHOLE)
    sites.put(own_sample, Site("my-show"))
    sites.put(own_sample, Site("another"))
    assert [site.name for site in sites.all_sites(own_sample)] == ["another", "my-show"]
    assert sites.get(own_sample, "my-show").origins == ()
    sites.remove(own_sample, "my-show")
    for gone in (sites.get, sites.remove):
        with pytest.raises(UnknownSite, match="no site is called 'my-show'"):
            gone(own_sample, "my-show")


def test_episodes_may_be_named_by_their_files_and_must_be_there(own_sample: Library) -> None:
    kept = sites.put(own_sample, Site("a", episodes=("02-the-lens-in-the-barn.vtt",) * 2))
    assert kept.episodes == ("02-the-lens-in-the-barn",)
    with pytest.raises(UnknownEpisode):
        sites.put(own_sample, Site("a", episodes=("none",)))


@pytest.mark.parametrize(
    ("given_as", "kept_as"),
    [
        ("https://Show.Example", "https://show.example"),
        ("https://show.example/", "https://show.example"),
        ("https://show.example:443", "https://show.example"),
        ("http://localhost:80", "http://localhost"),
        ("https://show.example:8443", "https://show.example:8443"),
        ("http://127.0.0.1:8000", "http://127.0.0.1:8000"),
        ("http://[::1]:8000", "http://[::1]:8000"),
        ("https://xn--caf-dma.example", "https://xn--caf-dma.example"),
    ],
)
def test_an_origin_is_kept_as_browsers_write_it(given_as: str, kept_as: str) -> None:
    assert origin_of(given_as) == kept_as


@pytest.mark.parametrize(
    "no_origin",
    [
        "",
        "show.example",
        "//show.example",
        "*",
        "https://*.show.example",
        "https://show.example/blog",
        "https://show.example?x",
        "https://show.example#x",
        "https://me@show.example",
        "https://show.example; script-src *",
        "https://show.example 'unsafe-inline'",
        "https://show.example\r\nset-cookie: a=b",
        "https://café.example",
        "https://",
        "https://:443",
        "https://show.example:99999",
        "https://show.example:x",
        "https://[::1",
        "https://-a.example",
        "javascript:alert(1)",
        "null",
    ],
)
def test_what_is_no_origin_is_refused(no_origin: str) -> None:
    with pytest.raises(SiteError, match=r"is no origin; write it like https://show\.example"):
        origin_of(no_origin)


@given(st.text(max_size=40))
def test_no_origin_ever_breaks_out_of_a_header(text: str) -> None:
    try:
        origin = origin_of(text)
    except SiteError:
        return
    assert not set(origin) & set(" ;,'\"\r\n\t*")
    assert origin_of(origin) == origin


@pytest.mark.parametrize(
    "bad",
    [
        Site(""),
        Site("My Show"),
        Site("../etc"),
        Site("a" * 64),
        Site("nul\0"),
        Site("a", color="red"),
        Site("a", color="#fff;background:url(x)"),
        Site("a", label="x" * 41),
        Site("a", greeting="x" * 301),
        Site("a", questions_per_minute=-1),
        Site("a", tokens_per_day=2**63),
    ],
)
def test_what_cannot_be_registered_is_refused_and_leaves_nothing(own_sample: Library, bad: Site) -> None:
    with pytest.raises(SiteError):
        sites.put(own_sample, bad)
    assert sites.all_sites(own_sample) == []


def test_a_library_of_the_format_before_gets_its_register_when_it_is_opened(own_sample: Library) -> None:
    with own_sample.writing() as db:
        db.execute("DROP TABLE sites")
        db.execute("DROP TABLE spending")
        db.execute("DROP TABLE seals")
        db.execute("UPDATE manifest SET value = '2' WHERE key = 'format'")
    folder: Path = own_sample.folder
    own_sample.close()
    again = Library.open(folder)
    assert again.note("format") == str(FORMAT_VERSION)
    assert sites.put(again, WHOLE) == WHOLE
    again.close()
    assert sites.get(Library.open(folder), "my-show") == WHOLE
