"""Fit how sure finding is of its own: answerable questions against those that the transcripts don't answer.

What is learned from is not alike in size and style, so each source counts the same. A weight never takes the sign
that goes against its measure's meaning.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from eval.tune_found import Found, evidence_of
from rag.confidence import EVIDENCE

Floats = npt.NDArray[np.float32]
Doubles = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

SIGN = dict.fromkeys(EVIDENCE, 1.0) | {"words said nowhere": -1.0, "names missing": -1.0}
RIDGE = 1.0
STEPS, STEP = 3000, 0.5
LIKE_WORDS = 2
"""Questions of like length differ by at most so many words."""
KEPT = 0.95
"""Share of the answerable questions learned from that are answered."""


def fit_confidence(sets: Sequence[Sequence[Found]]) -> dict[str, float]:
    """The weights of a logistic regression, its bias, and the confidence from which on an answer is given."""
    tables = [evidence_of(rows) for rows in sets]
    found = np.concatenate([table for table, _, _ in tables]).astype(np.float64)
    truth = np.concatenate([answerable for _, answerable, _ in tables])
    share = np.concatenate([_shares(answerable) for _, answerable, _ in tables]) / len(tables)
    sign = np.array([SIGN[name] for name in EVIDENCE])
    spread = found.std(axis=0) + 1e-6
    x = found / spread * sign
    weight, bias = np.zeros(len(EVIDENCE)), 0.0
    for _ in range(STEPS):
        miss = share * (1 / (1 + np.exp(-x @ weight - bias)) - truth)
        weight = np.maximum(0.0, weight - STEP * (x.T @ miss + RIDGE * weight / len(x)))
        bias -= STEP * float(miss.sum())
    scores = 1 / (1 + np.exp(-x @ weight - bias))
    named = zip(EVIDENCE, weight * sign / spread, strict=True)
    return {name: float(value) for name, value in named} | {
        "bias": bias,
        "answers from": float(np.quantile(scores[truth], 1 - KEPT)),
    }


def _shares(answerable: Bools) -> Doubles:
    """What each case of a set counts: its answerable ones half, the others half."""
    shares: Doubles = np.where(answerable, 0.5 / max(1, answerable.sum()), 0.5 / max(1, (~answerable).sum()))
    return shares


def auroc(scores: Floats, answerable: Bools, words: npt.NDArray[np.int64], apart: int) -> float:
    """How often an answerable question scores above another, over pairs at most `apart` words apart in length."""
    wins = pairs = 0.0
    for score, length in zip(scores[answerable], words[answerable], strict=True):
        others = scores[~answerable][np.abs(words[~answerable] - length) <= apart]
        wins += float((score > others).sum() + (score == others).sum() / 2)
        pairs += len(others)
    return wins / pairs if pairs else float("nan")
