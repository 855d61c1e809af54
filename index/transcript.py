"""What every transcript becomes: an Episode of Turns, cut into Lines."""

import datetime
import re
from bisect import bisect_right
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Turn:
    """One person speaking until somebody else does.

    Attributes:
        speaker: the name as the transcript has it, or None where it is unknown.
        text: the words, cleaned once when read and never changed again.
        marks: known times, as (character offset in `text`, seconds), ascending in offset.
    """

    speaker: str | None
    text: str
    marks: tuple[tuple[int, float], ...] = ()

    def time_at(self, offset: int) -> float | None:
        """The last time known at or before `offset` inside this turn, in seconds, or None."""
        place = bisect_right(self.marks, offset, key=lambda mark: mark[0])
        return self.marks[place - 1][1] if place else None


@dataclass(frozen=True, slots=True)
class About:
    """What a source says about an episode; what it does not say stays None."""

    title: str | None = None
    show: str | None = None
    number: str | None = None
    date: datetime.date | None = None
    page_url: str | None = None
    audio_url: str | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """What a reader made of one file: its turns, and what it forgave in words for people."""

    about: About
    turns: tuple[Turn, ...]
    forgiven: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Episode:
    """One episode on the record.

    Attributes:
        id: a stable slug; unique in its library.
        source: the file or address it was read from.
    """

    id: str
    source: str
    about: About
    turns: tuple[Turn, ...] = field(repr=False)

    @property
    def title(self) -> str:
        """The title that its source gives, else its id in readable form."""
        return self.about.title or title_of(self.id)

    @property
    def speakers(self) -> tuple[str, ...]:
        """The known speakers, in the order in which they first speak."""
        return tuple(dict.fromkeys(turn.speaker for turn in self.turns if turn.speaker))


@dataclass(frozen=True, slots=True, order=True)
class Line:
    """One sentence of a turn: `episode.turns[turn].text[start:end]`. The unit of citation."""

    turn: int
    start: int
    end: int


def title_of(id_: str) -> str:
    """An id as a title to show: `03-night-trains` becomes `Night trains`."""
    words = re.sub(r"^\d+-+(?=\D)", "", id_).replace("-", " ").strip()
    return words[:1].upper() + words[1:] or id_
