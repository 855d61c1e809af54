"""A podcast's RSS feed names transcripts to fetch.

`<podcast:transcript>`: https://github.com/Podcastindex-org/podcast-namespace/blob/main/docs/1.0.md.
An item may have several of them; all are read, since they differ in what they keep.
"""

import datetime
import email.utils
import re
from dataclasses import dataclass
from urllib.parse import urljoin
from xml.etree.ElementTree import Element, ParseError

from defusedxml import ElementTree
from defusedxml.common import DefusedXmlException

from index.errors import SourceError
from index.text import clean
from index.transcript import About

_PREFERRED = (
    "application/json",
    "text/vtt",
    "application/srt",
    "application/x-subrip",
    "text/html",
    "text/plain",
)
"""Best first: what keeps the most of speakers and times."""

_ENDINGS = {".json": 0, ".vtt": 1, ".srt": 2, ".html": 4, ".htm": 4, ".txt": 5}


@dataclass(frozen=True, slots=True)
class Item:
    """One episode of a feed.

    Attributes:
        transcripts: their addresses, best format first.
    """

    about: About
    transcripts: tuple[str, ...]


def is_feed(data: bytes) -> bool:
    """Whether this is written as RSS."""
    start = data[:4096].lstrip(b"\xef\xbb\xbf \t\r\n")
    return start.startswith(b"<") and bool(re.search(rb"<(?:rss|rdf:RDF)\b", start))


def parse(data: bytes, address: str) -> list[Item]:
    """The items of a feed in its order, those without a transcript included.

    Args:
        address: the feed's own, for relative addresses in it and for messages.

    Raises:
        SourceError: it is torn, hostile, empty, or names no transcript.
    """
    try:
        root = ElementTree.fromstring(data)
    except (ParseError, DefusedXmlException, ValueError) as error:
        raise SourceError(
            f"the feed is no sound XML ({error})", where=address, fix="check it with a feed validator"
        ) from error
    channel = root.find("channel")
    show = _text(channel, "title") if channel is not None else None
    items = [_item(item, show, address) for item in root.iter() if _name(item) == "item"]
    if not items:
        raise SourceError("the feed has no episodes", where=address, fix="check the address")
    if not any(item.transcripts for item in items):
        raise SourceError(
            f"none of the feed's {len(items)} episodes names a transcript",
            where=address,
            fix="add the transcript files themselves: onrecord add FOLDER",
        )
    return items


def _item(item: Element, show: str | None, address: str) -> Item:
    named: list[tuple[int, str]] = []
    audio = None
    for child in item.iter():
        name = _name(child)
        link = child.get("url")
        if name == "transcript" and link and "podcast" in child.tag.lower():
            named.append((_rank(child.get("type") or "", link), urljoin(address, link.strip())))
        elif name == "enclosure" and link and (child.get("type") or "audio").startswith("audio"):
            audio = audio or urljoin(address, link.strip())
    page = _text(item, "link")
    number = next((c.text.strip() for c in item.iter() if _name(c) == "episode" and c.text), None)
    about = About(
        title=_text(item, "title"),
        show=show,
        number=number,
        date=_date(_text(item, "pubDate")),
        page_url=urljoin(address, page) if page else None,
        audio_url=audio,
    )
    return Item(
        about, tuple(link for _, link in sorted(named, key=lambda pair: pair[0]) if link.startswith("http"))
    )


def _rank(media_type: str, link: str) -> int:
    plain = media_type.partition(";")[0].strip().lower()
    if plain in _PREFERRED:
        return _PREFERRED.index(plain)
    path = link.partition("?")[0].lower()
    return next((rank for ending, rank in _ENDINGS.items() if path.endswith(ending)), len(_PREFERRED))


def _name(element: Element) -> str:
    return str(element.tag).rsplit("}", 1)[-1]


def _text(parent: Element, name: str) -> str | None:
    found = parent.find(name)
    text = " ".join(clean(found.text).split()) if found is not None and found.text else ""
    return text or None


def _date(text: str | None) -> datetime.date | None:
    try:
        return email.utils.parsedate_to_datetime(text).date() if text else None
    except ValueError:
        return None
