"""How likely is it that the transcripts answer a question at all?

A logistic regression on what was found. Topic alone does not tell: a false premise on a subject that was
discussed comes near to passages, but less near to any one line, some of its words are said nowhere near, and who reads
it together with a quote sees that the one does not answer the other.
Nothing here depends on how long the question is. Fitted by `eval.tune_finding`; figures in docs/finding.md.
"""

import math
from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from index.library import Library
from rag import fitted
from rag.line_features import WANTS, coverage
from rag.names import named_in, names_of
from rag.picking import Picked
from rag.retrieval import Ranked

Floats = npt.NDArray[np.float32]

EVIDENCE = (
    "passage cosine",
    "passage stands out",
    "line cosine",
    "line stands out",
    "words in passage",
    "words in quote",
    "words said nowhere",
    "names missing",
    "wanted kind",
    "likelihood of quote",
    "reading",
)
"""In the order of what `evidence` gives."""

SURE_FROM = 0.1
"""The confidence below which quotes are shown with a reserve. Of the changelog set's questions without an answer 13 of
20 lie below, and of those whose answer is among the three quotes 5 of 59 (docs/finding.md)."""

_PASSAGES_READ = 5


def confidence(
    library: Library,
    question: str,
    ranked: Sequence[Ranked],
    picked: Sequence[Picked],
    readings: Floats,
    weights: Mapping[str, float],
) -> float:
    """The probability, 0 to 1, that what was found answers `question`.

    Args:
        readings: of the picked quotes (`rag.ordering.readings_of`).
        weights: of the question's stems (`rag.picking.rarity`).
    """
    if not ranked or not picked:
        return 0.0
    found = evidence(library, question, ranked, picked, readings, weights)
    score = float(found @ fitted.weights("confidence", EVIDENCE)) + fitted.value("confidence", "bias")
    return 1 / (1 + math.exp(-score))


def answers_from() -> float:
    """The confidence from which on what was found is given as an answer."""
    return fitted.value("confidence", "answers from")


def evidence(
    library: Library,
    question: str,
    ranked: Sequence[Ranked],
    picked: Sequence[Picked],
    readings: Floats,
    weights: Mapping[str, float],
) -> Floats:
    """What speaks for an answer, float32[evidence]."""
    texts = [_text_of(library, hit) for hit in ranked[:_PASSAGES_READ]]
    cosines = sorted((hit.cosine for hit in ranked), reverse=True)
    lines = [each.cosine for each in picked]
    best = picked[0].quote.text
    return np.array(
        [
            cosines[0],
            cosines[0] - float(np.mean(cosines)),
            max(lines),
            max(lines) - min(lines),
            max(coverage(text, weights) for text in texts),
            coverage(best, weights),
            1 - coverage(" ".join(texts), weights),
            _names_missing(question, texts),
            float(all(has.search(best) for wants, has in WANTS if wants.search(question))),
            picked[0].score,
            float(readings.max()),
        ],
        np.float32,
    )


def _text_of(library: Library, hit: Ranked) -> str:
    turns = library.episode(hit.passage.episode).turns
    return " ".join(turns[line.turn].text[line.start : line.end] for line in hit.passage.lines)


def _names_missing(question: str, texts: Sequence[str]) -> float:
    """Whether the question names something that none of the passages does."""
    return float(any(name.sure and not named_in(name, texts) for name in names_of(question)))
