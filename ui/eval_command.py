"""`onrecord eval`: run a set of cases."""

import asyncio
import difflib
import json
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperCommand, TyperGroup

from index.errors import EvalError
from ui.draft_command import draft
from ui.given import settings_of
from ui.options import (
    EncoderOption,
    EncoderUrlOption,
    LibraryOption,
    LlmModelOption,
    LlmUrlOption,
)

if TYPE_CHECKING:
    from eval.cases import Case
    from eval.figures import Floor
    from eval.gold import Gold
    from index.library import Library
    from ui.settings import Settings

_RUN = "run"
_FAULTS_SHOWN = 20


class _CasesByDefault(TyperGroup):
    """A group whose first word may be a file of cases in place of a command."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        words = args if args and args[0] in self.commands else [_RUN, *args]
        return super().parse_args(ctx, words)


class _NamedAsGroup(TyperCommand):
    """The command of that group that goes without a name."""

    def make_context(self, info_name: str | None, args: list[str], parent: Any = None, **extra: Any) -> Any:
        return super().make_context(parent.info_name, args, parent=parent.parent, **extra)


app = typer.Typer(
    cls=_CasesByDefault,
    help="Put a set of questions to the library, and see how good the answers are; or draft such a set.",
)


@app.command(_RUN, cls=_NamedAsGroup)
def run(
    cases: Annotated[Path, typer.Argument(metavar="CASES", help="JSON Lines of questions and gold quotes.")],
    library: LibraryOption = None,
    encoder: EncoderOption = None,
    encoder_base_url: EncoderUrlOption = None,
    llm_base_url: LlmUrlOption = None,
    llm_model: LlmModelOption = None,
    tag: Annotated[
        list[str] | None, typer.Option("--tag", "-t", help="Only cases with this tag; may be repeated.")
    ] = None,
    json_file: Annotated[
        Path | None, typer.Option("--json", metavar="OUT", help="Write the figures here.")
    ] = None,
    runs_file: Annotated[
        Path | None,
        typer.Option(
            "--runs",
            metavar="OUT.jsonl",
            help="Write each case's passages, answer and scores here; an interrupted run goes on from it.",
        ),
    ] = None,
    html_file: Annotated[
        Path | None, typer.Option("--html", metavar="REPORT", help="Write a page to look at here.")
    ] = None,
    against: Annotated[
        Path | None,
        typer.Option("--against", metavar="EARLIER.json", help="Compare with what --json or --runs wrote."),
    ] = None,
    fail_under: Annotated[
        list[str] | None,
        typer.Option(
            "--fail-under", metavar="METRIC=VALUE", help="Exit 1 when a metric is below; may be repeated."
        ),
    ] = None,
    judge_model: Annotated[
        str | None,
        typer.Option("--judge-model", metavar="NAME", help="A model of the same server, to judge answers."),
    ] = None,
) -> None:
    """Put a set of questions to the library, and see how good the answers are.

    To make a set from the library: onrecord eval draft OUT.jsonl.
    """
    from eval.cases import read_cases
    from eval.comparison import compare, read_earlier
    from eval.figures import figures_of, outcomes_of
    from eval.report import write_report
    from eval.runs_file import read_runs
    from index.library import Library
    from ui import eval_tables

    floors = [_floor(text) for text in fail_under or ()]
    earlier = read_earlier(against) if against else None
    settings = settings_of(
        library=library,
        encoder=encoder,
        encoder_base_url=encoder_base_url,
        llm_base_url=llm_base_url,
        llm_model=llm_model,
    )
    opened = Library.open(settings.library)
    found = read_cases(cases)
    if found.faults:
        for fault in found.faults[:_FAULTS_SHOWN]:
            typer.echo(f"onrecord: {fault}", err=True)
        if len(found.faults) > _FAULTS_SHOWN:
            typer.echo(
                f"onrecord: … and {len(found.faults) - _FAULTS_SHOWN:,} more lines like these", err=True
            )
        raise typer.Exit(2)
    chosen = _tagged(found.cases, tag, cases)
    golds, errors = _located(chosen, opened, cases)
    with tempfile.TemporaryDirectory() as folder:
        rows = runs_file or Path(folder) / "runs.jsonl"
        _run_cases(chosen, golds, opened, settings, judge_model, rows, keep=runs_file is not None)
        outcomes = outcomes_of(read_runs(rows), chosen, golds)
        figures = figures_of(outcomes, errors)
        comparison = compare(outcomes, earlier) if earlier is not None else None
        if json_file:
            _write(json_file, json.dumps(figures.as_json(), ensure_ascii=False, indent=2) + "\n")
        if html_file:
            page = write_report(figures, comparison, read_runs(rows), golds, opened, found.path.name)
            _write(html_file, page)
    eval_tables.print_figures(figures, comparison, found.not_accepted)
    failures = [failure for floor in floors if (failure := floor.failure(figures))]
    for failure in failures:
        typer.echo(f"onrecord: {failure}", err=True)
    if failures:
        raise typer.Exit(1)


app.command()(draft)


def _floor(text: str) -> "Floor":
    """A floor, from `METRIC=VALUE`."""
    from eval.figures import Floor
    from eval.metrics import METRICS

    name, _, value = text.partition("=")
    if name not in METRICS:
        near = difflib.get_close_matches(name, METRICS, n=1)
        known = f"did you mean {near[0]}" if near else f"the metrics are {', '.join(METRICS)}"
        raise EvalError(f"no metric is called {name[:80]!r}", where="--fail-under", fix=known)
    try:
        number = float(value)
    except ValueError:
        number = -1.0
    if not 0 <= number <= 1:
        raise EvalError(
            f"{value[:80]!r} is no number from 0 to 1", where="--fail-under", fix=f"write {name}=0.7"
        )
    return Floor(name, number)


def _tagged(cases: "tuple[Case, ...]", tags: list[str] | None, path: Path) -> "list[Case]":
    wanted = set(tags or ())
    chosen = [case for case in cases if not wanted or wanted & set(case.tags)]
    if not chosen:
        known = dict.fromkeys(tag for case in cases for tag in case.tags)
        raise EvalError(
            f"no case has the tag {' or '.join(sorted(wanted))}",
            where=path,
            fix=f"its tags are {', '.join(known)}" if known else "leave out --tag",
        )
    return chosen


def _located(
    cases: "list[Case]", library: "Library", path: Path
) -> "tuple[dict[str, Gold | None], list[EvalError]]":
    """Where each case's gold stands; None for a case in error, and the errors."""
    from eval.gold import locate_gold
    from ui import tables

    golds: dict[str, Gold | None] = {}
    errors = []
    with tables.progress(
        len(cases), quiet=not sys.stderr.isatty(), doing="Looking up gold quotes"
    ) as advance:
        for case in cases:
            try:
                golds[case.id] = locate_gold(case, library, str(path))
            except EvalError as error:
                golds[case.id] = None
                errors.append(error)
            advance("")
    return golds, errors


def _run_cases(
    cases: "list[Case]",
    golds: "dict[str, Gold | None]",
    library: "Library",
    settings: "Settings",
    judge_model: str | None,
    rows: Path,
    *,
    keep: bool,
) -> None:
    """Put the cases to an Answerer of these settings; the rows are in the file then."""
    from eval.run import Runner, WatchedAnswerer
    from eval.runs_file import RunsFile, run_id
    from rag.llm import LanguageModel
    from ui import tables
    from ui.assembly import encoder_of, model_settings_of

    given = model_settings_of(settings)
    judged_by = model_settings_of(settings, judge_model) if judge_model else None
    if judge_model and not judged_by:
        raise EvalError(
            "a judge model needs a language model's server",
            where="--judge-model",
            fix="name it with --llm-base-url",
        )
    encoder = encoder_of(settings, library, threads=1)
    library.expect(encoder.id)
    model = LanguageModel(given) if given else None
    judge = LanguageModel(judged_by) if judged_by else None
    run = run_id(cases, library, encoder.id, model.name if model else None, judge_model)
    file = RunsFile(rows, run, len(cases))
    if file.done:
        typer.echo(f"Going on after {len(file.done)} of {len(cases)} cases.", err=True)
    if file.kept_as:
        typer.echo(f"The earlier run is kept as {file.kept_as}.", err=True)

    async def put(on_done: Callable[[str], None]) -> None:
        runner = Runner(WatchedAnswerer(library, encoder, model), judge)
        try:
            await runner.run(cases, golds, file, on_done)
        finally:
            await runner.aclose()

    done = 0

    def count(id_: str) -> None:
        nonlocal done
        done += 1
        advance(id_)

    try:
        with tables.progress(len(cases), quiet=False, doing="Asking") as advance:
            asyncio.run(put(count))
    except KeyboardInterrupt:
        kept = (
            "the same command goes on from there"
            if keep
            else "with --runs OUT.jsonl they would have been kept"
        )
        typer.echo(f"Stopped after {done} of {len(cases)} cases; {kept}.", err=True)
        raise typer.Exit(130) from None
    finally:
        file.close()


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise EvalError(
            f"it cannot be written ({error.strerror})", where=path, fix="name another file"
        ) from error
