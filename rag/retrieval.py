"""A question becomes ranked passages: six signals of each candidate, standardised and added up.

Candidates are the best by words (BM25) and the best by meaning (cosine), and the best of those in which a
person speaks whom the question names; an episode that it names narrows the search. A passage is then also
judged by its best line, by the passages next to it, and by how much else its episode has on the question:
where many episodes are pooled, the wrong episode is the most frequent mistake. Where the question sets several people or
episodes side by side, they take turns: the best passages of each come first.
Sums of standard scores are linear fusion in the sense of Bruch, Gai and Ingber, "An Analysis of Fusion
Functions for Hybrid Retrieval", 2023. The weights are fitted by `eval.tune_finding`; see docs/finding.md.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass, replace
from itertools import islice, zip_longest

import numpy as np
import numpy.typing as npt

from index import lexical
from index.errors import DamagedEpisode, UnknownEpisode
from index.lexical import Filters, StoredPassage
from index.library import Library
from index.vectors import VectorIndex
from rag import fitted
from rag.mentions import episodes_named
from rag.sides import Side, sides_of

Floats = npt.NDArray[np.float32]

SIGNALS = ("words", "meaning", "line", "episode", "neighbours", "speaker")
"""In the order of the columns of `Candidates.signals`."""

_POOL = 100
_TURNS = 3
"""How many passages of each come first where the question has several sides."""
_EPISODE_BEST = 3
"""How many of an episode's passages speak for it."""


@dataclass(frozen=True, slots=True)
class Ranked:
    """A passage that a search found.

    Attributes:
        score: the weighted standard scores; comparable within one question only.
        cosine: of the passage's vector with the question's.
    """

    passage: StoredPassage
    score: float
    cosine: float


@dataclass(frozen=True, slots=True)
class Candidates:
    """The passages that one question is decided among.

    Attributes:
        signals: standard scores in the order of `SIGNALS`, float32[n, signals].
        cosines: of the passages' vectors with the question's, float32[n].
        sides: the ids of the passages of each of the question's sides (`rag.sides`).
    """

    passages: tuple[StoredPassage, ...]
    signals: Floats
    cosines: Floats
    sides: tuple[frozenset[int], ...] = ()


def retrieve(
    library: Library,
    index: VectorIndex,
    question: str,
    vector: Floats,
    *,
    filters: Filters | None = None,
    k: int = 20,
) -> list[Ranked]:
    """The `k` passages that best fit `question`, best first; none of an episode that is damaged on the record.

    Args:
        vector: the question's unit vector, float32[d].
        filters: what the search itself is narrowed to.
    """
    found = candidates(library, index, question, vector, filters=filters)
    ranked = in_turn(best_of(found, k=len(found.passages)), found.sides)
    return list(islice((hit for hit in ranked if _is_on_record(library, hit.passage)), k))


def _is_on_record(library: Library, passage: StoredPassage) -> bool:
    """Whether a passage's episode is as it was added, and holds its lines."""
    try:
        turns = library.episode(passage.episode).turns
    except (DamagedEpisode, UnknownEpisode):
        return False
    return all(
        line.turn < len(turns) and line.start < line.end <= len(turns[line.turn].text)
        for line in passage.lines
    )


def best_of(found: Candidates, *, k: int) -> list[Ranked]:
    """The `k` candidates with the greatest weighted signals, best first; ties go to the earlier id."""
    scores = found.signals @ fitted.weights("passage", SIGNALS)
    best = np.lexsort((np.array([passage.id for passage in found.passages]), -scores))[:k]
    return [Ranked(found.passages[i], float(scores[i]), float(found.cosines[i])) for i in best.tolist()]


def in_turn(ranked: Sequence[Ranked], sides: Sequence[Set[int]]) -> list[Ranked]:
    """Where there are several sides, the best `_TURNS` passages of each by turns, and then the others.

    Args:
        ranked: best first.
        sides: the ids of each one's passages.
    """
    if len(sides) < 2:
        return list(ranked)
    theirs = [[hit for hit in ranked if hit.passage.id in side][:_TURNS] for side in sides]
    in_order = sorted(filter(None, theirs), key=lambda hits: -hits[0].score)
    first = {hit.passage.id: hit for hits in zip_longest(*in_order) for hit in hits if hit}
    return [*first.values(), *(hit for hit in ranked if hit.passage.id not in first)]


def candidates(
    library: Library, index: VectorIndex, question: str, vector: Floats, *, filters: Filters | None = None
) -> Candidates:
    """The passages that words or meaning put forward, with every signal of each."""
    filters = filters or Filters()
    if not filters.episodes:
        filters = replace(filters, episodes=episodes_named(library, question))
    sides = sides_of(library, question)
    words = lexical.content_words(question)
    searches = [filters, *_of_sides(filters, sides)]
    bm25_of: dict[int, float] = {}
    pool = np.empty(0, np.int64)
    for narrowed in searches:
        ids, scores = lexical.search_words(library, words, narrowed, _POOL)
        bm25_of |= dict(zip(ids.tolist(), scores.tolist(), strict=True))
        nearest, _ = index.search(vector, _POOL, lexical.allowed(library, narrowed))
        pool = np.union1d(pool, np.union1d(ids, nearest))
    pool, cosines = index.search(vector, len(pool), pool)
    cosine_of = dict(zip(pool.tolist(), cosines.tolist(), strict=True))
    # A passage that was removed since the vectors were loaded is missing here.
    stored = lexical.passages(library, pool.tolist())
    by_words = _standard([bm25_of.get(passage.id, 0.0) for passage in stored])
    by_meaning = _standard([cosine_of[passage.id] for passage in stored])
    by_line = _standard(_best_lines(stored, vector))
    own = by_words + by_meaning
    theirs = tuple(
        lexical.spoken_by(library, pool.tolist(), side.speakers)
        if side.speakers
        else frozenset(passage.id for passage in stored if passage.episode == side.episode)
        for side in sides
    )
    voices = [ids for side, ids in zip(sides, theirs, strict=True) if side.speakers]
    signals = (
        by_words,
        by_meaning,
        by_line,
        _by_episode(stored, own),
        _by_neighbours(stored, own),
        _by_speaker(stored, voices),
    )
    return Candidates(
        tuple(stored),
        np.stack(signals, axis=1) if stored else np.empty((0, len(SIGNALS)), np.float32),
        np.array([cosine_of[passage.id] for passage in stored], np.float32),
        theirs,
    )


def _of_sides(filters: Filters, sides: Sequence[Side]) -> Iterator[Filters]:
    """What a search for each side is narrowed to, where the search itself leaves it open."""
    for side in sides:
        if side.speakers and not filters.speakers:
            yield replace(filters, speakers=tuple(sorted(side.speakers)))
        elif side.episode and not filters.episodes:
            yield replace(filters, episodes=(side.episode,))


def _best_lines(stored: Sequence[StoredPassage], vector: Floats) -> Floats:
    """The cosine of each passage's best line with the question."""
    if not stored:
        return np.empty(0, np.float32)
    # One product of float32, since NumPy multiplies float16 without BLAS.
    cosines = np.concatenate([passage.vectors for passage in stored]).astype(np.float32) @ vector
    starts = np.cumsum([0, *(len(passage.vectors) for passage in stored[:-1])])
    best: Floats = np.maximum.reduceat(cosines, starts)
    return best


def _by_episode(stored: Sequence[StoredPassage], own: Floats) -> Floats:
    """How well the best passages of each passage's episode fit, itself left out."""
    of_episode = defaultdict(list)
    for place, passage in enumerate(stored):
        of_episode[passage.episode].append(place)
    floor = float(own.min()) if len(own) else 0.0
    scores = np.zeros(len(stored), np.float32)
    for places in of_episode.values():
        best = sorted(places, key=lambda place: (-own[place], place))[: _EPISODE_BEST + 1]
        for place in places:
            others = [float(own[other]) for other in best if other != place][:_EPISODE_BEST]
            scores[place] = sum(others) + floor * (_EPISODE_BEST - len(others))
    return _standard(scores)


def _by_neighbours(stored: Sequence[StoredPassage], own: Floats) -> Floats:
    """How well the passages before and after fit; one that is no candidate counts as the worst that is."""
    # The passages of an episode have consecutive ids, in order.
    places = {(passage.episode, passage.id): place for place, passage in enumerate(stored)}
    floor = float(own.min()) if len(own) else 0.0
    sides = [[places.get((passage.episode, passage.id + step)) for step in (-1, 1)] for passage in stored]
    return _standard([sum(floor if place is None else float(own[place]) for place in pair) for pair in sides])


def _by_speaker(stored: Sequence[StoredPassage], voices: Sequence[Set[int]]) -> Floats:
    """1 for each passage in which somebody speaks whom the question names, else 0."""
    return np.array([float(any(passage.id in voice for voice in voices)) for passage in stored], np.float32)


def _standard(values: Sequence[float] | Floats) -> Floats:
    """Standard scores (z): mean 0 and deviation 1 over the candidates of one question."""
    scores = np.asarray(values, np.float32)
    if len(scores) == 0:
        return scores
    deviation = float(scores.std())
    return (scores - scores.mean()) / deviation if deviation > 1e-9 else np.zeros_like(scores)
