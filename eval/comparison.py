"""How a run differs from an earlier one, over the cases that both have."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from eval.figures import SEPARATIONS, Outcome, separation_of
from eval.intervals import Figure, difference_figure
from eval.metrics import METRICS
from eval.runs_file import read_runs
from index.errors import EvalError


@dataclass(frozen=True, slots=True)
class Difference:
    """A metric now less then.

    Attributes:
        better, worse: how many cases gained and lost; None for what no single case has.
    """

    figure: Figure
    better: int | None = None
    worse: int | None = None


@dataclass(frozen=True, slots=True)
class Comparison:
    """The differences by metric, and how many cases both runs have."""

    shared: int
    differences: Mapping[str, Difference]


def compare(outcomes: Sequence[Outcome], earlier: Mapping[str, Mapping[str, float]]) -> Comparison:
    """Compare a run with an earlier one.

    Both are drawn alike in every draw of the bootstrap, so that what is hard in both cancels out.

    Args:
        earlier: each case's scores and `confidence` then (`read_earlier`).
    """
    now = [outcome for outcome in outcomes if outcome.case.id in earlier]
    then = [_then(outcome, earlier[outcome.case.id]) for outcome in now]
    clusters = [outcome.cluster for outcome in now]
    differences = {}
    for name in METRICS:
        if name in SEPARATIONS:
            apart, before = separation_of(now, name), separation_of(then, name)
            if apart and before:
                differences[name] = Difference(apart.minus(before))
            continue
        pairs = [(one.scores.get(name), other.scores.get(name)) for one, other in zip(now, then, strict=True)]
        figure = difference_figure(pairs, clusters)
        if figure:
            gains = [one - other for one, other in pairs if one is not None and other is not None]
            better, worse = sum(gain > 0 for gain in gains), sum(gain < 0 for gain in gains)
            differences[name] = Difference(figure, better, worse)
    return Comparison(len(now), differences)


def _then(outcome: Outcome, earlier: Mapping[str, float]) -> Outcome:
    return replace(outcome, scores=earlier, confidence=earlier["confidence"])


def read_earlier(path: Path) -> dict[str, dict[str, float]]:
    """Each case's scores and confidence, from what `--json` or `--runs` wrote.

    Raises:
        EvalError: the file is neither.
    """
    try:
        whole = json.loads(path.read_text("utf-8"))
    except (ValueError, RecursionError):
        whole = None
    except OSError as error:
        raise EvalError(f"it cannot be read ({error.strerror})", where=path, fix="check the path") from error
    if not isinstance(whole, dict) or "retrieved" in whole:
        return {row["id"]: {**row["scores"], "confidence": row["confidence"]} for row in read_runs(path)}
    scores = whole.get("scores")
    if not isinstance(scores, dict) or not all(_are_scores(each) for each in scores.values()):
        raise EvalError(
            "this file has no scores of single cases",
            where=path,
            fix="name one that eval --json or eval --runs has written",
        )
    return scores


def _are_scores(value: object) -> bool:
    return (
        isinstance(value, dict)
        and "confidence" in value
        and all(isinstance(score, float | int) for score in value.values())
    )
