"""What the lines around a transcript say about its episode, and which of them are a site's own."""

import datetime
import re
from collections.abc import Mapping, Sequence
from typing import Any

from index.formats.clock import TIME
from index.formats.cues import SENTENCE_END
from index.formats.rows import Row
from index.text import clean
from index.transcript import About

_SITE_WORDS = re.compile(
    r"[←→‹›«»©▶►⏸⬇]|(?:^|\W)(?:previous|next|prev|all episodes|view episode|episode details|subscribe|share|download|newsletter|"
    r"privacy|terms|cookies?|follow us|listen (?:on|now|to)|apple podcasts|spotify|google podcasts|overcast|pocket casts|"
    r"amazon music|youtube|rss|back to|menu|skip to|sign (?:up|in)|log ?in|copy link|read more|show notes|donate|"
    r"support us|all rights reserved|patreon|loading|play episode|comments?|powered by|broadcast by)(?:\W|$)",
    re.IGNORECASE,
)
_SITE_LINE = re.compile(
    r"^(?:\W*[←→©]|\W*(?:previous|next|prev)(?: episode)?\W*$|\W*all episodes\W*$"
    r"|\W*(?:subscribe|share|download|transcript|full transcript|episode transcript|show notes|home|menu|search|play|pause|copy|"
    r"embed|advertisement|back to top|read more|loading|listen now|sign up|log in|close|about|contact|episodes|rss|"
    r"leave a comment|(?:view )?episode details|view (?:all )?episodes?(?: details)?|skip to content|copy link|"
    r"show transcript|hide transcript|download transcript|all rights reserved)\W*$"
    r"|\W*subscribe (?:now|on|via)\b[^.!?]{0,40}$)"
    r"|.*(?:[←→].*){2}$|^.{0,60}transcribed by https?://|^\W*powered by \w[\w .]{1,30}$",
    re.IGNORECASE,
)
_FOOTER = re.compile(
    r"^\W*(?:(?:transcribed|transcript(?:ion)?|captions?) (?:by|with|provided by|created|generated)\b|this transcript (?:was|is|has)\b|"
    r"[^.:]{0,40}\btranscripts? (?:is|are|was|were|may)\b|(?:complete )?accuracy (?:is )?not guaranteed|(?:the )?end of (?:the )?(?:transcript|recording|episode)|powered by\b|this (?:episode|podcast|show) (?:was|is) (?:produced|edited|"
    r"recorded|hosted|brought)|©|copyright\b|creators and guests|related episodes|more episodes|recent episodes|you might also like|"
    r"about the (?:host|guest|show|podcast)|broadcast by\b|(?:hosts?|guests?|(?:\w+ )?producers?|(?:\w+ )?editors?|(?:\w+ )?engineers?|produced by|edited by|hosted by|"
    r"mixed by|written by|music by|artwork|special thanks)(?: [a-z ]{1,20})?: ?[A-Z][^.!?]{1,80}$|what is .{2,60}\?$|listen to .{2,60} using one of|https?://\S+$)",
    re.IGNORECASE,
)
_BLURB = re.compile(
    r"^\W*(?:(?:in|on) (?:this|today['’]s|the latest) (?:episode|conversation|interview|week|edition|instal)|this (?:episode|transcript|conversation|"
    r"interview)\b|(?:the )?following (?:is|transcript)|editor['’]s note|note:|disclaimer|transcri(?:pt|bed)|description|summary)",
    re.IGNORECASE,
)
_SPOKEN_TO = re.compile(
    r"\b(?:I|I['’](?:m|ve|d|ll)|we|we['’](?:re|ve|d|ll)|you|you['’](?:re|ve|d|ll)|my|our|your|let['’]s|welcome|hi|hello|hey|okay|yeah|so)\b",
    re.IGNORECASE,
)
_GREETING = re.compile(
    r"\b(?:welcome (?:back )?to|welcome,|hello|hi,|hey,|good (?:morning|afternoon|evening|day)|my name is|my name['’]s|I['’]m [A-Z]|"
    r"I am [A-Z]|this is .{2,40} (?:show|podcast)|you['’]re listening to)",
)
_DURATION = re.compile(
    rf"(?:^|[·|•–—-])\s*{TIME}\s*(?:[·|•–—-]|$)|\b\d+\s*(?:min(?:ute)?s?|hrs?|hours?|h \d+ ?m)\b",
    re.IGNORECASE,
)
_NUMBER = re.compile(r"(?:\b[Ee]pisode|\bEPISODE|\b[Ee][Pp]\.?|(?<![a-z])E|#|\b[Nn]o\.)\s*#?(\d{1,5})\b")
_MONTHS = "january february march april may june july august september october november december".split()
_MONTH = "|".join(f"{month[:3]}(?:{month[3:]}|t)?" if month[3:] else month for month in _MONTHS)
_DATE = re.compile(
    rf"\b(?:(?P<m1>{_MONTH})\.? (?P<d1>\d{{1,2}})(?:st|nd|rd|th)?,? (?P<y1>\d{{4}})"
    rf"|(?P<d2>\d{{1,2}})(?:st|nd|rd|th)?(?: of)? (?P<m2>{_MONTH})\.?,? (?P<y2>\d{{4}})"
    r"|(?P<iso>\d{4}-\d{2}-\d{2}))(?!\d)",
    re.IGNORECASE,
)
_WORD_TRANSCRIPT = re.compile(
    r"^(?:(?:full|episode|podcast)\s+)?transcript(?:\s+(?:of|for|from))?\s*[:–—-]?\s*|\s*[-–—|:(]\s*(?:full\s+)?transcript\)?$",
    re.IGNORECASE,
)
_LONGEST_TITLE = 200

_FIELDS = {
    "title": ("title", "episode_title", "headline"),
    "show": ("show", "podcast", "series", "show_title", "podcast_title"),
    "number": ("number", "episode", "episode_number", "ep"),
    "date": ("date", "published", "pubdate", "publish_date", "published_at", "date_published", "recorded"),
    "page_url": ("url", "page", "page_url", "link", "permalink", "episode_url", "canonical_url"),
    "audio_url": ("audio", "audio_url", "audiourl", "enclosure", "enclosure_url", "mp3", "media"),
}
_FIELD_OF = {key: field for field, keys in _FIELDS.items() for key in keys}


def is_site_line(text: str) -> bool:
    """Whether a row is a site's own wherever it stands, such as `Subscribe` or `← Previous`."""
    return len(text.split()) <= 10 and bool(_SITE_LINE.match(text))


def is_around(row: Row) -> bool:
    """Whether a row above or below the words is no speech: navigation, a duration, a heading, a date."""
    words = row.text.split()
    if row.heading or is_site_line(row.text) or is_duration(row.text) or is_footer(row.text):
        return True
    if len(words) <= 6 and date_in(row.text):
        return True
    if len(words) > 12 or SENTENCE_END.search(row.text):
        return False
    found = sum(len(re.findall(r"\w+|[^\w\s]", match[0])) for match in _SITE_WORDS.finditer(row.text))
    return found > 0 and (len(words) <= 3 or 2 * found >= len(words))


def is_footer(text: str) -> bool:
    """Whether a row says who transcribed, made or owns the episode."""
    return len(text.split()) <= 40 and bool(_FOOTER.match(text))


def is_duration(text: str) -> bool:
    """Whether a row says how long the episode is, such as `Episode 3 · 20:36 |`."""
    return len(text.split()) <= 14 and not SENTENCE_END.search(text) and bool(_DURATION.search(text))


def is_spoken(row: Row) -> bool:
    """Whether an unlabelled row above the first label is somebody speaking, going by how it is put."""
    return (
        len(row.text.split()) >= 4
        and bool(SENTENCE_END.search(row.text))
        and bool(_SPOKEN_TO.search(row.text))
        and not _BLURB.match(row.text)
        and not is_around(row)
    )


def is_greeting(text: str) -> bool:
    """Whether words are how a show begins: `Hello and welcome`, `I'm Jane Roe`."""
    return bool(_GREETING.search(text))


def is_transcript_heading(text: str) -> bool:
    """Whether a row announces the transcript below it."""
    return bool(
        re.fullmatch(
            r"\W*(?:(?:full|episode|podcast|interview|the|show|read the|audio|automated)\s+)*transcript(?:ion)?\W*",
            text,
            re.IGNORECASE,
        )
    )


def about_of_head(rows: Sequence[Row]) -> About:
    """Title, number and date from the rows above a transcript."""
    headings = [row.text for row in rows if row.heading and not is_site_line(row.text)]
    named = [
        row.text
        for row in rows
        if not is_around(row) and len(row.text) <= _LONGEST_TITLE and not _BLURB.match(row.text)
    ]
    named += [
        text
        for row in rows
        if (text := row.text) and _without_transcript(text) not in ("", text) and text not in named
    ]
    durations = (
        i
        for i, row in enumerate(rows)
        if is_duration(row.text) or (date_in(row.text) and len(row.text.split()) <= 6)
    )
    above = next((rows[i - 1].text for i in durations if i > 0 and not is_around(rows[i - 1])), None)
    beside = next(
        (words for row in rows if is_duration(row.text) and (words := _beside_duration(row.text))), None
    )
    title = next(iter(headings), None) or beside or above or next(iter(named), None)
    short = [row.text for row in rows if len(row.text.split()) < 20]
    return About(
        title=_without_transcript(title) or None if title else None,
        number=next((match[1] for text in short if (match := _NUMBER.search(text))), None),
        date=next((date for text in short if (date := date_in(text))), None),
    )


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


def date_in(text: str) -> datetime.date | None:
    """The first day that a text names, in ISO form or written out in English."""
    match = _DATE.search(text)
    if not match:
        return None
    try:
        if match["iso"]:
            return datetime.date.fromisoformat(match["iso"])
        month = (match["m1"] or match["m2"])[:3].lower()
        number = next(i for i, name in enumerate(_MONTHS, start=1) if name.startswith(month))
        return datetime.date(int(match["y1"] or match["y2"]), number, int(match["d1"] or match["d2"]))
    except ValueError:
        return None


def _beside_duration(text: str) -> str | None:
    """The title in a row such as `A Kiln · 20:36 |`, or None where there are only numbers and dates."""
    words = _DATE.sub(" ", _DURATION.sub(" ", text)).strip(" ·|•–-")
    plain = re.sub(
        r"\b(?:season|episode|ep|s|e|no|min|mins|minutes|length|duration|runtime|published|on)\b|[\W\d]",
        "",
        words,
        flags=re.IGNORECASE,
    )
    return words if plain and len(words.split()) > 1 else None


def _without_transcript(title: str) -> str:
    return _WORD_TRANSCRIPT.sub("", title).strip()
