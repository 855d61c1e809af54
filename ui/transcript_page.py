"""A transcript as a page to read: it opens at a quote, marks it, and says who spoke and when."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote as percent_encoded
from urllib.parse import urlsplit

from markupsafe import Markup, escape

from index.library import Entry
from index.lines import lines_of
from index.transcript import Episode, Turn
from ui.clock import clock
from ui.pages import json_script, render

MOST_MARKS = 20
_PLACE = re.compile(r"(\d{1,6})\.(\d{1,8})-(\d{1,8})", re.ASCII)
_HOST = re.compile(r"[a-z0-9.-]+(:\d{1,5})?", re.ASCII)
_TICK_EVERY_S = 45.0
_TICK = Markup(
    '<a class="tick" id="t{0}-{1}" href="#t{0}-{1}" data-s="{2:.3f}" data-clock="{3}" aria-label="{3}"></a>'
)
_LINE = Markup('<span class="line" id="t{0}-{1}"{2}></span>')
"""Where a line begins whose time is not shown: `#t12-104` is the address of every line."""


@dataclass(frozen=True, slots=True)
class Place:
    """A slice of a turn that the page marks: `episode.turns[turn].text[start:end]`."""

    turn: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Recording:
    """Where an episode can be heard: our own copy, or at `host`, which is asked on a click only."""

    url: str
    host: str | None


@dataclass(frozen=True, slots=True)
class _Marked:
    """A mark as the page shows it."""

    id: str
    place: Place
    time_s: float | None
    clock: str


@dataclass(frozen=True, slots=True)
class _Spoken:
    """A turn as the page shows it; `speaker` is None where the one before goes on."""

    index: int
    speaker: str | None
    time_s: float | None
    clock: str
    words: Markup
    marks: tuple[_Marked, ...]


def places_of(q: str, episode: Episode) -> tuple[Place, ...]:
    """The places that `?q=12.104-188,13.0-50` names, in its order.

    Raises:
        ValueError: the form is wrong, or a place lies outside the episode, is empty, or overlaps another.
    """
    names = q.split(",")
    if len(names) > MOST_MARKS:
        raise ValueError("too many places")
    places: list[Place] = []
    for name in names:
        match = _PLACE.fullmatch(name)
        if not match:
            raise ValueError("not of the form turn.start-end")
        place = Place(*map(int, match.groups()))
        if place.turn >= len(episode.turns):
            raise ValueError("no such turn")
        if not place.start < place.end <= len(episode.turns[place.turn].text):
            raise ValueError("no such slice")
        if any(p.turn == place.turn and p.start < place.end and place.start < p.end for p in places):
            raise ValueError("places overlap")
        places.append(place)
    return tuple(places)


def recording_of(entry: Entry) -> Recording | None:
    """Where the episode can be heard, or None."""
    if entry.audio_file:
        return Recording(f"/audio/{percent_encoded(entry.id)}", None)
    if not entry.about.audio_url:
        return None
    parts = urlsplit(entry.about.audio_url)
    if parts.scheme not in ("https", "http") or not _HOST.fullmatch(parts.netloc.lower()):
        return None
    return Recording(entry.about.audio_url, parts.netloc)


def media_origins(recording: Recording | None) -> tuple[str, ...]:
    """What `media-src` needs for a recording.

    A feed's recordings are nearly always reached by way of redirects through other hosts, and the
    policy holds at every hop: so the scheme is allowed, not only the origin.
    """
    if recording is None or recording.host is None:
        return ()
    scheme = urlsplit(recording.url).scheme
    return (f"{scheme}://{recording.host}", "https:")


def transcript_page(episode: Episode, entry: Entry, *, q: str | None, base_url: str, nonce: str) -> str:
    """The page of an episode.

    Args:
        q: places to mark, as in a quote's address; a wrong one leaves the page unmarked, with a note.
        base_url: of this server, for the canonical address, with a slash at its end.
        nonce: of the response's policy.
    """
    places: tuple[Place, ...] = ()
    bad_place = False
    if q:
        try:
            places = places_of(q, episode)
        except ValueError:
            bad_place = True
    recording = recording_of(entry)
    address = f"{base_url}t/{percent_encoded(episode.id)}"
    return render(
        "transcript.html",
        episode=episode,
        about=episode.about,
        page_url=_web_address(episode.about.page_url),
        duration=clock(entry.duration_s),
        words=entry.words,
        turns=_spoken(episode, places),
        bad_place=bad_place,
        recording=recording,
        address=address,
        structured=_structured(episode, entry, address),
        nonce=nonce,
    )


def _spoken(episode: Episode, places: Sequence[Place]) -> list[_Spoken]:
    marks: dict[int, list[_Marked]] = {}
    for n, place in enumerate(places, start=1):
        time_s = episode.turns[place.turn].time_at(place.start)
        marked = _Marked("quote" if n == 1 else f"quote-{n}", place, time_s, clock(time_s))
        marks.setdefault(place.turn, []).append(marked)
    spoken: list[_Spoken] = []
    before: str | None = None
    for index, turn in enumerate(episode.turns):
        time_s = turn.time_at(0)
        own = tuple(sorted(marks.get(index, ()), key=lambda marked: marked.place.start))
        says = turn.speaker if index == 0 or turn.speaker != before else None
        spoken.append(_Spoken(index, says, time_s, clock(time_s), _words(turn, index, own), own))
        before = turn.speaker
    return spoken


def _words(turn: Turn, index: int, marks: Sequence[_Marked]) -> Markup:
    """A turn's text with its lines' anchors and its marks; its own characters are all the text that there is."""
    inserts = dict(_line_starts(turn, index))
    for marked in marks:
        place = marked.place
        opening = Markup('<mark id="{}">').format(marked.id)
        inserts[place.start] = inserts.get(place.start, Markup()) + opening
        # A mark that ends where another begins is closed first.
        inserts[place.end] = Markup("</mark>") + inserts.get(place.end, Markup())
    cuts = sorted({0, *inserts, len(turn.text)})
    pieces = [
        inserts.get(start, Markup()) + escape(turn.text[start:end])
        for start, end in zip(cuts, [*cuts[1:], len(turn.text)], strict=True)
    ]
    return Markup().join(pieces)


def _line_starts(turn: Turn, index: int) -> Iterator[tuple[int, Markup]]:
    """For each line after a turn's first, its character offset and its anchor: with its time, where that is worth showing."""
    shown = turn.time_at(0)
    for line in lines_of(turn, index):
        if line.start == 0:
            continue
        time_s = turn.time_at(line.start)
        if time_s is not None and (shown is None or time_s - shown >= _TICK_EVERY_S):
            yield line.start, _TICK.format(index, line.start, time_s, clock(time_s))
            shown = time_s
        else:
            known = "" if time_s is None else Markup(' data-s="{:.3f}"').format(time_s)
            yield line.start, _LINE.format(index, line.start, known)


def _structured(episode: Episode, entry: Entry, address: str) -> Markup:
    """The episode as schema.org's PodcastEpisode, for a script tag."""
    about = episode.about
    data: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": "PodcastEpisode",
        "name": episode.title,
        "url": _web_address(about.page_url) or address,
        "datePublished": about.date.isoformat() if about.date else None,
        "episodeNumber": about.number,
        "partOfSeries": {"@type": "PodcastSeries", "name": about.show} if about.show else None,
        "actor": [{"@type": "Person", "name": name} for name in episode.speakers] or None,
        "timeRequired": f"PT{int(entry.duration_s)}S" if entry.duration_s else None,
        "associatedMedia": (
            {"@type": "AudioObject", "contentUrl": about.audio_url} if _web_address(about.audio_url) else None
        ),
    }
    return json_script({key: value for key, value in data.items() if value is not None})


def _web_address(url: str | None) -> str | None:
    return url if url and urlsplit(url).scheme in ("https", "http") else None
