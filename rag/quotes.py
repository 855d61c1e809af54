"""A quoted text becomes an exact place in one turn, or a reason why not.

A Quote stores a place and reads its words off the transcript, so that a misquote cannot be represented.
Matching is tolerant of how speech is written down and strict about what was said (`index.words`,
`rag.fillers`, `rag.alignment`).
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, NamedTuple

from index import phrases
from index.library import Library
from index.phrases import SpokenTurn
from index.transcript import Episode, Line
from index.words import words_of
from rag.alignment import spans
from rag.persons import same_person

_PHRASE_WORDS = 64
_WORDS_TOGETHER = 4
_TURNS_WITH_PHRASE, _TURNS_WITH_ALL, _TURNS_LIKELY = 400, 64, 16
_ROOM_FOR_FILLERS = 24
_MOST_PLACES = 20
_WIDEST_ELLIPSIS = 60
"""Words of the transcript that an ellipsis may stand for."""
_NARROW_ELLIPSIS = 4
"""Of so few words or fewer, none may be a denial."""
_DENIALS = re.compile(
    r"(?:no|not|never|none|nothing|nobody|without|hardly|cannot"
    r"|(?:do|does|did|is|are|was|were|wo|ca|could|would|should|has|have|had|ai|must|need)nt)"
)

_ELLIPSIS = re.compile(r"\s*(?:\[\s*(?:…|\.{3})\s*\]|\(\s*(?:…|\.{3})\s*\)|…|\.{3,}|\. \. \.)\s*")


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


def quotes_of(lines: Sequence[tuple[Episode, Line]]) -> tuple[Quote, ...]:
    """Quotes of these lines; lines of one turn that follow each other become one quote."""
    quotes: list[Quote] = []
    for episode, line in sorted(lines, key=lambda pair: (pair[0].id, pair[1])):
        last = quotes[-1] if quotes else None
        if last and last.episode.id == episode.id and last.turn == line.turn:
            between = episode.turns[line.turn].text[last.end : line.start]
            if not between.strip():
                quotes[-1] = Quote(episode, line.turn, last.start, line.end)
                continue
        quotes.append(Quote(episode, line.turn, line.start, line.end))
    return tuple(quotes)


class Place(NamedTuple):
    """Where a text stands in a turn: one span of characters, or several where an ellipsis joins them."""

    turn: SpokenTurn
    spans: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Located:
    """Where a quoted text stands.

    Attributes:
        parts: its place, or several where an ellipsis joins them; for a wrong speaker or episode, where it
            truly stands; none for `fabricated`.
        also: other places where it stands, at most twenty of them, each as its parts.
    """

    verdict: Verdict
    parts: tuple[Quote, ...] = ()
    also: tuple[tuple[Quote, ...], ...] = ()

    @property
    def on_record(self) -> bool:
        return self.verdict in (Verdict.EXACT, Verdict.REPAIRED)


def locate(
    text: str,
    library: Library,
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
    text = text.strip()
    claimed = library.resolve(episode) if episode else None
    places = _sound(library, _places(text, library, claimed))
    if claimed and not places:
        places = _sound(library, _places(text, library, None))
    if not places:
        return Located(Verdict.FABRICATED)

    def misfit(place: Place) -> tuple[bool, bool, bool, int]:
        turn, cut = place
        far = abs(turn.turn - near.turn) if near and near.episode.id == turn.episode else 1 << 30
        return (
            claimed is not None and turn.episode != claimed,
            not same_person(speaker, turn.speaker),
            len(cut) > 1 or turn.text[slice(*cut[0])] != text,
            far,
        )

    best, *others = sorted(places, key=misfit)[: 1 + _MOST_PLACES]
    other_episode, other_speaker, changed, _ = misfit(best)
    if other_episode:
        verdict = Verdict.WRONG_EPISODE
    elif other_speaker:
        verdict = Verdict.WRONG_SPEAKER
    else:
        verdict = Verdict.REPAIRED if changed else Verdict.EXACT
    return Located(verdict, _quotes(library, best), tuple(_quotes(library, other) for other in others))


def _sound(library: Library, places: Sequence[Place]) -> list[Place]:
    """The places in episodes that are on the record as they were added."""
    return [place for place in places if library.is_sound(place.turn.episode)]


def _quotes(library: Library, place: Place) -> tuple[Quote, ...]:
    episode = library.episode(place.turn.episode)
    return tuple(Quote(episode, place.turn.turn, start, end) for start, end in place.spans)


def _places(text: str, library: Library, episode: str | None) -> list[Place]:
    """Every place where the text stands whole, else every place where its parts around ellipses do."""
    wanted = tuple(word.norm for word in words_of(text))
    if not wanted:
        return []
    found: dict[tuple[str, int], list[Place]] = {}
    for turns in _candidates(library, wanted, episode):
        for turn in turns:
            if (turn.episode, turn.turn) not in found and turn.may_hold(wanted):
                found[turn.episode, turn.turn] = [
                    Place(turn, (_literally(text, turn.text, *span),)) for span in spans(turn.text, wanted)
                ]
        if any(found.values()):
            break
    places = [place for those in found.values() for place in those]
    parts = [tuple(word.norm for word in words_of(part)) for part in _ELLIPSIS.split(text)]
    parts = [part for part in parts if part]
    return places if places or len(parts) < 2 else _joined_places(library, parts, episode)


def _candidates(library: Library, wanted: Sequence[str], episode: str | None) -> Iterator[list[SpokenTurn]]:
    """Turns that may hold the words: first those that surely do, last those that are merely likely."""
    rare = phrases.rarest(library, wanted, _WORDS_TOGETHER)
    together = []
    if len(rare) > 1:
        within = len(wanted) + len(wanted) // 3 + _ROOM_FOR_FILLERS
        together = phrases.with_all(library, rare, within=within, limit=_TURNS_WITH_ALL, episode=episode)
    if len(rare) < 2 or len(together) == _TURNS_WITH_ALL:
        phrase = wanted[:_PHRASE_WORDS]
        together += phrases.with_phrase(library, phrase, limit=_TURNS_WITH_PHRASE, episode=episode)
    yield together
    yield phrases.likely(library, wanted, limit=_TURNS_LIKELY, episode=episode)


def _joined_places(library: Library, parts: Sequence[tuple[str, ...]], episode: str | None) -> list[Place]:
    """Where the parts follow each other closely in one turn."""
    wanted = [word for part in parts for word in part]
    within = len(wanted) + _ROOM_FOR_FILLERS + _WIDEST_ELLIPSIS * (len(parts) - 1)
    rare = phrases.rarest(library, wanted, _WORDS_TOGETHER)
    turns = phrases.with_all(library, rare, within=within, limit=_TURNS_WITH_ALL, episode=episode)
    cuts = ((turn, _in_order(turn.text, parts)) for turn in turns)
    return [Place(turn, tuple(cut)) for turn, cut in cuts if cut]


def _in_order(text: str, parts: Sequence[tuple[str, ...]]) -> list[tuple[int, int]] | None:
    """The parts' spans where they follow each other closely in one turn."""
    for first in spans(text, parts[0]):
        cut = [first]
        for part in parts[1:]:
            following = next((span for span in spans(text, part) if span[0] >= cut[-1][1]), None)
            if not following or not _may_be_omitted(text[cut[-1][1] : following[0]]):
                break
            cut.append(following)
        if len(cut) == len(parts):
            return cut
    return None


def _may_be_omitted(gap: str) -> bool:
    words = [word.norm for word in words_of(gap)]
    denied = len(words) <= _NARROW_ELLIPSIS and any(_DENIALS.fullmatch(word) for word in words)
    return len(words) <= _WIDEST_ELLIPSIS and not denied


def _literally(text: str, whole: str, start: int, end: int) -> tuple[int, int]:
    """The span of the very characters of `text` around a match, or the match where they differ."""
    begin = whole.find(text, max(0, start - len(text)), end + len(text))
    if 0 <= begin <= start and begin + len(text) >= end - 1:
        return begin, begin + len(text)
    return start, end
