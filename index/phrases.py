"""Which turns hold given words: in order, near each other, or most of them.

The words are those of `index.words`, kept for every turn in a full-text index of its own.
"""

import functools
import json
import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from index.library import Library
from index.spoken import TURNS_AN_EPISODE, row_of

_LIKELY_WORDS = 8
_TURNS_READ = 1_500
"""Turns with one word or another that are weighed in a search for the likely ones."""


class SpokenTurn(NamedTuple):
    """A turn as the record has it, without its times."""

    episode: str
    turn: int
    speaker: str | None
    text: str
    words: str
    """Its words as they are compared, with spaces between."""

    def may_hold(self, words: Iterable[str]) -> bool:
        """Whether each of the words stands in it, be it written apart or together with another."""
        squeezed = self.words.replace(" ", "")
        return all(word in squeezed for word in words)


def with_phrase(
    library: Library, words: Sequence[str], *, limit: int, episode: str | None = None
) -> list[SpokenTurn]:
    """The turns that hold `words` in this order with nothing between, oldest on the record first."""
    return _turns(library, _quoted(" ".join(words)), limit, episode)


def with_all(
    library: Library, words: Iterable[str], *, within: int, limit: int, episode: str | None = None
) -> list[SpokenTurn]:
    """The turns that hold all of `words` within this many words, in any order."""
    return _turns(library, f"NEAR({' '.join(map(_quoted, words))}, {within})", limit, episode)


def likely(
    library: Library, words: Iterable[str], *, limit: int, episode: str | None = None
) -> list[SpokenTurn]:
    """The turns that hold most of the rarest of `words`, the rarer the better, best first."""
    generation = library.generation
    weights: defaultdict[int, float] = defaultdict(float)
    read = 0
    for word in rarest(library, words, _LIKELY_WORDS):
        holding = _turns_holding(library, generation, word)
        read += holding
        if weights and read > _TURNS_READ:
            break
        for row in _rows(library, _quoted(word), _TURNS_READ, episode):
            weights[row] += 1 / math.log2(2 + holding)
    best = sorted(weights, key=lambda row: (-weights[row], row))[:limit]
    turns = dict(_turns_at(library, best))
    return [turns[row] for row in best if row in turns]


def rarest(library: Library, words: Iterable[str], most: int) -> list[str]:
    """At most so many of `words`, each once, those of the fewest turns first."""
    generation = library.generation
    return sorted(dict.fromkeys(words), key=lambda word: (_turns_holding(library, generation, word), word))[
        :most
    ]


@functools.lru_cache(maxsize=1 << 16)
def _turns_holding(library: Library, generation: int, word: str) -> int:
    db = library.db
    db.execute("CREATE VIRTUAL TABLE IF NOT EXISTS temp.spoken_words USING fts5vocab(main, spoken, row)")
    row = db.execute("SELECT doc FROM temp.spoken_words WHERE term = ?", (word,)).fetchone()
    return int(row[0]) if row else 0


def _turns(library: Library, match: str, limit: int, episode: str | None) -> list[SpokenTurn]:
    return [turn for _, turn in _turns_at(library, _rows(library, match, limit, episode))]


def _rows(library: Library, match: str, limit: int, episode: str | None) -> list[int]:
    """The first rows of `spoken` that match, in order."""
    narrowed, values = "", []
    if episode is not None:
        found = library.db.execute("SELECT n FROM episodes WHERE id = ?", (episode,)).fetchone()
        if not found:
            return []
        narrowed = "AND rowid >= ? AND rowid < ?"
        values = [row_of(found[0], 0), row_of(found[0] + 1, 0)]
    rows = library.db.execute(
        f"SELECT rowid FROM spoken WHERE spoken MATCH ? {narrowed} ORDER BY rowid LIMIT ?",
        (match, *values, limit),
    )
    return [row[0] for row in rows]


def _turns_at(library: Library, rows: Sequence[int]) -> list[tuple[int, SpokenTurn]]:
    found = library.db.execute(
        "SELECT spoken.rowid, e.id, t.turn, t.speaker, t.text, spoken.words FROM spoken"
        f" JOIN turns t ON t.episode = spoken.rowid / {TURNS_AN_EPISODE}"
        f" AND t.turn = spoken.rowid % {TURNS_AN_EPISODE} JOIN episodes e ON e.n = t.episode"
        " WHERE spoken.rowid IN (SELECT value FROM json_each(?)) ORDER BY spoken.rowid",
        (json.dumps(list(rows)),),
    )
    return [(row[0], SpokenTurn(*row[1:])) for row in found]


def _quoted(words: str) -> str:
    return '"' + words.replace('"', "") + '"'
