"""Wanted words are laid along a turn's words: all of them, in order, nothing between but what may be left out."""

import functools
from collections.abc import Iterator, Sequence

from index.words import Word, words_of
from rag.fillers import may_be_left_out

_MOST_JOINED = 3
"""Written words that can be one: "well known", "well-known" and "wellknown" are said alike."""
_NEVER_JOINED = frozenset("no not a i".split())


def spans(text: str, wanted: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Where `wanted` stands in a turn's text, as character offsets, none overlapping.

    Args:
        wanted: norms of `index.words.words_of`.
    """
    words = prepared(text)
    past = 0
    for at in range(len(words)):
        if at >= past and wanted[0].startswith(words[at].norm[:1]):
            last = _aligned(text, at, wanted)
            if last is not None:
                past = last + 1
                # Of "the, the house" the second "the" is the nearer beginning.
                first = max(
                    (later for later in range(at, past) if words[later].norm == words[at].norm),
                    key=lambda later: (_aligned(text, later, wanted) == last, later),
                )
                yield words[first].start, _with_sign(text, words[last].end)


@functools.lru_cache(maxsize=20_000)
def prepared(text: str) -> tuple[Word, ...]:
    """The words of a turn."""
    return words_of(text)


def _aligned(text: str, at: int, wanted: Sequence[str]) -> int | None:
    """The last word of a match that begins at word `at`, or None.

    Goes on from every (word of the turn, word wanted) that can be reached, those furthest along first.
    """
    words = prepared(text)
    # A number is a whole: "twenty" is no quote of "25", whose words share one place.
    if at and words[at].start == words[at - 1].start:
        return None
    reached, seen = [(at, 0, True)], set()
    while reached:
        place, n, fresh = reached.pop()
        if n == len(wanted):
            if place == len(words) or words[place].start != words[place - 1].start:
                return place - 1
            continue
        if place >= len(words):
            continue
        alike = words[place].norm == wanted[n]
        if fresh and alike:
            # Only where going straight on leads nowhere is it asked what may be left out here.
            reached += [(place, n, False), (place + 1, n + 1, True)]
        elif (place, n) not in seen:
            seen.add((place, n))
            if n:
                reached += [(place + length, n, True) for length in may_be_left_out(text, words, place)]
            if not alike:
                reached += [
                    (place + own, n + theirs, True) for own, theirs in _joined(words, place, wanted, n)
                ]
    return None


def _joined(words: Sequence[Word], place: int, wanted: Sequence[str], n: int) -> Iterator[tuple[int, int]]:
    """How many words here, and how many wanted ones, are one word written apart or together."""
    for length in range(2, _MOST_JOINED + 1):
        own = [word.norm for word in words[place : place + length]]
        if len(own) == length and "".join(own) == wanted[n] and _NEVER_JOINED.isdisjoint(own):
            yield length, 1
        theirs = wanted[n : n + length]
        if (
            len(theirs) == length
            and "".join(theirs) == words[place].norm
            and _NEVER_JOINED.isdisjoint(theirs)
        ):
            yield 1, length


def _with_sign(text: str, end: int) -> int:
    """A full stop or the like right behind the last word belongs to the shown words."""
    return end + 1 if text[end : end + 1] in (".", "!", "?", "…") else end
