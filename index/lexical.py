"""Words find passages: BM25 by SQLite's full-text index, and the filters that narrow every search.

Robertson and Zaragoza, "The Probabilistic Relevance Framework: BM25 and Beyond", 2009.
"""

import datetime
import functools
import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from index.library import Library
from index.transcript import Line

_WORD = re.compile(r"\w+")
_TITLE_WEIGHT, _TEXT_WEIGHT = 0.5, 1.0

STOPWORDS = frozenset(
    "a about above after again all also am an and any are as at be because been before being between both but by"
    " can could did do does doing don down during each else few for from further get go had has have having he her"
    " here hers him his how i if in into is it its itself just let like ll me more most my no nor not now of off on"
    " once only or other our out over own re s same say says said saying she should so some such t talk talked"
    " tell than that the their them then there these they thing things this those through to too under until up us"
    " very was we were what when where which while who whom why will with would ve you your m d".split()
)
"""English words that carry no subject; a question made of nothing else is searched with them."""


@dataclass(frozen=True, slots=True)
class Filters:
    """What a search is narrowed to. An empty field does not narrow."""

    speakers: tuple[str, ...] = ()
    episodes: tuple[str, ...] = ()
    since: datetime.date | None = None
    until: datetime.date | None = None


@dataclass(frozen=True, slots=True)
class StoredPassage:
    """A passage as the record has it.

    Attributes:
        places: of its lines, as the record writes them: a JSON list of [turn, start, end].
        vectors: float16[lines, d], of unit length.
    """

    id: int
    episode: str
    places: str
    vectors: npt.NDArray[np.float16]

    @property
    def lines(self) -> tuple[Line, ...]:
        """Its lines, made when they are asked for: a search weighs hundreds of passages and reads few."""
        return _lines_at(self.places)


@functools.lru_cache(maxsize=4096)
def _lines_at(places: str) -> tuple[Line, ...]:
    return tuple(Line(*line) for line in json.loads(places))


def content_words(text: str) -> list[str]:
    """The words of a question that carry its subject, lower-cased, each once, in order."""
    words = list(dict.fromkeys(word.lower() for word in _WORD.findall(text)))
    return [word for word in words if word not in STOPWORDS] or words


def search_words(
    library: Library, words: Sequence[str], filters: Filters, limit: int
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float32]]:
    """The passages with any of `words`: their ids and BM25 scores (greater is better), best first."""
    if not words:
        return np.empty(0, np.int64), np.empty(0, np.float32)
    narrowed, values = _narrowing(filters)
    rows = library.db.execute(
        f"SELECT rowid, -bm25(passages_fts, {_TITLE_WEIGHT}, {_TEXT_WEIGHT}) AS score FROM passages_fts"
        f" WHERE passages_fts MATCH ? {'AND rowid IN (' + narrowed + ')' if narrowed else ''}"
        " ORDER BY score DESC, rowid LIMIT ?",
        (" OR ".join(f'"{word}"' for word in words), *values, limit),
    ).fetchall()
    return np.array([row[0] for row in rows], np.int64), np.array([row[1] for row in rows], np.float32)


def episodes_with(library: Library, word: str, limit: int) -> dict[str, int]:
    """In how many passages of which episodes `word` stands; counting ends at `limit` passages."""
    rows = library.db.execute(
        "SELECT e.id, count(*) FROM (SELECT rowid FROM passages_fts WHERE passages_fts MATCH ? LIMIT ?) AS found"
        " JOIN passages p ON p.id = found.rowid JOIN episodes e ON e.n = p.episode GROUP BY e.id ORDER BY e.n",
        (f'"{word}"', limit),
    )
    return dict(rows.fetchall())


def allowed(library: Library, filters: Filters) -> npt.NDArray[np.int64] | None:
    """The ids of the passages that pass `filters`, ascending, or None when nothing narrows."""
    narrowed, values = _narrowing(filters)
    if not narrowed:
        return None
    rows = library.db.execute(f"{narrowed} ORDER BY p.id", values).fetchall()
    return np.array([row[0] for row in rows], np.int64)


def _narrowing(filters: Filters) -> tuple[str, list[str]]:
    clauses: list[str] = []
    values: list[str] = []
    if filters.speakers:
        clauses.append(
            "p.id IN (SELECT passage FROM speaking WHERE speaker IN (SELECT value FROM json_each(?)))"
        )
        values.append(json.dumps(filters.speakers))
    if filters.episodes:
        clauses.append("e.id IN (SELECT value FROM json_each(?))")
        values.append(json.dumps(filters.episodes))
    for bound, operator in ((filters.since, ">="), (filters.until, "<=")):
        if bound:
            clauses.append(f"e.date {operator} ?")
            values.append(bound.isoformat())
    if not clauses:
        return "", []
    return (
        "SELECT p.id FROM passages p JOIN episodes e ON e.n = p.episode WHERE " + " AND ".join(clauses),
        values,
    )


def passages(library: Library, ids: Sequence[int]) -> list[StoredPassage]:
    """The passages with these ids, in this order; those removed meanwhile, or damaged, are missing."""
    rows = library.db.execute(
        "SELECT p.id, e.id, p.lines, m.lines FROM passages p JOIN episodes e ON e.n = p.episode"
        " JOIN embeddings m ON m.hash = p.embedding WHERE p.id IN (SELECT value FROM json_each(?))"
        " AND typeof(p.lines) = 'text' AND typeof(m.lines) = 'blob'",
        (json.dumps([int(id_) for id_ in ids]),),
    )
    made_by, found = library.encoder, {}
    for id_, episode, lines, stored in rows.fetchall():
        shape = lines.count("[") - 1, made_by.dimension if made_by else 0
        if len(stored) == 2 * shape[0] * shape[1]:
            vectors = np.frombuffer(stored, np.float16).reshape(shape)
            if np.isfinite(vectors).all():
                found[id_] = StoredPassage(id_, episode, lines, vectors)
    return [found[id_] for id_ in map(int, ids) if id_ in found]


def spoken_by(library: Library, ids: Sequence[int], speakers: Iterable[str]) -> frozenset[int]:
    """Those of the passages with these ids in which one of `speakers` speaks."""
    rows = library.db.execute(
        "SELECT passage FROM speaking WHERE passage IN (SELECT value FROM json_each(?))"
        " AND speaker IN (SELECT value FROM json_each(?))",
        (json.dumps(list(ids)), json.dumps(list(speakers))),
    )
    return frozenset(passage for (passage,) in rows)
