"""HTML: Podcasting 2.0 transcripts, and the saved page of a show's site.

Podcasting 2.0: https://github.com/Podcastindex-org/podcast-namespace/blob/main/transcripts/transcripts.md.
"""

import re
from collections.abc import Iterator
from urllib.parse import urljoin

from selectolax.lexbor import LexborHTMLParser, LexborNode

from index.errors import TranscriptError
from index.formats import script
from index.formats.clock import seconds
from index.formats.cues import Cue, Join, turns_of
from index.formats.forgiving import Forgiven
from index.formats.heading import about_of_fields, joined
from index.formats.labels import speaker_name
from index.formats.openings import time_of
from index.formats.rows import Row, words_of_cells
from index.text import clean
from index.transcript import About, Reading

_NO_WORDS = (
    "script, style, noscript, template, nav, form, button, select, textarea, svg, iframe, object, head, footer, aside,"
    " [hidden], [aria-hidden=true], [role=navigation], [role=banner], [role=contentinfo]"
)
_BESIDE = re.compile(
    r"(?:^|\s)(?:site-|page-|post-|entry-)?(?:sidebar|shar(?:e|ing)|social|cookies?|consent|comments?|respond|related|newsletter|footer|nav|navbar|"
    r"navigation|menu|breadcrumbs?|pagination|popup|modal|banner|advert(?:isement)?|promo)s?(?:[-_]\w+)*(?:$|\s)",
    re.IGNORECASE,
)
_BESIDE_SHARE = 0.3
"""The share of a page's words below which a part with such a name stands beside the words."""

_BLOCKS = frozenset(
    "p div li ul ol section article main header h1 h2 h3 h4 h5 h6 blockquote table tbody tr td th dl dt dd figure "
    "figcaption pre body details summary address hr cite time".split()
)
_HEADINGS = frozenset("h1 h2 h3 h4 h5 h6".split())
_BOLD = frozenset("b strong cite dt".split())
_SPEAKER_CLASS = re.compile(
    r"(?:^|[\s_-])(?:speaker|voice|author-name|talker)(?:$|[\s_-]|name)", re.IGNORECASE
)


def recognises(text: str) -> bool:
    """Whether the text is written in HTML."""
    start = text[:4000].lower()
    if re.match(
        r"\s*(?:<\?xml[^>]*>\s*)?(?:<!--.*?-->\s*)*<(?:!doctype html|html|head|body)\b", start, re.DOTALL
    ):
        return True
    return (
        bool(re.match(r"\s*<(?:cite|p|div|time|span|section|article|main|h[1-6])\b", start))
        and "</" in text[:20000]
    )


def read(text: str, forgiven: Forgiven, name: str) -> Reading:
    """A transcript's markup, or the rows of a page that name their speakers, as turns.

    Raises:
        TranscriptError: the page has no transcript in it.
    """
    tree = LexborHTMLParser(text)
    about = _about(tree)
    if _has_cited_words(tree):
        turns = turns_of(_cited(tree), forgiven)
        if turns:
            return Reading(about, turns, forgiven.sentences())
    for node in tree.css(_NO_WORDS):
        if node.tag != "body":
            node.decompose()
    _take_out_what_stands_beside(tree)
    reading = script.read(list(_rows(tree)), forgiven)
    if reading is None:
        raise TranscriptError(
            "a web page without a transcript in it",
            where=f"{name}:1",
            fix="expected paragraphs that begin with the speakers' names; save the page that has the transcript",
        )
    return Reading(joined(about, reading.about), reading.turns, reading.forgiven)


def _has_cited_words(tree: LexborHTMLParser) -> bool:
    """Whether `<cite>` names speakers here, and not the titles of works."""
    followed = len(tree.css("cite + time, cite + p"))
    return followed > 0 and 2 * followed >= len(tree.css("cite"))


def _cited(tree: LexborHTMLParser) -> Iterator[Cue]:
    """`<cite>` names who speaks, `<time>` when, `<p>` holds the words."""
    speaker: str | None = None
    start: float | None = None
    join = Join.TURN
    for node in tree.css("cite, time, p"):
        if node.tag == "cite":
            speaker, join = speaker_name(node.text()), Join.TURN
        elif node.tag == "time":
            start = seconds(node.text().strip("[]() \n\t"))
        else:
            words = node.text(separator=" ")
            for inner in node.css("cite, time"):
                words = words.replace(inner.text(separator=" "), " ", 1)
            if words.strip():
                yield Cue(words, start, None, speaker, join)
                start, join = None, Join.PARAGRAPH


def _take_out_what_stands_beside(tree: LexborHTMLParser) -> None:
    """Remove menus, comments and the like, which many sites name only by their class or id."""
    whole = len(tree.body.text()) if tree.body else 0
    for node in tree.css("div[class], div[id], section[class], section[id], ul[class], p[class], aside"):
        named = " ".join(node.attributes.get(name) or "" for name in ("class", "id"))
        if _BESIDE.search(named) and len(node.text()) < _BESIDE_SHARE * whole:
            node.decompose()


def _rows(tree: LexborHTMLParser) -> Iterator[Row]:
    """The page's words block by block; a `<br>` begins a row of the same paragraph."""
    if tree.body is not None:
        yield from _Walk().rows(tree.body)


class _Walk:
    """Collects the words of one block after another."""

    def __init__(self) -> None:
        self.words: list[str] = []
        self.lead: list[str] = []
        self.leading = True
        self.gap = True
        self.count = 0

    def rows(self, root: LexborNode) -> Iterator[Row]:
        # A page can be nested deeper than Python's stack: the walk keeps its own.
        stack: list[tuple[LexborNode | None, tuple[int, ...], bool, bool]] = [(root, (), False, False)]
        while stack:
            node, path, bold, heading = stack.pop()
            if node is None:
                yield from self.block(path, heading)
                continue
            tag = node.tag or ""
            if tag == "-text":
                self.add(node.text_content or "", bold)
                continue
            if tag == "br":
                yield from self.block(path, heading, gap=False)
                continue
            if tag == "tr" and len(cells := [c for c in node.iter() if c.tag in ("td", "th")]) > 1:
                yield from self.block(path, heading)
                self.add(
                    words_of_cells([clean(" ".join(cell.text(separator=" ").split())) for cell in cells]),
                    bold,
                )
                yield from self.block((*path, self._next()), heading)
                continue
            if tag in _BLOCKS:
                yield from self.block(path, heading)
                inner, inner_heading = (*path, self._next()), tag in _HEADINGS or heading
                stack.append((None, inner, bold, inner_heading))
            else:
                inner, inner_heading = path, heading
            inner_bold = (
                bold
                or tag in _BOLD
                or bool(_SPEAKER_CLASS.search((node.attributes or {}).get("class") or ""))
            )
            children = list(node.iter(include_text=True))
            stack.extend((child, inner, inner_bold, inner_heading) for child in reversed(children))

    def add(self, text: str, bold: bool) -> None:
        if text.strip() and not bold and time_of(text.strip()) is None:
            self.leading = False
        if bold and self.leading:
            self.lead.append(text)
        self.words.append(text)

    def block(self, path: tuple[int, ...], heading: bool, *, gap: bool = True) -> Iterator[Row]:
        text = " ".join(clean("".join(self.words)).split())
        lead = " ".join(clean("".join(self.lead)).split())
        if text:
            yield Row(text, self.gap, lead, heading, path)
        if text or gap:
            self.gap = gap
        self.words, self.lead, self.leading = [], [], True

    def _next(self) -> int:
        self.count += 1
        return self.count


def _about(tree: LexborHTMLParser) -> About:
    def meta(*names: str) -> str | None:
        for name in names:
            node = tree.css_first(f'meta[property="{name}"], meta[name="{name}"], meta[itemprop="{name}"]')
            if node and (content := node.attributes.get("content")):
                return clean(content)
        return None

    def attribute(selector: str, name: str) -> str | None:
        node = tree.css_first(selector)
        return node.attributes.get(name) if node else None

    def words(selector: str) -> str | None:
        node = tree.css_first(selector)
        return clean(node.text()) if node else None

    page = attribute('link[rel="canonical"]', "href") or meta("og:url")
    audio = meta("og:audio", "og:audio:url", "og:audio:secure_url") or attribute(
        "audio[src], audio source[src]", "src"
    )
    audio = audio or attribute('a[href$=".mp3"], a[href$=".m4a"]', "href")
    fields = {
        "title": meta("og:title") or words("h1") or words("title"),
        "show": meta("og:site_name"),
        "page_url": page,
        "audio_url": urljoin(page or "", audio) if audio else None,
        "date": meta("article:published_time", "datePublished", "date")
        or attribute("time[datetime]", "datetime"),
    }
    return about_of_fields({field: value for field, value in fields.items() if value})
