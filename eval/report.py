"""A run becomes one self-contained page: figures, drawings, and every case beside its gold."""

import base64
import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from eval import charts
from eval.case_view import CaseView, case_view
from eval.causes import Cause
from eval.comparison import Comparison, Difference
from eval.figures import Figures, Outcome
from eval.gold import Gold
from eval.intervals import Figure
from eval.metrics import METRICS
from eval.runs_file import Row
from index.library import Library
from rag.confidence import answers_from

MOST_CASES = 1000
"""Cases that are shown one by one, the worst first; a page with more of them would be slow to open."""

_TEMPLATES = Path(__file__).parent / "templates"
_FIRST = ("hit@5", "quote_hit@1", "quote_hit@3", "abstain_auroc_like_length", "verbatim")
_GROUPS = {
    "Passages": ("hit@", "coverage@", "nDCG", "RR"),
    "Shown quotes": ("quote_", "verbatim", "attributed"),
    "Answers": ("supported", "checked", "token_F1", "judge_"),
    "Refusals": ("abstain_",),
}
_BY_TAG = ("hit@5", "coverage@5", "nDCG@10", "quote_hit@1", "quote_hit@3", "quote_recall", "abstain_recall")


@dataclass(frozen=True, slots=True)
class Measured:
    """A metric with its meaning, its figure, and how it changed."""

    name: str
    meaning: str
    figure: Figure
    change: Difference | None


@dataclass(frozen=True, slots=True)
class Stage:
    """A stage's time in ms; `share` is of the slowest stage's 95th percentile."""

    name: str
    p50: float
    p95: float
    share: float


def write_report(
    figures: Figures,
    comparison: Comparison | None,
    rows: Iterable[Row],
    golds: Mapping[str, Gold | None],
    library: Library,
    name: str,
) -> str:
    """The page, with everything in it escaped, and nothing loaded from elsewhere.

    Args:
        rows: of the run that the figures are of.
        name: of the set.
    """
    measured = {
        metric: Measured(
            metric,
            METRICS[metric],
            figures.metrics[metric],
            comparison.differences.get(metric) if comparison else None,
        )
        for metric in METRICS
        if metric in figures.metrics
    }
    questions = [outcome.judged for outcome in figures.outcomes]
    drawn = [
        charts.by_k(figures.metrics),
        charts.of_calibration(questions),
        charts.of_refusal(questions, answers_from()),
    ]
    script = (_TEMPLATES / "report.js").read_text("utf-8")
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    encoder = library.encoder
    return (
        _templates()
        .get_template("report.html")
        .render(
            name=name,
            style=Markup((_TEMPLATES / "report.css").read_text("utf-8")),
            script=Markup(script),
            script_sha256=digest,
            facts=[
                f"{len(figures.outcomes):,} cases",
                f"{len(library.entries()):,} episodes",
                encoder.name if encoder else "",
            ],
            figures=figures,
            comparison=comparison,
            first=[measured[metric] for metric in _FIRST if metric in measured],
            groups={
                title: [each for each in measured.values() if each.name.startswith(starts)]
                for title, starts in _GROUPS.items()
            },
            charts=[chart for chart in drawn if chart],
            size=charts,
            tag_metrics=[n for n in _BY_TAG if any(n in tagged for tagged in figures.by_tag.values())],
            stages=_stages(figures.metrics),
            causes=list(Cause),
            cases=_views(figures, rows, golds, library),
        )
    )


def _views(
    figures: Figures, rows: Iterable[Row], golds: Mapping[str, Gold | None], library: Library
) -> list[CaseView]:
    """The cases, the worst first, at most `MOST_CASES` of them."""
    order = list(Cause)
    worst = sorted(figures.outcomes, key=lambda outcome: order.index(outcome.cause))[:MOST_CASES]
    chosen: dict[str, Outcome] = {outcome.case.id: outcome for outcome in worst}
    views = {
        row["id"]: case_view(chosen[row["id"]], row, golds[row["id"]], library)
        for row in rows
        if row["id"] in chosen
    }
    return [views[id_] for id_ in chosen]


def _stages(metrics: Mapping[str, Figure]) -> list[Stage]:
    names = [name.removeprefix("p50_") for name in metrics if name.startswith("p50_")]
    slowest = max((metrics[f"p95_{name}"].mean for name in names), default=0.0) or 1.0
    return [
        Stage(
            name.removesuffix("_ms"),
            metrics[f"p50_{name}"].mean,
            metrics[f"p95_{name}"].mean,
            metrics[f"p95_{name}"].mean / slowest,
        )
        for name in names
    ]


@cache
def _templates() -> Environment:
    return Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
