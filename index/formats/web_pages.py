"""HTML: Podcasting 2.0 transcripts, and the saved page of a show's site.

Podcasting 2.0: https://github.com/Podcastindex-org/podcast-namespace/blob/main/transcripts/transcripts.md.
"""

import re
from collections.abc import Iterator
from dataclasses import replace

from selectolax.lexbor import LexborHTMLParser, LexborNode

from index.errors import TranscriptError
from index.formats import labelled, timed_text
from index.formats.clock import seconds
from index.formats.cues import Cue, turns_of
from index.formats.forgiving import Forgiven
from index.formats.heading import about_of_fields, date_in
from index.formats.labels import speaker_name
from index.text import clean
from index.transcript import About, Reading

_NOT_WORDS = (
    "script, style, noscript, template, nav, header, footer, aside, form, button, svg, iframe, select, head"
)
_BLOCKS = frozenset(
    "p div li ul ol section article main h1 h2 h3 h4 h5 h6 blockquote tr td dl dt dd figure pre body".split()
)


def recognises(text: str) -> bool:
    """Whether the text is written in HTML."""
    start = text[:2000].lower()
    if re.match(r"\s*(?:<!doctype html|<html|<head|<body)", start):
        return True
    return len(re.findall(r"</(?:cite|p|div|time|span)>", text[:20000], re.IGNORECASE)) >= 2


def read(text: str, forgiven: Forgiven, name: str) -> Reading:
    """A transcript's markup, or the labelled paragraphs of a page, as turns."""
    tree = LexborHTMLParser(text)
    about = _about(tree)
    if tree.css_first("cite") and tree.css_first("cite ~ time, cite ~ p, time + p, cite + p"):
        reading = Reading(about, turns_of(_cited(tree), forgiven), forgiven.sentences())
        if reading.turns:
            return reading
    for node in tree.css(_NOT_WORDS):
        node.decompose()
    words = _text_of(tree)
    texts = ((timed_text.recognises, timed_text.read), (labelled.recognises, labelled.read))
    for recognises_words, read_words in texts:
        if recognises_words(words):
            reading = read_words(words, forgiven)
            return replace(reading, about=_joined(about, reading.about))
    raise TranscriptError(
        "a web page without a transcript in it",
        where=f"{name}:1",
        fix="expected paragraphs that begin with the speakers' names; give the address of the transcript itself",
    )


def _cited(tree: LexborHTMLParser) -> Iterator[Cue]:
    """`<cite>` names who speaks, `<time>` when, `<p>` holds the words."""
    speaker: str | None = None
    start: float | None = None
    fresh = True
    for node in tree.css("cite, time, p"):
        if node.tag == "cite":
            speaker, fresh = speaker_name(node.text()), True
            if speaker is None:
                continue
        elif node.tag == "time":
            start = seconds(node.text().strip("[]() \n\t"))
        else:
            inner = [child for child in node.css("cite, time") if child is not node]
            words = node.text()
            for child in inner:
                words = words.replace(child.text(), "", 1)
            if words.strip():
                yield Cue(words, start, None, speaker, paragraph=not fresh and start is None)
                start, fresh = None, False


def _text_of(tree: LexborHTMLParser) -> str:
    """The page's words, a blank line between blocks and a line break at each `<br>`."""
    pieces: list[str] = []

    def walk(node: LexborNode) -> None:
        for child in node.iter(include_text=True):
            if child.tag == "-text":
                pieces.append(re.sub(r"\s+", " ", child.text(deep=False)))
            elif child.tag == "br":
                pieces.append("\n")
            elif child.tag in _BLOCKS:
                pieces.append("\n\n# " if child.tag == "h1" else "\n\n")
                walk(child)
                pieces.append("\n\n")
            else:
                walk(child)

    if tree.body is not None:
        walk(tree.body)
    return clean("".join(pieces))


def _about(tree: LexborHTMLParser) -> About:
    def meta(*names: str) -> str | None:
        for name in names:
            node = tree.css_first(f'meta[property="{name}"], meta[name="{name}"], meta[itemprop="{name}"]')
            if node and (content := node.attributes.get("content")):
                return clean(content)
        return None

    heading = tree.css_first("h1")
    title = tree.css_first("title")
    audio = tree.css_first("audio[src], audio source[src]")
    canonical = tree.css_first('link[rel="canonical"]')
    time = tree.css_first("time[datetime]")
    fields = {
        "title": meta("og:title") or (heading and clean(heading.text())) or (title and clean(title.text())),
        "show": meta("og:site_name"),
        "audio_url": meta("og:audio", "og:audio:url", "twitter:player:stream")
        or (audio.attributes.get("src") if audio else None),
        "page_url": (canonical.attributes.get("href") if canonical else None) or meta("og:url"),
        "date": meta("article:published_time", "datePublished")
        or (time.attributes.get("datetime") if time else None),
    }
    about = about_of_fields({key: value for key, value in fields.items() if value})
    return about if about.date else replace(about, date=date_in(fields["date"] or ""))


def _joined(page: About, words: About) -> About:
    return About(
        title=page.title or words.title,
        show=page.show,
        number=words.number,
        date=page.date or words.date,
        page_url=page.page_url,
        audio_url=page.audio_url,
    )
