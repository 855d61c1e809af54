"""A question becomes ranked passages: BM25 and dense scores, fused by per-question z-scores.

Fusion by standard scores is linear combination in the sense of Bruch, Gai and Ingber, "An Analysis of
Fusion Functions for Hybrid Retrieval", 2023.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from index import lexical
from index.lexical import Filters, StoredPassage
from index.library import Library
from index.vectors import VectorIndex

Floats = npt.NDArray[np.float32]

BM25_SHARE = 0.5
_POOL = 100


@dataclass(frozen=True, slots=True)
class Ranked:
    """A passage that a search found.

    Attributes:
        score: the fused standard score; comparable within one question only.
        cosine: of the passage's vector with the question's.
    """

    passage: StoredPassage
    score: float
    cosine: float


def retrieve(
    library: Library,
    index: VectorIndex,
    question: str,
    vector: Floats,
    *,
    filters: Filters | None = None,
    k: int = 20,
) -> list[Ranked]:
    """The `k` passages that best fit `question`, best first.

    Args:
        vector: the question's unit vector, float32[d].
        filters: what the search itself is narrowed to.
    """
    filters = filters or Filters()
    allowed = lexical.allowed(library, filters)
    words = lexical.content_words(question)
    lexical_ids, bm25 = lexical.search_words(library, words, filters, _POOL)
    dense_ids, _ = index.search(vector, _POOL, allowed)
    pool = np.union1d(lexical_ids, dense_ids)
    pool, cosines = index.search(vector, len(pool), pool)
    by_id = dict(zip(lexical_ids.tolist(), bm25.tolist(), strict=True))
    lexical_scores = np.array([by_id.get(id_, 0.0) for id_ in pool.tolist()], np.float32)
    fused = BM25_SHARE * _standard(lexical_scores) + (1 - BM25_SHARE) * _standard(cosines)
    best = np.lexsort((pool, -fused))[:k]
    scores = {int(pool[i]): (float(fused[i]), float(cosines[i])) for i in best}
    stored = lexical.passages(library, list(scores))
    return [Ranked(passage, *scores[passage.id]) for passage in stored]


def _standard(scores: Floats) -> Floats:
    """Standard scores (z): mean 0 and deviation 1 over the candidates of one question."""
    if len(scores) == 0:
        return scores
    deviation = float(scores.std())
    return (scores - scores.mean()) / deviation if deviation > 1e-9 else np.zeros_like(scores)
