"""Which of the picked quotes is shown first: each is read together with the question.

Picking compares a line with a question by their vectors and words; here a small transformer reads both at once
(`index/pair_reader.py`), with who speaks and what was said just before. It only puts the picked quotes in
another order, so that nothing is found or lost by it. Its weight beside the likelihood from picking is fitted by
`eval.tune_finding`.
"""

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from index.pair_reader import ANSWERS, embedded_reader
from rag import fitted
from rag.picking import Picked
from rag.quotes import Quote

Floats = npt.NDArray[np.float32]

ORDER = ("likelihood", "reading")
"""In the order of the columns of `order_features`."""

_WORDS_BEFORE = 20


def readings_of(question: str, picked: Sequence[Picked]) -> Floats:
    """The logit of each picked quote, read together with the question: does it answer? float32[len(picked)]."""
    if not picked:
        return np.empty(0, np.float32)
    return embedded_reader(ANSWERS).logits([(question, as_read(each.quote)) for each in picked])


def ordered(picked: Sequence[Picked], readings: Floats) -> list[Picked]:
    """The picked quotes, the one that most likely answers first."""
    if len(picked) < 2:
        return list(picked)
    scores = order_features(picked, readings) @ fitted.weights("order", ORDER)
    return [picked[place] for place in np.argsort(-scores, kind="stable")]


def order_features(picked: Sequence[Picked], readings: Floats) -> Floats:
    """What tells the better quote, float32[picked, 2]: the logarithm of its likelihood, and the reader's logit."""
    return np.array(
        [[math.log(each.score + 1e-6), reading] for each, reading in zip(picked, readings, strict=True)],
        np.float32,
    )


def as_read(quote: Quote) -> str:
    """A quote as the reader has it: the words before it, a slash, who speaks, and what is quoted."""
    turns = quote.episode.turns
    before = turns[quote.turn].text[: quote.start].split()[-_WORDS_BEFORE:]
    said_before = " ".join(before)
    if not before and quote.turn:
        last = turns[quote.turn - 1]
        said_before = _as_said(last.speaker, " ".join(last.text.split()[-_WORDS_BEFORE:]))
    said = _as_said(quote.speaker, quote.text)
    return f"{said_before} / {said}" if said_before else said


def _as_said(speaker: str | None, text: str) -> str:
    return f"{speaker}: {text}" if speaker else text
