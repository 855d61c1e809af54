"""How likely is it that the transcripts answer a question at all?

A logistic regression on what was found. It tells questions off the show's subjects from questions on them;
a false premise on a subject that was discussed still looks like an answerable question to it.
Fitted on QMSum's validation meetings (their own questions against SQuAD's); figures in docs/how-it-works.md.
"""

import math
from collections.abc import Mapping, Sequence

from index.library import Library
from rag.picking import Picked, coverage
from rag.retrieval import Ranked

NOT_DISCUSSED_BELOW = 0.12
"""Chosen to refuse every off-topic question of the sample set; a tenth of its answerable ones fall below."""

_INTERCEPT = -6.65
_PASSAGE_COSINE, _LINE_COSINE, _PASSAGE_WORDS, _QUOTE_WORDS = 6.08, 5.53, 3.09, 1.86
_PASSAGES_READ = 3


def confidence(
    library: Library, ranked: Sequence[Ranked], picked: Sequence[Picked], weights: Mapping[str, float]
) -> float:
    """The probability, 0 to 1, that what was found answers.

    Args:
        weights: of the question's stems (`rag.picking.rarity`).
    """
    if not ranked or not picked:
        return 0.0
    words = []
    for hit in ranked[:_PASSAGES_READ]:
        turns = library.episode(hit.passage.episode).turns
        text = " ".join(turns[line.turn].text[line.start : line.end] for line in hit.passage.lines)
        words.append(coverage(text, weights))
    evidence = (
        _INTERCEPT
        + _PASSAGE_COSINE * max(hit.cosine for hit in ranked)
        + _LINE_COSINE * max(each.cosine for each in picked)
        + _PASSAGE_WORDS * max(words)
        + _QUOTE_WORDS * coverage(picked[0].quote.text, weights)
    )
    return 1 / (1 + math.exp(-evidence))
