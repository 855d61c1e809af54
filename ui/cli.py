"""The command line. Heavy imports wait inside the commands, so that help is instant."""

import datetime
import json
import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer

from index.errors import OnRecordError
from ui import eval_command, library_commands
from ui.given import library_of, print_json, settings_of
from ui.options import (
    EncoderOption,
    EncoderUrlOption,
    EpisodeOption,
    JsonOption,
    LibraryOption,
    LlmModelOption,
    LlmUrlOption,
    SinceOption,
    SpeakerOption,
    UntilOption,
    before_command,
)
from ui.site_command import site_app

if TYPE_CHECKING:
    from index.lexical import Filters
    from index.library import Library

app = typer.Typer(
    name="onrecord",
    help="Ask a podcast anything. The answer comes in the speakers' own words, every quote checked.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

for command in (
    library_commands.add,
    library_commands.episodes,
    library_commands.show,
    library_commands.remove,
):
    app.command()(command)
app.add_typer(eval_command.app, name="eval")
app.add_typer(site_app, name="site")


@app.callback()
def root(library: LibraryOption = None) -> None:
    """Options that stand before a command."""
    before_command["library"] = library


def main() -> None:
    """Run the command line; an error of ours becomes one line and exit code 2."""
    try:
        app()
    except OnRecordError as error:
        typer.echo(f"onrecord: {error}", err=True)
        sys.exit(2)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(141)


@app.command()
def search(
    words: Annotated[list[str], typer.Argument(metavar="WORDS", help="What to look for.")],
    library: LibraryOption = None,
    encoder: EncoderOption = None,
    encoder_base_url: EncoderUrlOption = None,
    episode: EpisodeOption = None,
    speaker: SpeakerOption = None,
    since: SinceOption = None,
    until: UntilOption = None,
    most: Annotated[int, typer.Option("--most", "-n", min=1, max=100, help="How many passages.")] = 5,
    as_json: JsonOption = False,
) -> None:
    """Find the passages that fit best."""
    from rag.answering import checked_question
    from ui import shapes, tables
    from ui.assembly import answerer_of

    question = checked_question(" ".join(words))
    opened = library_of(library)
    filters = _filters(opened, episode, speaker, since, until)
    settings = settings_of(library=library, encoder=encoder, encoder_base_url=encoder_base_url)
    found = answerer_of(settings, opened).finder.find(question, filters, passages=most)
    hits = [shapes.passage_json(opened, hit) for hit in found.ranked]
    if as_json:
        print_json(hits)
    else:
        tables.print_passages(hits)


@app.command()
def ask(
    question: Annotated[str, typer.Argument(help="The question.")],
    library: LibraryOption = None,
    encoder: EncoderOption = None,
    encoder_base_url: EncoderUrlOption = None,
    llm_base_url: LlmUrlOption = None,
    llm_model: LlmModelOption = None,
    episode: EpisodeOption = None,
    speaker: SpeakerOption = None,
    since: SinceOption = None,
    until: UntilOption = None,
    after: Annotated[
        list[str] | None,
        typer.Option("--after", help="An earlier question of this conversation; may be repeated."),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Ask a question; the answer's quotes are checked against the transcripts."""
    import asyncio

    from rag.answering import checked_question
    from ui import tables
    from ui.assembly import answerer_of

    question = checked_question(question)
    opened = library_of(library)
    filters = _filters(opened, episode, speaker, since, until)
    answerer = answerer_of(
        settings_of(
            library=library,
            encoder=encoder,
            encoder_base_url=encoder_base_url,
            llm_base_url=llm_base_url,
            llm_model=llm_model,
        ),
        opened,
    )

    async def answered() -> Any:
        history: list[tuple[str, str]] = []
        try:
            for earlier in after or ():
                history.append((earlier, (await answerer.answer(earlier, history=history)).plain))
            return await answerer.answer(question, history=history, filters=filters)
        finally:
            await answerer.aclose()

    answer = asyncio.run(answered())
    if as_json:
        print_json(answer.as_json())
    else:
        tables.print_answer(answer)


@app.command()
def check(
    file: Annotated[
        str, typer.Argument(help="A Markdown, HTML or text draft, or JSON Lines; - reads standard input.")
    ],
    library: LibraryOption = None,
    encoder: EncoderOption = None,
    encoder_base_url: EncoderUrlOption = None,
    as_json: JsonOption = False,
) -> None:
    """Are the quotes in this draft on the record? Exits 1 when one is not."""
    from ui import checking, tables
    from ui.assembly import claim_check_of

    settings = settings_of(library=library, encoder=encoder, encoder_base_url=encoder_base_url)
    text = checking.text_of(file)
    opened = library_of(library)
    results = []
    for result in checking.check_text(opened, text, file, lambda: claim_check_of(settings)):
        results.append(result)
        if isinstance(result, checking.NotChecked):
            typer.echo(f"onrecord: {result.error}", err=True)
        if as_json:
            typer.echo(json.dumps(result.as_json(), ensure_ascii=False))
        else:
            tables.print_check(result)
    if not as_json:
        tables.print_check_sums(results)
    if not all(result.passed for result in results):
        raise typer.Exit(1)


@app.command()
def serve(
    library: LibraryOption = None,
    encoder: EncoderOption = None,
    encoder_base_url: EncoderUrlOption = None,
    llm_base_url: LlmUrlOption = None,
    llm_model: LlmModelOption = None,
    host: Annotated[str | None, typer.Option(help="Address to serve at.", show_default="127.0.0.1")] = None,
    port: Annotated[int | None, typer.Option(help="Port to serve at.", show_default="7860")] = None,
) -> None:
    """Serve the chat, the transcript pages and the HTTP API."""
    settings = settings_of(
        library=library,
        encoder=encoder,
        encoder_base_url=encoder_base_url,
        llm_base_url=llm_base_url,
        llm_model=llm_model,
        host=host,
        port=port,
    )
    from index.library import Library
    from ui import server
    from ui.assembly import answerer_of

    server.check_port(settings.host, settings.port)
    opened = Library.open(settings.library, create=True)
    typer.echo("Loading the embedding model …", err=True)
    server.serve(
        answerer_of(settings, opened),
        settings,
        on_ready=lambda url: typer.echo(f"onrecord answers at {url}"),
    )


@app.command()
def doctor(
    library: LibraryOption = None,
    encoder: EncoderOption = None,
    encoder_base_url: EncoderUrlOption = None,
    llm_base_url: LlmUrlOption = None,
    llm_model: LlmModelOption = None,
    as_json: JsonOption = False,
) -> None:
    """Look for what is wrong, and say what to do about it. Exits 1 when something is."""
    from ui import tables
    from ui.diagnosis import diagnose

    settings = settings_of(
        library=library,
        encoder=encoder,
        encoder_base_url=encoder_base_url,
        llm_base_url=llm_base_url,
        llm_model=llm_model,
    )
    findings = diagnose(settings)
    if as_json:
        print_json([finding.as_json() for finding in findings])
    else:
        tables.print_findings(findings)
    if not all(finding.well for finding in findings):
        raise typer.Exit(1)


def _filters(
    library: "Library",
    episode: list[str] | None,
    speaker: list[str] | None,
    since: datetime.datetime | None,
    until: datetime.datetime | None,
) -> "Filters":
    from ui.assembly import filters_of

    return filters_of(
        library,
        episode or [],
        speaker or [],
        since.date() if since else None,
        until.date() if until else None,
    )
