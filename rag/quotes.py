"""A quoted text becomes an exact place in one turn, or a reason why not.

A Quote stores a place and reads its words off the transcript, so that a misquote cannot be represented.
Matching is tolerant of how speech is written down and strict about what was said (`rag.places`).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from index.library import Library
from index.transcript import Episode, Line
from rag.persons import same_person
from rag.places import Place, places_of

_MOST_PLACES = 20


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


@dataclass(frozen=True, slots=True)
class Located:
    """Where a quoted text stands.

    Attributes:
        parts: its place, or several where an ellipsis joins them or it runs on into the next turn; for a wrong
            speaker or episode, where it truly stands; none for `fabricated`.
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
    places = _sound(library, places_of(text, library, claimed))
    if claimed and not places:
        places = _sound(library, places_of(text, library, None))
    if not places:
        return Located(Verdict.FABRICATED)

    def misfit(place: Place) -> tuple[bool, bool, bool, int]:
        turn, (first, *more) = place.turn, place.parts
        far = abs(turn.turn - near.turn) if near and near.episode.id == turn.episode else 1 << 30
        return (
            claimed is not None and turn.episode != claimed,
            not same_person(speaker, turn.speaker),
            bool(more) or turn.text[first.start : first.end] != text,
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
    return tuple(Quote(episode, *part) for part in place.parts)
