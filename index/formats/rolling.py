"""Captions that roll up a screen show words again that they showed before; read as speech they say them once."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise

from index.formats.cues import Cue
from index.formats.forgiving import Forgiven

_TOUCHING_S = 0.1
_ROLLING_SHARE = 0.4
"""The share of captions that must repeat the one before; people repeat themselves too, but less."""


def without_repeats(cues: Sequence[Cue], forgiven: Forgiven) -> list[Cue]:
    """The captions of a file that rolls, without what each repeats; those of another file as they are."""
    cues = list(_once(cues, forgiven))
    pairs = list(pairwise(cues))
    # A whole caption said twice is a person's doing; one that says more behind what was shown is a machine's.
    rolling = sum(1 for before, after in pairs if 0 < _repeated(before, after) < len(after.text))
    if rolling < 2 or rolling < _ROLLING_SHARE * len(pairs):
        return cues
    kept = [cues[0]]
    for before, after in pairs:
        repeated = _repeated(before, after)
        if repeated:
            forgiven.count("caption", "said once where the next repeats it")
        fresh = after.text[repeated:].strip()
        if fresh:
            kept.append(replace(after, text=fresh))
        else:
            kept[-1] = replace(kept[-1], end=after.end)
    return kept


def _once(cues: Sequence[Cue], forgiven: Forgiven) -> Iterator[Cue]:
    """Captions without those that are written again with the same times and words."""
    before: Cue | None = None
    for cue in cues:
        if cue == before and cue.start is not None and cue.text:
            forgiven.count("caption", "that stands there twice left out")
        else:
            yield cue
        before = cue


def _repeated(before: Cue, after: Cue) -> int:
    """How many characters at the beginning of a caption were shown by the one before, which it touches in time."""
    if before.speaker != after.speaker:
        return 0
    if before.end is not None and after.start is not None and after.start - before.end > _TOUCHING_S:
        return 0
    shown, lines = _lines(before.text), _lines(after.text)
    for count in range(min(len(shown), len(lines)), 0, -1):
        if shown[-count:] == lines[:count]:
            return len("\n".join(lines[:count]))
    last = shown[-1] if shown else ""
    if lines and last and lines[0].startswith(f"{last} "):
        return len(last)
    return 0


def _lines(text: str) -> list[str]:
    return text.split("\n") if text else []
