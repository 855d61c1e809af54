"""Timed pieces of speech become turns: one person speaking until somebody else does."""

from collections.abc import Iterable
from dataclasses import dataclass

from index.formats.clock import believable
from index.formats.forgiving import Forgiven
from index.text import clean
from index.transcript import Turn

CLEAR_PAUSE_S = 2.0
LONG_TURN_S = 60.0
_MUCH_TOO_LONG_S = 90.0
_SENTENCE_ENDS = (".", "!", "?", "…", '"', "”", "。", "！", "？")


@dataclass(frozen=True, slots=True)
class Cue:
    """Words with the time at which they begin and end, in seconds, where these are known.

    Attributes:
        paragraph: whether a new paragraph begins here.
    """

    text: str
    start: float | None = None
    end: float | None = None
    speaker: str | None = None
    paragraph: bool = False


def turns_of(cues: Iterable[Cue], forgiven: Forgiven) -> tuple[Turn, ...]:
    """Merge cues of one speaker; an unknown speaker's turn ends at a pause or after about a minute."""
    turns: list[Turn] = []
    text = ""
    marks: list[tuple[int, float]] = []
    speaker: str | None = None
    began: float | None = None
    last: Cue | None = None

    def close() -> None:
        nonlocal text, marks
        if text:
            turns.append(Turn(speaker, text, tuple(marks)))
        text, marks = "", []

    for cue in cues:
        words = clean(cue.text)
        words = words if cue.paragraph else " ".join(words.split())
        if not words:
            forgiven.add("a cue without words skipped")
            continue
        start = cue.start
        if start is not None and not believable(start):
            forgiven.add("a time that cannot be true left out")
            start = None
        if last is None or cue.speaker != speaker or (speaker is None and _ends(last, cue, began, text)):
            close()
            speaker, began = cue.speaker, start
        if text:
            text += "\n\n" if cue.paragraph else " "
        if start is not None and not (marks and marks[-1][1] == start):
            marks.append((len(text), float(start)))
        text += words
        last = cue
    close()
    return tuple(turns)


def _ends(last: Cue, cue: Cue, began: float | None, text: str) -> bool:
    """Whether an unknown speaker's turn ends between two cues."""
    if cue.paragraph:
        return True
    if cue.start is None:
        return False
    if last.end is not None and cue.start - last.end > CLEAR_PAUSE_S:
        return True
    lasted = cue.start - began if began is not None else 0.0
    return lasted > _MUCH_TOO_LONG_S or (lasted > LONG_TURN_S and text.endswith(_SENTENCE_ENDS))


def without_rolling(cues: Iterable[Cue], forgiven: Forgiven) -> list[Cue]:
    """Captions that repeat the line before, as they roll up a screen, say it once."""
    kept: list[Cue] = []
    shown: list[str] = []
    for cue in cues:
        lines = [line.strip() for line in cue.text.split("\n") if line.strip()]
        fresh = lines
        if kept and shown and cue.start is not None and kept[-1].end is not None:
            touching = cue.start <= kept[-1].end + 0.05
            overlap = next(
                (n for n in range(min(len(shown), len(lines)), 0, -1) if shown[-n:] == lines[:n]), 0
            )
            if touching and overlap and sum(len(line.split()) for line in lines[:overlap]) > 1:
                fresh = lines[overlap:]
                forgiven.add("a caption that repeats the one before said once")
        shown = lines
        if fresh or not lines:
            kept.append(Cue("\n".join(fresh), cue.start, cue.end, cue.speaker, cue.paragraph))
        elif kept:
            kept[-1] = Cue(kept[-1].text, kept[-1].start, cue.end, kept[-1].speaker, kept[-1].paragraph)
    return kept
