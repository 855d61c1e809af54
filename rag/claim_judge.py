"""The learned part of the claim check: a logistic regression on what is measured of a claim and its quotes.

One for all kinds of false claims: several that could each refuse a claim refused too many true ones together. The weights
are in `support_weights.json`; `eval.train_support` makes them.
"""

import json
import math
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]

WEIGHTS = Path(__file__).with_name("support_weights.json")

MEASURES = {
    "follows": "does not follow from the quote",
    "denial": "the quote says the opposite",
    "unanswered denial": "the quote says the opposite",
    "word displaced": "says something that the quote does not",
    "word exchanged": "says something that the quote does not",
}
"""What is weighed, in order, and what to say when it is what speaks most against a claim."""

RISING = ("follows",)
"""The measures of which more speaks for a claim; training may not learn the contrary of any."""


@dataclass(frozen=True, slots=True)
class Judge:
    """A regression: each measure's usual value, spread and weight, and where "supported" begins."""

    mean: Floats
    spread: Floats
    weight: Floats
    bias: float
    threshold: float

    def parts(self, measures: Floats) -> Floats:
        """What each of the measures, float32[len(MEASURES)], speaks for a claim (above 0) or against it."""
        found: Floats = (measures - self.mean) / self.spread * self.weight
        return found

    def score(self, measures: Floats) -> float:
        """The probability, from 0 to 1, that a claim is supported."""
        return 1 / (1 + math.exp(-float(self.parts(measures).sum()) - self.bias))

    def against(self, measures: Floats) -> str:
        """The measure that speaks most against a claim, or "" where it is supported."""
        if self.score(measures) >= self.threshold:
            return ""
        return list(MEASURES)[int(self.parts(measures).argmin())]


def read_judge(path: Path = WEIGHTS) -> Judge:
    """The weights in a file of `eval.train_support`."""
    made = json.loads(path.read_text("utf-8"))
    mean, spread, weight = (
        np.array([made["measures"][name][key] for name in MEASURES], np.float32)
        for key in ("mean", "spread", "weight")
    )
    return Judge(mean, spread, weight, float(made["bias"]), float(made["threshold"]))


@cache
def embedded_judge() -> Judge:
    """The weights that come with onrecord."""
    return read_judge()
