"""`onrecord eval draft`: make a set of cases to start from."""

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from ui.given import settings_of
from ui.options import LibraryOption, LlmModelOption, LlmUrlOption


def draft(
    out: Annotated[Path, typer.Argument(metavar="OUT.jsonl", help="The file that drafts are added to.")],
    library: LibraryOption = None,
    llm_base_url: LlmUrlOption = None,
    llm_model: LlmModelOption = None,
    most: Annotated[
        int, typer.Option("--most", "-n", min=0, max=10_000, help="How many passages to have questions on.")
    ] = 50,
) -> None:
    """Draft cases: questions whose answers were disliked and, with a language model, questions on passages.

    Correct them, then set "accepted" to true in those that are right: eval leaves out the others.
    """
    from eval.drafting import DraftFile, disliked, proposed
    from index.library import Library
    from rag.llm import LanguageModel
    from ui import tables
    from ui.assembly import model_of

    settings = settings_of(library=library, llm_base_url=llm_base_url, llm_model=llm_model)
    opened = Library.open(settings.library)
    file = DraftFile(out)
    for each in disliked(opened):
        file.add(each)
    from_feedback = file.added

    async def propose(model: LanguageModel) -> None:
        try:
            with tables.progress(most, quiet=not most, doing="Thinking of questions") as advance:
                async for each in proposed(opened, model, most, advance):
                    file.add(each)
        finally:
            await model.aclose()

    model = model_of(settings)
    try:
        if model and most:
            asyncio.run(propose(model))
    finally:
        from_model = file.added - from_feedback
        said = f"{from_feedback} from feedback, {from_model} from the language model"
        drafts = "1 draft" if file.added == 1 else f"{file.added:,} drafts"
        typer.echo(f"{drafts} added to {out} ({said}); {file.known} stood there already.")
    if not model:
        typer.echo("With a language model, it also proposes questions: see --llm-base-url.")
