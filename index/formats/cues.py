"""Pieces of speech become turns: one person speaking until somebody else does."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from enum import Enum, auto

from index.formats.clock import TIME, believable, seconds
from index.formats.forgiving import Forgiven
from index.text import clean
from index.transcript import Turn

CLEAR_PAUSE_S = 2.0
LONG_TURN_S = 60.0
MUCH_TOO_LONG_S = 90.0
_LONGEST_CUE_S = 6.0
"""A caption that begins longer before the next than this may have a pause after it."""

SENTENCE_END = re.compile(r"[.!?…。！？][\"'”’»)\]]*$")

_MARK = re.compile(rf"\[\s*(?P<time>{TIME})(?:\s*[-–]\s*{TIME})?\s*\]")
_CLINGING = re.compile(r"[,.;:!?](?=\s|$)")


class Join(Enum):
    """How a piece follows the one before, if the same person speaks."""

    SPACE = auto()
    PARAGRAPH = auto()
    TURN = auto()
    """It doesn't: a new turn begins here."""


@dataclass(frozen=True, slots=True)
class Cue:
    """A piece of speech, with the time at which it begins and ends, in seconds, where these are known."""

    text: str
    start: float | None = None
    end: float | None = None
    speaker: str | None = None
    join: Join = Join.SPACE


class _Turns:
    """The turns so far and the one that is open."""

    def __init__(self) -> None:
        self.finished: list[Turn] = []
        self.text = ""
        self.marks: list[tuple[int, float]] = []
        self.speaker: str | None = None
        self.began: float | None = None
        self.last: Cue | None = None

    def close(self) -> None:
        if self.text:
            self.finished.append(Turn(self.speaker, self.text, tuple(self.marks)))
        self.text, self.marks, self.began, self.last = "", [], None, None

    def add(self, cue: Cue) -> None:
        if self.text:
            clings = cue.join is Join.SPACE and _CLINGING.match(cue.text)
            self.text += "" if clings else "\n\n" if cue.join is Join.PARAGRAPH else " "
        if cue.start is not None:
            if not self.marks or self.marks[-1][1] != cue.start:
                self.marks.append((len(self.text), cue.start))
            self.began = cue.start if self.began is None else self.began
        self.text += cue.text
        self.speaker = cue.speaker
        self.last = cue

    def ends_before(self, cue: Cue) -> bool:
        """Whether the open turn ends before a cue."""
        if self.last is None or cue.join is Join.TURN or cue.speaker != self.speaker:
            return True
        if cue.speaker is not None:
            return False
        if cue.join is Join.PARAGRAPH:
            return True
        if cue.start is None or self.began is None:
            return False
        if self.last.end is not None and cue.start - self.last.end > CLEAR_PAUSE_S:
            return True
        lasted = cue.start - self.began
        return lasted > MUCH_TOO_LONG_S or (lasted > LONG_TURN_S and bool(SENTENCE_END.search(self.text)))


def cut_for_length(turn: Turn, following: Turn) -> bool:
    """Whether nothing but its length ended a turn, so that the same voice may well go on in the next."""
    if turn.speaker or following.speaker or not turn.marks or not following.marks:
        return False
    begins = following.marks[0][1]
    return begins - turn.marks[0][1] > LONG_TURN_S and begins - turn.marks[-1][1] <= _LONGEST_CUE_S


def turns_of(cues: Iterable[Cue], forgiven: Forgiven) -> tuple[Turn, ...]:
    """Merge pieces into turns; the turn of an unknown speaker ends at a paragraph, a pause or after a minute.

    A time mark inside the words, such as `[04:05]`, becomes one of the turn's times and leaves the words. A time
    without words after it belongs to the next words of the same turn.
    """
    turns = _Turns()
    waiting: float | None = None
    for cue in _apart_at_marks(cues):
        words = " ".join(clean(cue.text).split())
        start = cue.start
        if start is not None and not believable(start):
            forgiven.count("time", "left out as impossible")
            start = None
        if turns.ends_before(cue):
            waiting = None if turns.text else waiting
            turns.close()
        if words:
            turns.add(replace(cue, text=words, start=waiting if start is None else start))
            waiting = None
        else:
            waiting = waiting if start is None else start
    turns.close()
    return tuple(turns.finished)


def _apart_at_marks(cues: Iterable[Cue]) -> Iterator[Cue]:
    """Cues cut before each time mark in their words; the words after it begin at its time."""
    for cue in cues:
        marks = [match for match in _MARK.finditer(cue.text) if seconds(match["time"]) is not None]
        if not marks:
            yield cue
            continue
        before = cue.text[: marks[0].start()]
        if before.strip() or cue.start is not None or cue.join is not Join.SPACE:
            yield replace(cue, text=before)
        for match, following in zip(marks, [*marks[1:], None], strict=True):
            words = cue.text[match.end() : following.start() if following else len(cue.text)]
            yield replace(cue, text=words, start=seconds(match["time"]), join=Join.SPACE)
