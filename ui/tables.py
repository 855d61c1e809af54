"""What the command line prints for people."""

import contextlib
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.padding import Padding
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TextColumn,
    TimeElapsedColumn,
)
from rich.table import Table
from rich.text import Text

from index.ingest import Kind, Outcome
from index.library import Entry
from index.sites import Site
from index.transcript import Episode, title_of
from rag.answer import Answer, Status
from rag.quotes import Quote, Verdict
from ui.budget import Spent
from ui.cards import UNSURE
from ui.checking import Checked, CheckedClaim, CheckedQuote
from ui.clock import clock
from ui.diagnosis import Finding
from ui.differences import differences

_console = Console(highlight=False)
_KIND_STYLES = {Kind.ADDED: "green", Kind.REPLACED: "cyan", Kind.UNCHANGED: "dim"}


@contextlib.contextmanager
def progress(
    total: int, *, quiet: bool, doing: str = "Reading transcripts", done: int = 0
) -> Iterator[Callable[[str], None]]:
    """A progress bar on standard error; call what it yields with a title after each step.

    Args:
        done: how many steps were taken before.
    """
    bar = Progress(
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=Console(stderr=True, highlight=False),
        disable=quiet,
    )
    with bar:
        task = bar.add_task(doing, total=total, completed=done)
        yield lambda title: bar.update(task, advance=1, description=escape(title[:40]) or doing)


def print_outcomes(outcomes: Sequence[Outcome], folder: Path) -> None:
    """What became of each source that went in, then the sums, then a line for each that was refused."""
    table = Table(box=None, pad_edge=False, header_style="dim")
    for heading in ("", "episode", "speakers", "remarks"):
        table.add_column(heading, overflow="fold")
    for outcome in outcomes:
        if outcome.kind == Kind.REFUSED or (outcome.kind == Kind.UNCHANGED and len(outcomes) > 20):
            continue
        table.add_row(
            Text(str(outcome.kind), style=_KIND_STYLES[outcome.kind]),
            escape(outcome.title or title_of(outcome.id or "")),
            escape(", ".join(outcome.speakers)),
            escape("; ".join(outcome.forgiven)),
        )
    if table.row_count:
        _console.print(table)
    counts = Counter(outcome.kind for outcome in outcomes)
    forgiven = sum(1 for outcome in outcomes if outcome.forgiven)
    sums = [f"{counts[kind]} {kind}" for kind in Kind if counts[kind]]
    sums += [f"{forgiven} with something forgiven"] if forgiven else []
    _console.print(f"{', '.join(sums) or 'Nothing to add'}. Library: {escape(str(folder))}")
    errors = Console(stderr=True, highlight=False, soft_wrap=True)
    for outcome in outcomes:
        if outcome.kind == Kind.REFUSED:
            errors.print(f"onrecord: [red]refused[/] {escape(outcome.why or outcome.source)}")


def print_entries(entries: Sequence[Entry]) -> None:
    """The list of episodes."""
    if not entries:
        _console.print("No episodes yet. Add some with: onrecord add FOLDER")
        return
    table = Table(box=None, pad_edge=False, header_style="dim")
    # An id is there to be copied: it stays whole, and the others give way.
    table.add_column("id", no_wrap=True, overflow="fold")
    for heading in ("title", "date", "length", "speakers"):
        table.add_column(heading, overflow="fold", no_wrap=heading in ("date", "length"))
    for entry in entries:
        length = clock(entry.duration_s) or f"{entry.words:,} words"
        table.add_row(
            escape(entry.id),
            escape(entry.title),
            entry.about.date.isoformat() if entry.about.date else "",
            length,
            escape(", ".join(entry.speakers)),
        )
    _console.print(table)


def print_sites(sites: Sequence[tuple[Site, Spent]]) -> None:
    """The registered sites, with what they asked today."""
    if not sites:
        _console.print("No sites yet. Register one with: onrecord site add NAME --origin https://HOST")
        return
    table = Table(box=None, pad_edge=False, header_style="dim")
    for heading in ("name", "origins", "episodes", "a minute", "questions today", "tokens today"):
        table.add_column(heading, overflow="fold")
    for site, today in sites:
        table.add_row(
            site.name,
            escape("\n".join(site.origins) or "none"),
            escape("\n".join(site.episodes) or "all"),
            f"{site.questions_per_minute:,}",
            f"{today.questions:,} of {site.questions_per_day:,}",
            f"{today.tokens:,} of {site.tokens_per_day:,}",
        )
    _console.print(table)


def print_episode(episode: Episode) -> None:
    """A transcript to read."""
    _console.print(Text(episode.title, style="bold"))
    for turn in episode.turns:
        head = Text(turn.speaker or "Unknown speaker", style="bold cyan")
        if (time := turn.time_at(0)) is not None:
            head.append(f"  {clock(time)}", style="dim")
        _console.print()
        _console.print(head)
        _console.print(Text(turn.text))


def print_passages(hits: Sequence[dict[str, Any]]) -> None:
    """Passages that a search found."""
    if not hits:
        _console.print("Nothing was found.")
    for n, hit in enumerate(hits, start=1):
        _console.print(Text(f"{n}. {hit['title']}  {clock(hit['time'])}".rstrip(), style="bold"))
        for part in hit["said"]:
            words = Text(f"{part['speaker']}: " if part["speaker"] else "", style="cyan")
            words.append(" ".join(part["text"].split()), style="default")
            _console.print(Padding(words, (0, 0, 0, 3)))
        _console.print()


def print_answer(answer: Answer) -> None:
    """An answer with its quotes."""
    if answer.note:
        _console.print(Text(f"({answer.note})", style="yellow"))
        if answer.status == Status.NOT_DISCUSSED:
            return
    if answer.status == Status.NOT_DISCUSSED:
        _console.print(Text("The transcripts don't answer this.", style="bold"))
        if answer.closest:
            _console.print(Text("The closest passages, which do not answer it:", style="dim"))
        _print_quotes(answer.closest)
        return
    numbers = {quote: n for n, quote in enumerate(answer.quotes, start=1)}
    for claim in answer.claims:
        line = Text(claim.text)
        for quote in claim.quotes:
            line.append(f" [{numbers[quote]}]", style="cyan")
        _console.print(line)
    if answer.quotes and not answer.claims and not answer.sure:
        _console.print(Text(UNSURE, style="bold"))
    _print_quotes(answer.quotes)


def _print_quotes(quotes: Sequence[Quote]) -> None:
    for n, quote in enumerate(quotes, start=1):
        head = Text(f"\n[{n}] ", style="cyan")
        head.append(quote.speaker or "Unknown speaker", style="bold")
        head.append(f" · {quote.episode.title}", style="dim")
        if quote.time is not None:
            head.append(f" · {clock(quote.time)}", style="dim")
        _console.print(head)
        _console.print(Padding(Text(f"“{quote.text}”"), (0, 0, 0, 4)))


def print_check(result: Checked) -> None:
    """What became of one quote or claim; beside what was not said, what was."""
    match result:
        case CheckedQuote(located=located):
            _print_verdict(str(located.verdict), result.passed, result.label)
            if located.verdict is Verdict.FABRICATED:
                _print_side_by_side(result.text, (result.near,) if result.near else ())
            elif located.verdict is not Verdict.EXACT:
                _print_side_by_side(result.text, located.parts)
            else:
                _console.print(Padding(Text(f"“{result.text}”"), (0, 0, 0, 4)))
            _print_source(result)
        case CheckedClaim():
            _print_verdict("supported" if result.passed else "unsupported", result.passed, str(result.id))
            _console.print(Padding(Text(result.text), (0, 0, 0, 4)))
            if result.why:
                _console.print(Padding(Text(result.why, style="yellow"), (0, 0, 0, 4)))


def print_check_sums(results: Sequence[Checked]) -> None:
    """How many passed."""
    failed = sum(1 for result in results if not result.passed)
    verdict = f"{failed} did not pass" if failed else "all of it is on the record"
    _console.print(f"\n{len(results)} checked: {verdict}." if results else "Nothing to check.")


def _print_verdict(verdict: str, passed: bool, label: str) -> None:
    mark = Text("✓ " if passed else "✗ ", style="green" if passed else "red")
    _console.print()
    _console.print(
        mark + Text(verdict.replace("_", " "), style="green" if passed else "bold red") + f"  {label}"
    )


def _print_side_by_side(quoted: str, parts: Sequence[Quote]) -> None:
    """The quoted words, and those that were said, with what differs marked."""
    mine, theirs = differences(quoted, " … ".join(part.text for part in parts))
    rows = [("draft", mine, "red strike")]
    rows += [("record", theirs, "green underline")] if parts else []
    for label, pieces, style in rows:
        line = Text(f"{label:7}", style="dim")
        for piece in pieces:
            line.append(piece.text, style=style if piece.differs and parts else "default")
        _console.print(Padding(line, (0, 0, 0, 4)))


def _print_source(result: CheckedQuote) -> None:
    """Where it stands, who said it, and whom the draft names instead."""
    quote = result.located.parts[0] if result.located.parts else result.near
    if quote is None:
        _console.print(Padding(Text("Nothing like it is on the record.", style="dim"), (0, 0, 0, 4)))
        return
    where = " · ".join(
        part
        for part in (
            ("nearest: " if result.near else "") + (quote.speaker or "unknown speaker"),
            quote.episode.title,
            clock(quote.time),
            quote.url,
        )
        if part
    )
    if result.located.verdict is Verdict.WRONG_SPEAKER:
        where += f" (the draft names {result.speaker})"
    if result.located.also:
        where += f" · and {len(result.located.also)} more"
    _console.print(Padding(Text(where, style="dim"), (0, 0, 0, 4)))


def print_findings(findings: Sequence[Finding]) -> None:
    """What the doctor found."""
    for finding in findings:
        mark = Text("ok    ", style="green") if finding.well else Text("wrong ", style="red")
        _console.print(mark + Text(finding.what))
        if finding.fix:
            _console.print(Padding(Text(finding.fix, style="dim"), (0, 0, 0, 6)))
