"""A quoted text becomes an exact place in one turn, or a reason why not.

A Quote stores a place and reads its words off the transcript, so that a misquote cannot be represented.
Matching is tolerant of how speech is written down and strict about what was said (`rag.words`).
"""

import functools
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Protocol

from index.transcript import Episode
from rag.words import Word, skippable, words_of

_CANDIDATES = 24
_SEARCH_WORDS = 8
_WIDEST_ELLIPSIS = 60
"""Words of the transcript that an ellipsis may stand for."""

_ELLIPSIS = re.compile(r"\s*(?:\[\s*(?:…|\.{3})\s*\]|…|\.{3,}|\. \. \.)\s*")
_TITLES = frozenset("mr mrs ms dr prof professor sir host the hon".split())


class Verdict(StrEnum):
    """What became of a quoted text."""

    EXACT = "exact"
    REPAIRED = "repaired"
    FABRICATED = "fabricated"
    WRONG_SPEAKER = "wrong_speaker"
    WRONG_EPISODE = "wrong_episode"


@dataclass(frozen=True, slots=True, eq=False)
class Quote:
    """A place in an episode: characters `start` to `end` of one turn. All else is read off it.

    Raises:
        ValueError: the place is empty, outside the turn, or begins or ends with white space.
    """

    episode: Episode
    turn: int
    start: int
    end: int

    def __post_init__(self) -> None:
        if not 0 <= self.turn < len(self.episode.turns):
            raise ValueError(f"{self.episode.id} has no turn {self.turn}")
        whole = self.episode.turns[self.turn].text
        cut = whole[self.start : self.end]
        if not 0 <= self.start < self.end <= len(whole) or cut.strip() != cut:
            raise ValueError(f"{self.start}-{self.end} is no quote of turn {self.turn} of {self.episode.id}")

    @property
    def place(self) -> tuple[str, int, int, int]:
        """What two quotes of the same words in the same place share."""
        return self.episode.id, self.turn, self.start, self.end

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Quote) and self.place == other.place

    def __hash__(self) -> int:
        return hash(self.place)

    @property
    def text(self) -> str:
        return self.episode.turns[self.turn].text[self.start : self.end]

    @property
    def speaker(self) -> str | None:
        return self.episode.turns[self.turn].speaker

    @property
    def time(self) -> float | None:
        """Seconds: the last time known at or before the quote in its turn, or None."""
        return self.episode.turns[self.turn].time_at(self.start)

    @property
    def url(self) -> str:
        """Where the transcript page marks it."""
        return f"/t/{self.episode.id}?q={self.turn}.{self.start}-{self.end}"

    def as_json(self, n: int | None) -> dict[str, Any]:
        """The quote as answers carry it; `n` is its number in the answer."""
        return {
            "n": n,
            "episode": self.episode.id,
            "title": self.episode.title,
            "speaker": self.speaker,
            "turn": self.turn,
            "start": self.start,
            "end": self.end,
            "text": self.text,
            "time": self.time,
            "url": self.url,
        }


@dataclass(frozen=True, slots=True)
class Located:
    """Where a quoted text stands.

    Attributes:
        parts: its place, or several where an ellipsis joins them; for a wrong speaker or episode, where it
            truly stands; none for `fabricated`.
        places: every place where it stands.
    """

    verdict: Verdict
    parts: tuple[Quote, ...] = ()
    places: tuple[tuple[Quote, ...], ...] = ()

    @property
    def on_record(self) -> bool:
        return self.verdict in (Verdict.EXACT, Verdict.REPAIRED)


class Record(Protocol):
    """Where quoted texts are looked for."""

    def episode(self, id: str) -> Episode:
        """The episode of this id or file name; raises UnknownEpisode."""

    def turns_with(
        self, words: Sequence[str], *, limit: int, episode: str | None = None
    ) -> list[tuple[str, int]]:
        """The turns, as (episode id, turn), that most likely hold `words`, best first."""


def locate(
    text: str,
    record: Record,
    *,
    speaker: str | None = None,
    episode: str | None = None,
    near: Quote | None = None,
) -> Located:
    """Find a quoted text on the record.

    Args:
        speaker: who is said to have said it; a turn whose speaker is unknown does not contradict.
        episode: where it is said to have been said, an id or file name.
        near: of several places that fit equally, the one nearest to this is chosen.

    Raises:
        UnknownEpisode: there is no such episode.
    """
    claimed = record.episode(episode).id if episode else None
    places = tuple(_places(text.strip(), record, claimed))
    if claimed and not places:
        places = tuple(_places(text.strip(), record, None))
    if not places:
        return Located(Verdict.FABRICATED)

    def misfit(place: tuple[Quote, ...]) -> tuple[bool, bool, bool, int]:
        first = place[0]
        far = abs(first.turn - near.turn) if near and near.episode.id == first.episode.id else 10**9
        return (
            claimed is not None and first.episode.id != claimed,
            not same_person(speaker, first.speaker),
            len(place) > 1 or first.text != text.strip(),
            far,
        )

    best = min(places, key=misfit)
    other_episode, other_speaker, changed, _ = misfit(best)
    if other_episode:
        verdict = Verdict.WRONG_EPISODE
    elif other_speaker:
        verdict = Verdict.WRONG_SPEAKER
    else:
        verdict = Verdict.REPAIRED if changed else Verdict.EXACT
    return Located(verdict, best, places)


def same_person(claimed: str | None, speaker: str | None) -> bool:
    """Whether a claimed name can be that of a turn's speaker: in full, or by first name or surname."""
    if not claimed or not speaker:
        return True
    names, own = (
        [word.norm for word in words_of(name) if word.norm not in _TITLES] for name in (claimed, speaker)
    )
    if not names or not own:
        return claimed.strip().casefold() == speaker.strip().casefold()
    if any(character.isdigit() for character in claimed + speaker) or len(names) >= len(own):
        return names == own
    return set(names) <= set(own)


def _places(text: str, record: Record, episode: str | None) -> Iterator[tuple[Quote, ...]]:
    """Every place where the text stands whole, else every place where its parts around ellipses do."""
    wanted = tuple(word.norm for word in words_of(text))
    if not wanted:
        return
    searched = sorted(dict.fromkeys(wanted), key=len, reverse=True)[:_SEARCH_WORDS]
    turns = [
        (record.episode(id_), turn)
        for id_, turn in record.turns_with(searched, limit=_CANDIDATES, episode=episode)
    ]
    found = False
    for place in turns:
        whole = place[0].turns[place[1]].text
        for start, end in _spans(whole, wanted):
            found = True
            yield (Quote(*place, *(_literally(text, whole, start, end) or (start, end))),)
    parts = [tuple(word.norm for word in words_of(part)) for part in _ELLIPSIS.split(text)]
    parts = [part for part in parts if part]
    if not found and len(parts) > 1:
        for place in turns:
            if joined := _in_order(place[0].turns[place[1]].text, parts):
                yield tuple(Quote(*place, start, end) for start, end in joined)


def _spans(text: str, wanted: tuple[str, ...]) -> Iterator[tuple[int, int]]:
    """Where the wanted words stand in a turn, apart from what may be left out; character offsets."""
    words = _cached_words(text)
    past = 0
    for at, word in enumerate(words):
        if word.norm == wanted[0] and at >= past:
            last = _aligned(text, words, at, wanted)
            if last is not None:
                past = last + 1
                yield word.start, _with_sign(text, words[last].end)


def _aligned(text: str, words: Sequence[Word], at: int, wanted: tuple[str, ...]) -> int | None:
    """The last word of the match that begins at `at`, or None."""
    place = at
    for n, norm in enumerate(wanted):
        while place < len(words) and words[place].norm != norm:
            left_out = skippable(text, words, place) if n else 0
            if not left_out:
                return None
            place += left_out
        if place >= len(words):
            return None
        place += 1
    # A number is a whole: "twenty" is no quote of "25", whose words share one place.
    if place < len(words) and words[place].start == words[place - 1].start:
        return None
    if at and words[at].start == words[at - 1].start:
        return None
    return place - 1


def _in_order(text: str, parts: Sequence[tuple[str, ...]]) -> list[tuple[int, int]] | None:
    """The parts' spans where they follow each other closely in one turn."""
    for first in _spans(text, parts[0]):
        spans = [first]
        for part in parts[1:]:
            following = next((span for span in _spans(text, part) if span[0] >= spans[-1][1]), None)
            if not following or len(text[spans[-1][1] : following[0]].split()) > _WIDEST_ELLIPSIS:
                break
            spans.append(following)
        if len(spans) == len(parts):
            return spans
    return None


def _literally(text: str, whole: str, start: int, end: int) -> tuple[int, int] | None:
    """The span of the very characters of `text` around a match, or None where they differ."""
    begin = whole.find(text, max(0, start - 3), end + 3)
    return (begin, begin + len(text)) if 0 <= begin <= start and begin + len(text) >= end - 1 else None


def _with_sign(text: str, end: int) -> int:
    """A full stop or the like right behind the last word belongs to the shown words."""
    return end + 1 if text[end : end + 1] in (".", "!", "?", "…") else end


@functools.lru_cache(maxsize=20_000)
def _cached_words(text: str) -> tuple[Word, ...]:
    return words_of(text)
