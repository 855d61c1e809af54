"""Does the confidence tell questions that the transcripts answer from those that they don't?"""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np

from eval.intervals import Figure, Floats, draws, figure_of, numbered

LIKE_LENGTH = 2
"""Words by which two questions may differ and still be of like length. Unanswerable questions tend to be
shorter; a comparison of all pairs would reward a confidence that measures length."""


@dataclass(frozen=True, slots=True)
class Judged:
    """What one question adds to the judgement of confidence."""

    confidence: float
    answerable: bool
    words: int
    cluster: Hashable


@dataclass(frozen=True, slots=True)
class Separation:
    """An area under the ROC curve, at hand and over the bootstrap's draws, float64[draws]."""

    value: float
    drawn: Floats
    n: int

    @property
    def figure(self) -> Figure:
        return figure_of(self.value, self.drawn, self.n)

    def minus(self, earlier: "Separation") -> Figure:
        """The difference to the same questions' earlier separation, draw by draw."""
        return figure_of(self.value - earlier.value, self.drawn - earlier.drawn, self.n)


def separation(questions: Sequence[Judged], *, like_length: bool) -> Separation | None:
    """How often an answerable question has the greater confidence, of all pairs with an unanswerable one.

    This share, with ties as half, is the area under the ROC curve. None where there is no pair.

    Args:
        like_length: look only at pairs of questions that differ by at most two words.
    """
    places, count = numbered([question.cluster for question in questions])
    can = np.array([question.answerable for question in questions], bool)
    sure = np.array([question.confidence for question in questions], float)
    words = np.array([question.words for question in questions], int)
    # Clusters are numbered anew on each side, so that the table of pairs has no empty rows.
    own_can, place_can = np.unique(places[can], return_inverse=True)
    own_not, place_not = np.unique(places[~can], return_inverse=True)
    won, met = np.zeros((2, len(own_not), len(own_can)))
    paired_can, paired_not = np.zeros(can.sum(), bool), 0
    for confidence, length, row in zip(sure[~can], words[~can], place_not, strict=True):
        like = np.abs(words[can] - length) <= (LIKE_LENGTH if like_length else np.inf)
        wins = np.where(sure[can] > confidence, 1.0, np.where(sure[can] == confidence, 0.5, 0.0))
        won[row] += np.bincount(place_can, weights=wins * like, minlength=len(own_can))
        met[row] += np.bincount(place_can, weights=like, minlength=len(own_can))
        paired_can |= like
        paired_not += bool(like.any())
    if not met.sum():
        return None
    drawn_not, drawn_can = draws(count)[:, own_not], draws(count)[:, own_can]
    pairs = np.einsum("bi,bi->b", drawn_not @ met, drawn_can)
    wins = np.einsum("bi,bi->b", drawn_not @ won, drawn_can)
    drawn = np.divide(wins, pairs, out=np.full(len(pairs), np.nan), where=pairs > 0)
    return Separation(float(won.sum() / met.sum()), drawn, int(paired_can.sum()) + paired_not)


@dataclass(frozen=True, slots=True)
class Bin:
    """Questions of like confidence: their mean confidence, and the share that the transcripts answer."""

    confidence: float
    answerable: float
    n: int


def calibration(questions: Sequence[Judged], bins: int = 10) -> list[Bin]:
    """The questions in bins of equal width, those that are empty left out."""
    found = []
    for n in range(bins):
        inside = [q for q in questions if min(int(q.confidence * bins), bins - 1) == n]
        if inside:
            found.append(
                Bin(
                    sum(q.confidence for q in inside) / len(inside),
                    sum(q.answerable for q in inside) / len(inside),
                    len(inside),
                )
            )
    return found


@dataclass(frozen=True, slots=True)
class Threshold:
    """What refusing every question below `at` would give; precision is None where none would be refused."""

    at: float
    precision: float | None
    recall: float


def thresholds(questions: Sequence[Judged], steps: int = 100) -> list[Threshold]:
    """Precision and recall of refusing, over the threshold; empty where every question has an answer."""
    sure = np.array([question.confidence for question in questions], float)
    cannot = np.array([not question.answerable for question in questions], bool)
    if not cannot.any():
        return []
    curve = []
    for at in np.linspace(0, 1, steps + 1):
        refused = sure < at
        right = int((refused & cannot).sum())
        precision = right / int(refused.sum()) if refused.any() else None
        curve.append(Threshold(float(at), precision, right / int(cannot.sum())))
    return curve
