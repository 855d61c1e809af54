"""What the lines around a transcript say about its episode, and which of them are navigation."""

import datetime
import re
from collections.abc import Mapping, Sequence
from typing import Any

from index.text import clean
from index.transcript import About

_NAVIGATION = re.compile(
    r"[←→‹›©▶►]|\b(?:previous|next|prev|all episodes|view episode|episode details|subscribe|share|download|newsletter|"
    r"privacy|terms|cookies?|follow us|listen (?:on|now|to)|apple podcasts|spotify|google podcasts|overcast|youtube|rss|"
    r"back to|home|about|contact|menu|skip to|sign (?:up|in)|log ?in|transcript|copy link|read more|show notes|search|"
    r"sponsors?|donate|support us|all rights reserved|edit(?:ed)? (?:this|on)|patreon|loading|play episode|comments?)\b",
    re.IGNORECASE,
)
_CERTAIN = re.compile(
    r"[←→©]|^\W*(?:(?:previous|next|prev)(?: episode)?|all episodes|subscribe(?: (?:now|to .{1,40}))?|view episode(?: details)?|share|download|transcript|"
    r"show notes|back to top|home|menu|read more|loading\W*|advertisement|all rights reserved\.?)\W*$|transcribed by https?:",
    re.IGNORECASE,
)
_DURATION = re.compile(
    r"(?:^|[·|•–-]|\s)\s*(?:\d{1,2}:)?\d{1,3}:\d{2}\s*(?:[·|•–-]|$)|\b\d+\s*(?:min(?:ute)?s?|hrs?|hours?)\b",
    re.IGNORECASE,
)
_NUMBER = re.compile(r"(?:\bepisode|\bep\.?|#|\bno\.)\s*#?(\d{1,5})\b", re.IGNORECASE)
_MONTHS = "january february march april may june july august september october november december".split()
_WRITTEN_DATE = re.compile(
    rf"\b(?:(?P<m1>{'|'.join(m[:3] + '(?:' + m[3:] + ')?' for m in _MONTHS)})\.? (?P<d1>\d{{1,2}})(?:st|nd|rd|th)?,? (?P<y1>\d{{4}})"
    rf"|(?P<d2>\d{{1,2}})(?:st|nd|rd|th)? (?P<m2>{'|'.join(m[:3] + '(?:' + m[3:] + ')?' for m in _MONTHS)})\.?,? (?P<y2>\d{{4}})"
    r"|(?P<iso>\d{4}-\d{2}-\d{2}))(?!\d)",
    re.IGNORECASE,
)
_TRANSCRIPT_OF = re.compile(
    r"^(?:full\s+)?transcript(?:\s+(?:of|for))?\s*[:–—-]?\s*|\s*[-–—|:(]\s*(?:full\s+)?transcript\)?$",
    re.IGNORECASE,
)
_LONGEST_TITLE = 160
_ONLY_NUMBER_OR_DATE = re.compile(
    rf"^\W*(?:(?:season|episode|ep\.?|s\d+|#|no\.)\W*\d*\W*|{_WRITTEN_DATE.pattern}\W*)+$", re.IGNORECASE
)

_KEYS = {
    "title": "title",
    "episode_title": "title",
    "name": "title",
    "show": "show",
    "podcast": "show",
    "series": "show",
    "number": "number",
    "episode": "number",
    "episode_number": "number",
    "date": "date",
    "published": "date",
    "pubdate": "date",
    "publish_date": "date",
    "recorded": "date",
    "url": "page_url",
    "page": "page_url",
    "page_url": "page_url",
    "link": "page_url",
    "permalink": "page_url",
    "audio": "audio_url",
    "audio_url": "audio_url",
    "audiourl": "audio_url",
    "enclosure": "audio_url",
    "mp3": "audio_url",
}


def is_navigation(line: str) -> bool:
    """Whether a line above or below the words is a site's own, not speech."""
    words = line.split()
    if _CERTAIN.search(line) and len(words) <= 14:
        return True
    if line.rstrip().endswith((".", "!", "?", "…", "”", '"')) and not _DURATION.search(line):
        return False
    found = sum(len(match[0].split()) for match in _NAVIGATION.finditer(line))
    return found > 0 and (len(words) <= 3 or found >= len(words) / 2)


def is_certainly_navigation(line: str) -> bool:
    """Whether a line is navigation even in the middle of the words."""
    return len(line.split()) <= 8 and bool(_CERTAIN.search(line))


def is_duration(line: str) -> bool:
    """Whether a line says how long the episode is, such as `Episode 3 · 20:36 |`."""
    return len(line.split()) <= 14 and bool(_DURATION.search(line))


def about_of_head(lines: Sequence[str]) -> About:
    """Title, number and date from the lines above a transcript."""
    candidates: list[str] = []
    before_duration: str | None = None
    number: str | None = None
    published: datetime.date | None = None
    for raw in lines:
        line = raw.lstrip("# ").strip()
        if not line:
            continue
        number = number or (m[1] if len(line.split()) < 16 and (m := _NUMBER.search(line)) else None)
        published = published or date_in(line)
        if raw.startswith("#"):
            candidates.insert(0, line)
        elif is_duration(line) or (date_in(line) and len(line.split()) <= 6):
            beside = _DURATION.sub(" ", line).strip(" ·|•–-")
            if before_duration is None and len(beside.split()) > 1 and not _ONLY_NUMBER_OR_DATE.match(beside):
                before_duration = beside
            elif before_duration is None and candidates:
                before_duration = candidates[-1]
        elif not is_navigation(line) or (_TRANSCRIPT_OF.sub("", line).strip() not in ("", line)):
            candidates.append(line)
    title = before_duration if before_duration and not any(r.startswith("#") for r in lines) else None
    title = title or next((line for line in candidates if len(line) <= _LONGEST_TITLE), None)
    title = _TRANSCRIPT_OF.sub("", title).strip() if title else None
    return About(title=title or None, number=number, date=published)


def about_of_fields(fields: Mapping[str, Any]) -> About:
    """What named fields (front matter, a note's lines) say about an episode."""
    found: dict[str, Any] = {}
    for key, value in fields.items():
        name = _KEYS.get(str(key).strip().lower().replace("-", "_").replace(" ", "_"))
        if name and value not in (None, "", []) and not isinstance(value, dict | list):
            found.setdefault(name, value)
    published = found.pop("date", None)
    if isinstance(published, datetime.datetime):
        published = published.date()
    elif not isinstance(published, datetime.date):
        published = date_in(str(published)) if published else None
    texts = {name: " ".join(clean(str(value)).split()) or None for name, value in found.items()}
    for name in ("page_url", "audio_url"):
        if texts.get(name) and not re.match(r"https?://", texts[name] or ""):
            del texts[name]
    return About(**texts, date=published)


def date_in(text: str) -> datetime.date | None:
    """The first day that a text names, in ISO form or written out in English."""
    match = _WRITTEN_DATE.search(text)
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
