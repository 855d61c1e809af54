"""The learned part of the claim check: a few logistic regressions, each of which can refuse a claim.

Each weighs only the measures of its own question, and is trained only on the false claims it is there for: a
claim turned into its contrary keeps most of its quote's words, and a regression that saw both would learn that
nearness speaks against a claim. The weights are in `support_weights.json`, for each encoder they were made
with; `eval.train_support` makes them.
"""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from index.embedding import EMBEDDED

Floats = npt.NDArray[np.float32]

WEIGHTS = Path(__file__).with_name("support_weights.json")

FEATURES = {
    "meaning": "about something else",
    "weakest clause": "says something that the quote does not",
    "weakest clause's words": "says something that the quote does not",
    "denial": "the quote says the opposite",
    "unanswered denial": "the quote says the opposite",
    "word displaced": "says something that the quote does not",
    "word exchanged": "says something that the quote does not",
    "reading": "does not follow from the quote",
}
"""What is weighed, in order, and what to say when it is what speaks most against a claim."""

RISING = ("meaning", "weakest clause", "weakest clause's words", "reading")
"""The measures of which more speaks for a claim; training may not learn the contrary of any."""

JUDGES = {
    "not denied": ("denial", "unanswered denial", "reading"),
    "no word exchanged": ("word displaced", "word exchanged", "reading"),
    "covered": RISING,
    "carried": ("reading",),
}
"""What each regression weighs; the first that refuses gives the reason."""


@dataclass(frozen=True, slots=True)
class Judge:
    """A regression: a measure's usual value and spread, its weight, and where "supported" begins."""

    features: tuple[str, ...]
    mean: Floats
    spread: Floats
    weight: Floats
    bias: float
    threshold: float

    def parts(self, measures: Floats) -> Floats:
        """What each of its measures, float32[len(FEATURES)], speaks for a claim (above 0) or against it."""
        own = measures[[_PLACES[name] for name in self.features]]
        found: Floats = (own - self.mean) / self.spread * self.weight
        return found

    def score(self, measures: Floats) -> float:
        """The probability, from 0 to 1, that a claim is not false in this judge's way."""
        return 1 / (1 + math.exp(-float(self.parts(measures).sum()) - self.bias))


_PLACES = {name: place for place, name in enumerate(FEATURES)}

Judges = Mapping[str, Judge]


@lru_cache(maxsize=4)
def load_judges(encoder: str = EMBEDDED, path: Path = WEIGHTS) -> Judges:
    """The weights made with `encoder`, or else those made with the embedded one."""
    made = json.loads(path.read_text("utf-8"))["encoders"]
    rows = made.get(encoder) or made[EMBEDDED]
    return {name: _read(rows[name]) for name in JUDGES}


def _read(row: dict[str, Any]) -> Judge:
    mean, spread, weight = (
        np.array([values[key] for values in row["features"].values()], np.float32)
        for key in ("mean", "spread", "weight")
    )
    return Judge(tuple(row["features"]), mean, spread, weight, float(row["bias"]), float(row["threshold"]))


def weigh(judges: Judges, measures: Floats) -> tuple[float, str]:
    """The lowest score of all judges, and the measure that speaks most against a claim, or "" if all let it pass."""
    scores = {name: judge.score(measures) for name, judge in judges.items()}
    for name, judge in judges.items():
        if scores[name] < judge.threshold:
            return min(scores.values()), judge.features[int(judge.parts(measures).argmin())]
    return min(scores.values()), ""
