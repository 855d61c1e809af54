"""What was said that comes nearest to what nobody said."""

from collections.abc import Sequence
from difflib import SequenceMatcher

from rapidfuzz import fuzz

from index import phrases
from index.library import Library
from index.phrases import SpokenTurn
from index.words import words_of
from rag.alignment import prepared
from rag.quotes import Quote

_TURNS_READ = 16
_NEAREST_ABOVE = 65.0
"""Percent of agreement, word by word, from which on a passage is worth showing beside a misquote."""


def nearest(text: str, library: Library, *, episode: str | None = None) -> Quote | None:
    """What was said that comes nearest to a text nobody said, or None when nothing is near.

    Raises:
        UnknownEpisode: there is no such episode.
    """
    wanted = [word.norm for word in words_of(text)]
    if not wanted:
        return None
    claimed = library.resolve(episode) if episode else None
    best: tuple[float, SpokenTurn, int, int] | None = None
    for turn in phrases.likely(library, wanted, limit=_TURNS_READ, episode=claimed):
        said = turn.words.split()
        shorter = len(said) <= len(wanted)
        score = fuzz.ratio(wanted, said) if shorter else fuzz.partial_ratio(wanted, said)
        if score < _NEAREST_ABOVE or (best and score <= best[0]) or not library.is_sound(turn.episode):
            continue
        first, last = _facing(wanted, said)
        words = prepared(turn.text)
        best = score, turn, words[first].start, words[last].end
    if best is None:
        return None
    _, turn, start, end = best
    return Quote(library.episode(turn.episode), turn.turn, start, end)


def _facing(wanted: Sequence[str], said: Sequence[str]) -> tuple[int, int]:
    """The first and last of the words said that stand against the wanted ones."""
    near = fuzz.partial_ratio_alignment(wanted, said)
    begin, end = (near.dest_start, near.dest_end) if near and len(said) > len(wanted) else (0, len(said))
    alike = [
        block
        for block in SequenceMatcher(None, wanted, said[begin:end], autojunk=False).get_matching_blocks()
        if block.size
    ]
    if not alike:
        return begin, end - 1
    first = begin + alike[0].b - alike[0].a
    last = begin + alike[-1].b + alike[-1].size - 1 + len(wanted) - alike[-1].a - alike[-1].size
    return max(0, first), min(len(said) - 1, last)
