"""95 % intervals by the bootstrap, with whole episodes drawn together.

Questions on one episode stand or fall together, so episodes are drawn, not questions: the cluster bootstrap,
as in Davison and Hinkley, "Bootstrap Methods and their Application", 1997, section 3.8.
"""

import math
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

DRAWS = 1000
FEWEST_CLUSTERS = 5
"""Of fewer episodes than this, questions are drawn instead: one episode's interval would have no width."""

_SEED = 20250101
_Z = 1.96


@dataclass(frozen=True, slots=True)
class Figure:
    """A mean over `n` cases (or another statistic), and its 95 % interval."""

    mean: float
    low: float
    high: float
    n: int

    def as_json(self) -> dict[str, Any]:
        return {
            "mean": round(self.mean, 6),
            "low": round(self.low, 6),
            "high": round(self.high, 6),
            "n": self.n,
        }


def mean_figure(values: Sequence[float], clusters: Sequence[Hashable]) -> Figure:
    """The mean of at least one value; values of one cluster are drawn together."""
    return figure_of(float(np.mean(values)), _drawn_means(values, *numbered(clusters)), len(values))


def difference_figure(
    pairs: Sequence[tuple[float | None, float | None]], clusters: Sequence[Hashable]
) -> Figure | None:
    """The first mean less the second over the same cases, or None where one has no value.

    A case may have one value only (a precision counts what was shown): each mean is over its own cases.
    """
    places, count = numbered(clusters)
    sides = []
    for values in zip(*pairs, strict=True):
        has = np.array([value is not None for value in values], bool)
        if not has.any():
            return None
        own = np.array([value for value in values if value is not None], float)
        sides.append((own.mean(), _drawn_means(own, places[has], count)))
    if not sides:
        return None
    (now, drawn_now), (then, drawn_then) = sides
    n = sum(one is not None or other is not None for one, other in pairs)
    return figure_of(float(now - then), drawn_now - drawn_then, n)


def _drawn_means(values: Sequence[float] | Floats, places: npt.NDArray[np.int64], count: int) -> Floats:
    """The mean in each draw of `count` clusters; NaN where none with a value is drawn."""
    sums = np.bincount(places, weights=np.asarray(values, float), minlength=count)
    sizes = np.bincount(places, minlength=count)
    weights = draws(count)
    drawn = weights @ sizes
    means: Floats = np.divide(weights @ sums, drawn, out=np.full(DRAWS, np.nan), where=drawn > 0)
    return means


def figure_of(value: float, drawn: Floats, n: int) -> Figure:
    """A statistic with the interval that its values over the draws span; draws without a value are left out."""
    low, high = np.nanpercentile(drawn, [2.5, 97.5]) if np.isfinite(drawn).any() else (value, value)
    return Figure(value, min(float(low), value), max(float(high), value), n)


def quantile_figure(values: Sequence[float], q: float) -> Figure:
    """A quantile of at least one value; its interval is that of the binomial order statistics."""
    ordered = np.sort(np.asarray(values, float))
    n = len(ordered)
    spread = _Z * math.sqrt(n * q * (1 - q))
    low = ordered[max(0, math.floor(n * q - spread))]
    high = ordered[min(n - 1, math.ceil(n * q + spread))]
    return Figure(float(np.quantile(ordered, q)), float(low), float(high), n)


def numbered(clusters: Sequence[Hashable]) -> tuple[npt.NDArray[np.int64], int]:
    """Each value's cluster as a number from 0, and how many there are; each its own where they are few."""
    numbers = {cluster: n for n, cluster in enumerate(dict.fromkeys(clusters))}
    if len(numbers) < FEWEST_CLUSTERS:
        return np.arange(len(clusters)), len(clusters)
    return np.array([numbers[cluster] for cluster in clusters]), len(numbers)


def draws(clusters: int) -> Floats:
    """How often each cluster is drawn in each of the draws, float64[draws, clusters]; the same every time."""
    return _drawn(clusters).astype(np.float64)


@lru_cache(maxsize=16)
def _drawn(clusters: int) -> npt.NDArray[np.uint8]:
    rng = np.random.default_rng(_SEED)
    chosen = rng.integers(clusters, size=(DRAWS, clusters)) + clusters * np.arange(DRAWS)[:, None]
    counts = np.bincount(chosen.ravel(), minlength=DRAWS * clusters).reshape(DRAWS, clusters)
    return counts.astype(np.uint8)
