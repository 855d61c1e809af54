"""The scores of a run become figures with intervals, whole and by tag."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from eval.cases import Case
from eval.causes import Cause
from eval.gold import Gold
from eval.intervals import Figure, mean_figure, quantile_figure
from eval.judge import Agreement, agreements
from eval.metrics import METRICS
from eval.refusal import Judged, Separation, separation
from eval.runs_file import Row
from index.errors import EvalError

QUANTILES = {"p50": 0.5, "p95": 0.95}
SEPARATIONS = {"abstain_auroc": False, "abstain_auroc_like_length": True}
"""Metrics of all questions together, and whether only those of like length are compared."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What is kept in memory of a finished case.

    Attributes:
        cluster: the episode of its first gold quote; a case without one stands for itself.
        tokens: read and written, where a model's server told.
        note: why there is no prose or no judgement, where a model failed.
    """

    case: Case
    cluster: str
    scores: Mapping[str, float]
    confidence: float
    cause: Cause
    timings_ms: Mapping[str, float]
    tokens: Mapping[str, int] | None
    note: str | None

    @property
    def judged(self) -> Judged:
        return Judged(self.confidence, self.case.answerable, self.case.words, self.cluster)


@dataclass(frozen=True, slots=True)
class Figures:
    """What `eval --json` writes.

    Attributes:
        errors: what is wrong with cases, which then do not count against gold.
        metrics: by name, in the order of tables; one that no case has is left out.
        causes: how many cases ended in which way.
        agreements: of a judge model with the verdicts that need none, by its score.
    """

    outcomes: tuple[Outcome, ...]
    errors: tuple[EvalError, ...]
    metrics: Mapping[str, Figure]
    by_tag: Mapping[str, Mapping[str, Figure]]
    causes: Mapping[Cause, int]
    agreements: Mapping[str, Agreement]

    def as_json(self) -> dict[str, Any]:
        """The figures, and each case's scores, so that a later run can be compared case by case."""
        return {
            "cases": len(self.outcomes),
            "errors": [
                {"where": error.where, "error": error.what, "fix": error.fix} for error in self.errors
            ],
            "metrics": {name: figure.as_json() for name, figure in self.metrics.items()},
            "by_tag": {
                tag: {name: figure.as_json() for name, figure in figures.items()}
                for tag, figures in self.by_tag.items()
            },
            "causes": {str(cause): count for cause, count in self.causes.items()},
            "agreement": {name: agreement.as_json() for name, agreement in self.agreements.items()},
            "scores": {
                outcome.case.id: {**outcome.scores, "confidence": outcome.confidence}
                for outcome in self.outcomes
            },
        }


def outcomes_of(
    rows: Iterable[Row], cases: Sequence[Case], golds: Mapping[str, Gold | None]
) -> list[Outcome]:
    """The rows of a run in the order of its cases, without the passages."""
    by_id = {case.id: case for case in cases}
    found = {row["id"]: _outcome(row, by_id[row["id"]], golds[row["id"]]) for row in rows}
    return [found[case.id] for case in cases if case.id in found]


def _outcome(row: Row, case: Case, gold: Gold | None) -> Outcome:
    return Outcome(
        case=case,
        cluster=(gold.episode if gold else None) or f"case {case.id}",
        scores=row["scores"],
        confidence=row["confidence"],
        cause=Cause(row["cause"]),
        timings_ms=row["answer"]["timings_ms"],
        tokens=row["tokens"],
        note=row["answer"]["note"] or row.get("judge_failed"),
    )


def figures_of(outcomes: Sequence[Outcome], errors: Sequence[EvalError]) -> Figures:
    """Every figure that the outcomes allow."""
    tags = dict.fromkeys(tag for outcome in outcomes for tag in outcome.case.tags)
    causes = Counter(outcome.cause for outcome in outcomes)
    return Figures(
        outcomes=tuple(outcomes),
        errors=tuple(errors),
        metrics=_quality(outcomes) | _costs(outcomes),
        by_tag={tag: _quality([o for o in outcomes if tag in o.case.tags]) for tag in tags},
        causes={cause: causes[cause] for cause in Cause if causes[cause]},
        agreements=agreements([outcome.scores for outcome in outcomes]),
    )


def _quality(outcomes: Sequence[Outcome]) -> dict[str, Figure]:
    figures = {}
    for name in METRICS:
        if name in SEPARATIONS:
            apart = separation_of(outcomes, name)
            if apart:
                figures[name] = apart.figure
            continue
        scored = [outcome for outcome in outcomes if name in outcome.scores]
        if scored:
            figures[name] = mean_figure([o.scores[name] for o in scored], [o.cluster for o in scored])
    return figures


def separation_of(outcomes: Sequence[Outcome], name: str) -> Separation | None:
    return separation([outcome.judged for outcome in outcomes], like_length=SEPARATIONS[name])


def _costs(outcomes: Sequence[Outcome]) -> dict[str, Figure]:
    """Quantiles of each stage's time in ms, and mean tokens: the less, the better."""
    figures = {}
    for stage in dict.fromkeys(stage for outcome in outcomes for stage in outcome.timings_ms):
        times = [outcome.timings_ms[stage] for outcome in outcomes if stage in outcome.timings_ms]
        for name, q in QUANTILES.items():
            figures[f"{name}_{stage}_ms"] = quantile_figure(times, q)
    told = [(outcome.tokens, outcome.cluster) for outcome in outcomes if outcome.tokens]
    if told:
        for kind in ("read", "written"):
            counts = [tokens[kind] for tokens, _ in told]
            figures[f"tokens_{kind}"] = mean_figure(counts, [cluster for _, cluster in told])
    return figures


@dataclass(frozen=True, slots=True)
class Floor:
    """A metric, and the value below which a build fails."""

    metric: str
    value: float

    def failure(self, figures: Figures) -> str | None:
        """Why the run falls below it, or None. What was not measured has not been reached."""
        figure = figures.metrics.get(self.metric)
        if figure is None:
            return f"{self.metric} was not measured: no case of this run has it"
        if figure.mean < self.value:
            return f"{self.metric} is {figure.mean:.4f}, below {self.value:g}"
        return None
