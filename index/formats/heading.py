"""What the lines above a transcript, and named fields, say about its episode."""

import datetime
import re
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

from index.formats.around import DURATION, is_around, is_blurb, is_duration, is_numbering, is_site_line
from index.formats.dates import DATE, date_in
from index.formats.rows import Row
from index.text import clean
from index.transcript import About

_NUMBER = re.compile(r"(?:\b[Ee]pisode|\bEPISODE|\b[Ee][Pp]\.?|(?<![a-z])E|#|\b[Nn]o\.)\s*#?(\d{1,5})\b")
_WORD_TRANSCRIPT = re.compile(
    r"^(?:(?:full|episode|podcast)\s+)?transcript(?:ion)?\b(?:\s+(?:of|for|from))?\s*[:–—-]?\s*|\s*[-–—|:(\[]\s*(?:full\s+)?transcript[)\]]?$",
    re.IGNORECASE,
)
_LONGEST_TITLE = 200
_LONGEST_DATE_LINE = 9
"""Words, as in `Posted on March 3, 2025 by Jane Roe`."""

_FIELDS = {
    "title": ("title", "episode_title", "headline"),
    "show": ("show", "podcast", "series", "show_title", "podcast_title"),
    "number": ("number", "episode", "episode_number", "ep"),
    "date": ("date", "published", "pubdate", "publish_date", "published_at", "date_published", "recorded"),
    "page_url": ("url", "page", "page_url", "link", "permalink", "episode_url", "canonical_url"),
    "audio_url": ("audio", "audio_url", "audiourl", "enclosure", "enclosure_url", "mp3", "media"),
}
_FIELD_OF = {key: field for field, keys in _FIELDS.items() for key in keys}


def about_of_head(rows: Sequence[Row], elsewhere: str = "") -> About:
    """Title, number and date from the rows above a transcript.

    Args:
        elsewhere: the other rows, in which the name of the show comes up again, and the title seldom.
    """
    headings = [row.text for row in rows if row.heading and not is_site_line(row.text)]
    announced = [
        row.text
        for row in rows
        if len(row.text.split()) <= 20 and _without_transcript(row.text) not in ("", row.text)
    ]
    above = [
        before.text
        for before, row in pairwise(rows)
        if is_duration(row.text) or (date_in(row.text) and len(row.text.split()) <= _LONGEST_DATE_LINE)
        if _may_be_title(before)
    ]
    beside = [words for row in rows if is_duration(row.text) and (words := _beside_duration(row.text))]
    named = [row.text for row in rows if _may_be_title(row)]
    named = sorted([*beside, *above, *announced, *named], key=lambda text: text in elsewhere)
    title = next(iter([*headings, *named]), None)
    short = [row.text for row in rows if len(row.text.split()) < 20]
    return About(
        title=_without_transcript(title) or None if title else None,
        number=next((match[1] for text in short if (match := _NUMBER.search(text))), None),
        date=next((date for text in short if (date := date_in(text))), None),
    )


def _may_be_title(row: Row) -> bool:
    text = row.text
    if is_around(row) or is_blurb(text) or is_numbering(text) or len(text) > _LONGEST_TITLE:
        return False
    return not re.fullmatch(r"[\[(].*[\])]", text)


def about_of_fields(fields: Mapping[Any, Any]) -> About:
    """What named fields (front matter, a note's lines, a JSON object's keys) say about an episode."""
    found: dict[str, Any] = {}
    for key, value in fields.items():
        field = _FIELD_OF.get(re.sub(r"[\s-]+", "_", str(key).strip().lower()))
        if field and value not in (None, "") and not isinstance(value, dict | list | bool):
            found.setdefault(field, value)
    published = found.pop("date", None)
    if isinstance(published, datetime.datetime):
        published = published.date()
    elif not isinstance(published, datetime.date):
        published = date_in(str(published)) if published else None
    texts = {field: " ".join(clean(str(value)).split()) or None for field, value in found.items()}
    for field in ("page_url", "audio_url"):
        if not re.match(r"https?://", texts.get(field) or ""):
            texts.pop(field, None)
    return About(**texts, date=published)


def joined(first: About, second: About) -> About:
    """What the first says, and from the second what the first leaves open."""
    return About(
        title=first.title or second.title,
        show=first.show or second.show,
        number=first.number or second.number,
        date=first.date or second.date,
        page_url=first.page_url or second.page_url,
        audio_url=first.audio_url or second.audio_url,
    )


def _beside_duration(text: str) -> str | None:
    """The title in a row such as `A Kiln · 20:36 |`, or None where there are only numbers and dates."""
    words = DATE.sub(" ", DURATION.sub(" ", text)).strip(" ·|•–-")
    return words if not is_numbering(words) and len(words.split()) > 1 else None


def _without_transcript(title: str) -> str:
    return _WORD_TRANSCRIPT.sub("", title).strip()
