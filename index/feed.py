"""A podcast's RSS feed names transcripts to fetch.

`<podcast:transcript>`: https://github.com/Podcastindex-org/podcast-namespace/blob/main/docs/1.0.md. An item may have
several of them, in formats that differ in how much of speakers and times they keep.
"""

import datetime
import email.utils
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from urllib.parse import urljoin, urlsplit
from xml.etree.ElementTree import Element, ParseError

from defusedxml import ElementTree
from defusedxml.common import DefusedXmlException

from index.errors import SourceError
from index.text import clean
from index.transcript import About

_FORMATS = ("json", "vtt", "srt", "html", "text")
"""Best first: what keeps the most of speakers and times."""

_FORMAT_OF_TYPE = {
    "application/json": "json",
    "text/json": "json",
    "application/x-json": "json",
    "text/vtt": "vtt",
    "application/vtt": "vtt",
    "application/srt": "srt",
    "application/x-srt": "srt",
    "application/x-subrip": "srt",
    "text/srt": "srt",
    "text/html": "html",
    "application/xhtml+xml": "html",
    "text/plain": "text",
    "text/markdown": "text",
}
_FORMAT_OF_ENDING = {
    "json": "json", "vtt": "vtt", "srt": "srt", "html": "html", "htm": "html", "txt": "text", "md": "text",
}  # fmt: skip
_HTML = re.compile(rb"\s*(?:<!--.{0,2000}?-->\s*)*<(?:!doctype\s+html|html)\b", re.IGNORECASE | re.DOTALL)
_ROOT = re.compile(rb"<(?:rss|(?:\w+:)?feed|\w+:RDF)[\s>]")


@dataclass(frozen=True, slots=True)
class Transcript:
    """One transcript that an item of a feed names.

    Attributes:
        media_type: as the feed has it, or "".
        language: as the feed has it; None is the feed's own.
        rel: `captions`, or None.
    """

    address: str
    media_type: str
    language: str | None = None
    rel: str | None = None


@dataclass(frozen=True, slots=True)
class FeedItem:
    """One episode of a feed.

    Attributes:
        people: whom the item, or else the show, names as taking part.
        transcripts: best format first.
    """

    about: About
    people: tuple[str, ...]
    transcripts: tuple[Transcript, ...]


def is_feed(data: bytes) -> bool:
    """Whether this is written as RSS or Atom, be it whole or torn."""
    start = data[:20_000].removeprefix(b"\xef\xbb\xbf").lstrip()
    return start.startswith(b"<") and not _HTML.match(start) and bool(_ROOT.search(start))


def parse_feed(data: bytes, address: str) -> list[FeedItem]:
    """The items of a feed that name a transcript, in its order.

    Args:
        address: the feed's own, for relative addresses in it and for messages.

    Raises:
        SourceError: it is torn, hostile, empty, or names no transcript.
    """
    try:
        root = ElementTree.fromstring(data)
    except DefusedXmlException as error:
        raise SourceError(
            "the feed defines entities, as only hostile ones do",
            where=address,
            fix="use the feed of the show itself",
        ) from error
    except (ParseError, ValueError, LookupError) as error:
        raise SourceError(
            f"the feed is no sound XML ({error})", where=address, fix="check it with a feed validator"
        ) from error
    channel = next((each for each in root.iter() if _name(each) == "channel"), root)
    items = [each for each in root.iter() if _name(each) in ("item", "entry")]
    if not items:
        raise SourceError("the feed has no episodes", where=address, fix="check the address")
    read = [_item(item, channel, address) for item in items]
    named = [item for item in read if item.transcripts]
    if not named:
        raise SourceError(
            f"the feed names no transcript in {len(items)} episode{'' if len(items) == 1 else 's'}",
            where=address,
            fix="add the transcript files themselves",
        )
    return named


def _item(item: Element, channel: Element, address: str) -> FeedItem:
    page = _text(item, "link") or next(
        (link for link in _links(item) if link.get("rel", "alternate") == "alternate"), {}
    ).get("href")
    sound = next((each.get("url") for each in item if _name(each) == "enclosure" and each.get("url")), None)
    sound = sound or next(
        (link["href"] for link in _links(item) if link.get("rel") == "enclosure" and "href" in link), None
    )
    about = About(
        title=_text(item, "title"),
        show=_text(channel, "title"),
        number=_text(item, "episode"),
        date=_date(_text(item, "pubDate") or _text(item, "published") or _text(item, "updated")),
        page_url=_web_address(address, page),
        audio_url=_web_address(address, sound),
    )
    return FeedItem(
        about, _people(item) or _people(channel), tuple(sorted(_transcripts(item, address), key=_rank))
    )


def _transcripts(item: Element, address: str) -> Iterator[Transcript]:
    for each in item:
        link = _web_address(address, each.get("url"))
        if _name(each) == "transcript" and _is_of_podcasts(each) and link:
            yield Transcript(link, (each.get("type") or "").strip(), each.get("language"), each.get("rel"))


def _rank(transcript: Transcript) -> int:
    """The place of a format among the others; what is said to be none of them comes last."""
    plain = transcript.media_type.partition(";")[0].strip().lower()
    ending = urlsplit(transcript.address).path.rpartition(".")[2].lower()
    found = _FORMAT_OF_TYPE.get(plain) or _FORMAT_OF_ENDING.get(ending)
    return _FORMATS.index(found) if found else len(_FORMATS)


def _people(parent: Element) -> tuple[str, ...]:
    names = [_plain(each.text) for each in parent if _name(each) == "person" and _is_of_podcasts(each)]
    return tuple(dict.fromkeys(name for name in names if name))


def _is_of_podcasts(element: Element) -> bool:
    """Whether an element is of the podcast namespace, under its address or an older one."""
    namespace = str(element.tag).rpartition("}")[0].lower()
    return "podcastindex.org/namespace" in namespace or "podcast-namespace" in namespace


def _links(item: Element) -> list[dict[str, str]]:
    return [dict(each.attrib) for each in item if _name(each) == "link" and each.get("href")]


def _name(element: Element) -> str:
    return str(element.tag).rpartition("}")[2]


def _text(parent: Element, name: str) -> str | None:
    """The text of a child; one without a namespace before one with (`title` before `itunes:title`)."""
    children = [child for child in parent if _name(child) == name and _plain(child.text)]
    plain: Callable[[Element], bool] = lambda child: str(child.tag).startswith("{")  # noqa: E731
    return next((_plain(child.text) for child in sorted(children, key=plain)), None)


def _plain(text: str | None) -> str | None:
    return " ".join(clean(text or "").split()) or None


def _web_address(base: str, link: str | None) -> str | None:
    """A link as a whole address, if it is one of the web."""
    try:
        whole = urljoin(base, (link or "").strip()) if link else ""
    except ValueError:
        return None
    return whole if re.match(r"https?://[^/\s]", whole, re.IGNORECASE) else None


def _date(text: str | None) -> datetime.date | None:
    if not text:
        return None
    for parse in (email.utils.parsedate_to_datetime, datetime.datetime.fromisoformat):
        try:
            return parse(text).date()
        except (ValueError, IndexError, OverflowError):
            continue
    return None
