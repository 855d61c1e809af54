"""A feed becomes episodes with their transcripts, the best format first."""

import datetime

import pytest

from index.errors import SourceError
from index.feed import is_feed, parse_feed

HOME = "https://tides.example/feed/rss.xml"
PODCAST = "https://podcastindex.org/namespace/1.0"
FEED = f"""<?xml version="1.0" encoding="UTF-8"?>
<!-- made by hand -->
<rss version="2.0" xmlns:podcast="{PODCAST}" xmlns:itunes="http://www.itunes.com/dtds/podcast-1.0.dtd"
     xmlns:atom="http://www.w3.org/2005/Atom" xmlns:media="http://search.yahoo.com/mrss/">
<channel>
  <title>The Tide Table</title>
  <atom:link href="{HOME}" rel="self"/>
  <podcast:person>Nell Harrow</podcast:person>
  <item>
    <itunes:title>Mud</itunes:title>
    <title>Forty Years of  Mud &amp; More</title>
    <itunes:season>2</itunes:season>
    <itunes:episode>9</itunes:episode>
    <pubDate>Mon, 03 Mar 2025 06:00:00 GMT</pubDate>
    <link>/9</link>
    <enclosure url="../audio/9.mp3" length="1" type="audio/mpeg"/>
    <podcast:person role="guest">Ivo Brandt</podcast:person>
    <podcast:person>Nell Harrow</podcast:person>
    <podcast:transcript url="9.txt" type="text/plain"/>
    <podcast:transcript url="9.html" type="text/html; charset=utf-8"/>
    <podcast:transcript url="9.srt" type="application/x-subrip" rel="captions" language="en"/>
    <podcast:transcript url="9.vtt" type="text/vtt" rel="captions"/>
    <podcast:transcript url="9.json" type="application/json"/>
    <podcast:transcript url="9.doc" type="application/msword"/>
    <podcast:transcript url="javascript:alert(1)" type="text/vtt"/>
    <podcast:transcript type="text/vtt"/>
    <media:transcript url="other.vtt" type="text/vtt"/>
  </item>
  <item><title>No transcript</title></item>
  <item><title>Eels</title><pubDate>when it rained</pubDate><podcast:transcript url="https://cdn.example/10.SRT?x=1.json"/></item>
</channel></rss>"""

ATOM = f"""<feed xmlns="http://www.w3.org/2005/Atom" xmlns:p="{PODCAST}"><title>The Tide Table</title>
<entry><title>Mud</title><link rel="alternate" href="/9"/><link rel="enclosure" href="/9.mp3"/>
<published>2025-03-03T06:00:00Z</published><p:transcript url="/9.vtt" type="text/vtt"/></entry></feed>"""

BOMB = """<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>
<rss><channel><title>&b;</title><item/></channel></rss>"""
OUTSIDE = '<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY a SYSTEM "file:///etc/passwd">]><rss><channel>&a;</channel></rss>'


def test_every_transcript_of_an_item_is_kept_and_the_best_comes_first() -> None:
    mud, eels = parse_feed(FEED.encode(), HOME)
    assert [
        transcript.address.removeprefix("https://tides.example/feed/") for transcript in mud.transcripts
    ] == [
        "9.json",
        "9.vtt",
        "9.srt",
        "9.html",
        "9.txt",
        "9.doc",
    ]
    captions = mud.transcripts[2]
    assert (captions.media_type, captions.language, captions.rel) == (
        "application/x-subrip",
        "en",
        "captions",
    )
    assert [transcript.address for transcript in eels.transcripts] == ["https://cdn.example/10.SRT?x=1.json"]


def test_what_the_feed_says_about_an_episode() -> None:
    mud, eels = parse_feed(FEED.encode(), HOME)
    assert mud.about.title == "Forty Years of Mud & More"
    assert mud.about.show == eels.about.show == "The Tide Table"
    assert (mud.about.number, mud.about.date) == ("9", datetime.date(2025, 3, 3))
    assert mud.about.page_url == "https://tides.example/9"
    assert mud.about.audio_url == "https://tides.example/audio/9.mp3"
    assert mud.people == ("Ivo Brandt", "Nell Harrow")
    assert eels.people == ("Nell Harrow",)
    assert (eels.about.number, eels.about.date, eels.about.page_url, eels.about.audio_url) == (
        None,
        None,
        None,
        None,
    )


@pytest.mark.parametrize(
    "namespace",
    [
        "https://podcastindex.org/namespace/1.0",
        "http://podcastindex.org/namespace/1.0/",
        "https://github.com/Podcastindex-org/podcast-namespace/blob/main/docs/1.0.md",
    ],
)
def test_older_names_of_the_namespace_are_known(namespace: str) -> None:
    assert len(parse_feed(FEED.replace(PODCAST, namespace).encode(), HOME)) == 2


def test_atom() -> None:
    (mud,) = parse_feed(ATOM.encode(), HOME)
    assert (mud.about.title, mud.about.show, mud.about.date) == (
        "Mud",
        "The Tide Table",
        datetime.date(2025, 3, 3),
    )
    assert (mud.about.page_url, mud.about.audio_url) == (
        "https://tides.example/9",
        "https://tides.example/9.mp3",
    )
    assert mud.transcripts[0].address == "https://tides.example/9.vtt"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (FEED, True),
        ("\ufeff" + FEED, True),
        (FEED[:200], True),
        (ATOM, True),
        (BOMB, True),
        ('<rdf:RDF xmlns:rdf="x"></rdf:RDF>', True),
        ("<!doctype html><html><body>&lt;rss&gt;<rss ></body></html>", False),
        ("<p>We read the feed.</p>", False),
        ("WEBVTT\n\n<rss>", False),
        ("", False),
    ],
)
def test_a_feed_is_told_from_its_content(text: str, expected: bool) -> None:
    assert is_feed(text.encode()) is expected


@pytest.mark.parametrize(
    ("text", "what", "fix"),
    [
        (FEED[:600], "no sound XML", "validator"),
        (BOMB, "defines entities", "feed of the show"),
        (OUTSIDE, "defines entities", "feed of the show"),
        ("<rss><channel><title>x</title></channel></rss>", "no episodes", "check the address"),
        ("<rss><channel><item><title>x</title></item></channel></rss>", "no transcript in 1 episode", "add the transcript files themselves"),
        ('<?xml version="1.0" encoding="nonsense"?><rss/>', "no sound XML", "validator"),
    ],
)  # fmt: skip
def test_a_feed_that_cannot_be_used_is_refused_by_its_address(text: str, what: str, fix: str) -> None:
    with pytest.raises(SourceError, match=what) as caught:
        parse_feed(text.encode(), HOME)
    assert caught.value.where == HOME
    assert fix in (caught.value.fix or "")
