"""What `onrecord eval` prints for people."""

from collections import Counter
from collections.abc import Mapping, Sequence

from rich.console import Console
from rich.markup import escape
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from eval.comparison import Comparison, Difference
from eval.figures import Figures
from eval.intervals import Figure
from eval.metrics import METRICS
from index.errors import EvalError

_console = Console(highlight=False)
_ERRORS_SHOWN = 10
_BY_TAG = ("hit@5", "nDCG@10", "quote_hit@1", "quote_hit@3", "abstain_recall")


def print_figures(figures: Figures, comparison: Comparison | None, not_accepted: int) -> None:
    """The tables of a run: figures, tags, what became of the cases, costs, and what was left out."""
    _print_metrics(figures.metrics, comparison)
    if figures.by_tag:
        _print_tags(figures)
    _print_causes(figures)
    _print_costs(figures.metrics)
    _print_agreement(figures)
    _print_notes(figures)
    _print_left_out(figures.errors, not_accepted)


def _table(*headings: str) -> Table:
    """A table whose first column is text and the others figures."""
    table = Table(box=None, pad_edge=False, header_style="dim", padding=(0, 2, 0, 0))
    for n, heading in enumerate(headings):
        table.add_column(heading, justify="right" if n else "left", no_wrap=not n, overflow="fold")
    return table


def _print_metrics(metrics: Mapping[str, Figure], comparison: Comparison | None) -> None:
    if comparison:
        table = _table("", "mean", "cases", "change", "95 % interval", "better", "worse")
    else:
        table = _table("", "mean", "cases", "95 % interval")
    for name in METRICS:
        if name in metrics:
            figure = metrics[name]
            cells = _changed(comparison.differences.get(name)) if comparison else [_interval(figure)]
            table.add_row(name, Text(f"{figure.mean:.3f}", style="bold"), f"{figure.n:,}", *cells)
    _console.print(table)
    if comparison:
        _console.print(Text(f"Changes are over the {comparison.shared:,} cases of both runs.", style="dim"))


def _interval(figure: Figure) -> Text:
    return Text(f"{figure.low:.3f} – {figure.high:.3f}", style="dim")


def _changed(difference: Difference | None) -> list[Text | str]:
    """The cells of a difference; coloured where its interval leaves out zero."""
    if difference is None:
        return []
    figure = difference.figure
    style = "green" if figure.low > 0 else "red" if figure.high < 0 else "dim"
    cells: list[Text | str] = [
        Text(f"{figure.mean:+.3f}", style=style),
        Text(f"{figure.low:+.3f} … {figure.high:+.3f}", style="dim"),
    ]
    return cells + [str(count) for count in (difference.better, difference.worse) if count is not None]


def _print_tags(whole: Figures) -> None:
    names = [name for name in _BY_TAG if any(name in figures for figures in whole.by_tag.values())]
    table = _table("by tag", "cases", *names)
    for tag in sorted(whole.by_tag):
        figures = whole.by_tag[tag]
        cells = [f"{figures[name].mean:.2f}" if name in figures else "" for name in names]
        count = sum(tag in outcome.case.tags for outcome in whole.outcomes)
        table.add_row(escape(tag), f"{count:,}", *cells)
    _console.print()
    _console.print(table)


def _print_causes(figures: Figures) -> None:
    table = _table("what became of the cases", "cases", "share")
    for cause, count in figures.causes.items():
        table.add_row(str(cause), f"{count:,}", f"{count / len(figures.outcomes):.0%}")
    _console.print()
    _console.print(table)


def _print_costs(metrics: Mapping[str, Figure]) -> None:
    stages = [name.removeprefix("p50_") for name in metrics if name.startswith("p50_")]
    table = _table("cost", "median", "95th percentile")
    for stage in stages:
        low, high = metrics[f"p50_{stage}"].mean, metrics[f"p95_{stage}"].mean
        table.add_row(stage.removesuffix("_ms"), f"{low:,.0f} ms", f"{high:,.0f} ms")
    _console.print()
    _console.print(table)
    if "tokens_read" in metrics:
        read, written = metrics["tokens_read"].mean, metrics["tokens_written"].mean
        _console.print(f"Tokens a question: {read:,.0f} read, {written:,.0f} written.")


def _print_agreement(figures: Figures) -> None:
    for name, agreement in figures.agreements.items():
        kappa = "" if agreement.kappa is None else f", kappa {agreement.kappa:.2f}"
        other = {"judge_correct": "token_F1 from 0.5", "judge_supported": "the claim check"}[name]
        _console.print(
            f"{name} agrees with {other} in {agreement.share:.0%} of {agreement.n:,} cases{kappa}."
        )


def _print_notes(figures: Figures) -> None:
    """What models failed at: a figure of a model that was mostly silent is none of the model's."""
    for note, count in Counter(outcome.note for outcome in figures.outcomes if outcome.note).most_common(3):
        cases = "1 case" if count == 1 else f"{count:,} cases"
        _console.print(Text(f"In {cases}: {note}.", style="yellow"))


def _print_left_out(errors: Sequence[EvalError], not_accepted: int) -> None:
    if errors:
        cases = "1 case is" if len(errors) == 1 else f"{len(errors):,} cases are"
        _console.print(Text(f"\n{cases} in error, and not measured against gold:", style="yellow"))
        for error in errors[:_ERRORS_SHOWN]:
            _console.print(Padding(Text(str(error)), (0, 0, 0, 2)))
        if len(errors) > _ERRORS_SHOWN:
            _console.print(f"  … and {len(errors) - _ERRORS_SHOWN:,} more; --json lists them all")
    if not_accepted:
        drafts = "1 draft was" if not_accepted == 1 else f"{not_accepted:,} drafts were"
        _console.print(f'{drafts} left out: nobody has set "accepted" to true.')
