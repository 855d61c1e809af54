"""Which turns hold given words: in order, near each other, or some of them.

The words are those of `index.words`, kept for every turn in a full-text index of its own.
"""

import functools
from collections.abc import Iterable, Sequence
from itertools import accumulate
from typing import NamedTuple

from index.library import Library
from index.spoken import TURNS_AN_EPISODE, row_of

_LIKELY_WORDS = 8
_TURNS_RANKED = 4_000
"""Turns that a search for some of the words may have to rank."""


class SpokenTurn(NamedTuple):
    """A turn as the record has it, without its times."""

    episode: str
    turn: int
    speaker: str | None
    text: str


def with_phrase(
    library: Library, words: Sequence[str], *, limit: int, episode: str | None = None
) -> list[SpokenTurn]:
    """The turns that hold `words` in this order with nothing between, oldest on the record first."""
    return _turns(library, _quoted(" ".join(words)), "rowid", limit, episode)


def with_all(
    library: Library, words: Iterable[str], *, within: int, limit: int, episode: str | None = None
) -> list[SpokenTurn]:
    """The turns that hold all of `words` within this many words, in any order."""
    return _turns(library, f"NEAR({' '.join(map(_quoted, words))}, {within})", "rowid", limit, episode)


def with_any(
    library: Library, words: Iterable[str], *, limit: int, episode: str | None = None
) -> list[SpokenTurn]:
    """The turns that hold some of `words`, best first by BM25."""
    return _turns(library, " OR ".join(map(_quoted, words)), "rank, rowid", limit, episode)


def likely(
    library: Library, words: Iterable[str], *, limit: int, episode: str | None = None
) -> list[SpokenTurn]:
    """The turns that most likely hold most of `words`, best first, judged by the rarest of them."""
    rare = rarest(library, words, _LIKELY_WORDS, turns=_TURNS_RANKED)
    return with_any(library, rare, limit=limit, episode=episode) if rare else []


def rarest(library: Library, words: Iterable[str], most: int, *, turns: int | None = None) -> list[str]:
    """At most so many of `words`, each once, those of the fewest turns first.

    Args:
        turns: stop before the words after the first stand in more turns than this together.
    """
    generation = library.generation
    counted = sorted((_turns_holding(library, generation, word), word) for word in dict.fromkeys(words))[
        :most
    ]
    if turns is None:
        return [word for _, word in counted]
    together = accumulate(count for count, _ in counted)
    return [
        word
        for n, ((_, word), sum_) in enumerate(zip(counted, together, strict=True))
        if not n or sum_ <= turns
    ]


@functools.lru_cache(maxsize=1 << 16)
def _turns_holding(library: Library, generation: int, word: str) -> int:
    db = library.db
    db.execute("CREATE VIRTUAL TABLE IF NOT EXISTS temp.spoken_words USING fts5vocab(main, spoken, row)")
    row = db.execute("SELECT doc FROM temp.spoken_words WHERE term = ?", (word,)).fetchone()
    return int(row[0]) if row else 0


def _turns(library: Library, match: str, order: str, limit: int, episode: str | None) -> list[SpokenTurn]:
    narrowed, values = "", []
    if episode is not None:
        row = library.db.execute("SELECT n FROM episodes WHERE id = ?", (episode,)).fetchone()
        if not row:
            return []
        narrowed = "AND rowid BETWEEN ? AND ?"
        values = [row_of(row[0], 0), row_of(row[0] + 1, 0) - 1]
    rows = library.db.execute(
        "SELECT e.id, t.turn, t.speaker, t.text FROM"
        f" (SELECT rowid AS place FROM spoken WHERE spoken MATCH ? {narrowed} ORDER BY {order} LIMIT ?)"
        f" JOIN turns t ON t.episode = place / {TURNS_AN_EPISODE} AND t.turn = place % {TURNS_AN_EPISODE}"
        " JOIN episodes e ON e.n = t.episode",
        (match, *values, limit),
    )
    return [SpokenTurn(*row) for row in rows]


def _quoted(words: str) -> str:
    return '"' + words.replace('"', "") + '"'
