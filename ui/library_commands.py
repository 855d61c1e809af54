"""`onrecord add`, `episodes`, `show` and `remove`: what is in the library."""

from typing import Annotated, Any

import typer

from ui.given import library_of, print_json, settings_of
from ui.options import EncoderOption, EncoderUrlOption, JsonOption, LibraryOption


def add(
    sources: Annotated[
        list[str], typer.Argument(metavar="PATH|URL…", help="Files, folders, feeds or addresses.")
    ],
    library: LibraryOption = None,
    encoder: EncoderOption = None,
    encoder_base_url: EncoderUrlOption = None,
    as_json: JsonOption = False,
) -> None:
    """Read transcripts into the library. Running it again adds only what is new or changed."""
    from index import ingest
    from index.library import Library
    from ui import shapes, tables
    from ui.assembly import encoder_of

    settings = settings_of(library=library, encoder=encoder, encoder_base_url=encoder_base_url)
    found = _found_sources(sources)
    opened = Library.open(settings.library, create=True)
    outcomes: list[ingest.Outcome] = []
    with tables.progress(len(found), quiet=as_json) as advance:
        for outcome in ingest.add(
            opened, [source for _, source in found], lambda: encoder_of(settings, opened)
        ):
            outcomes.append(outcome)
            advance(outcome.title or outcome.id or "")
    if as_json:
        print_json([shapes.outcome_json(outcome) for outcome in outcomes])
    else:
        tables.print_outcomes(outcomes, opened.folder)
    went_in = {outcome.source for outcome in outcomes if outcome.kind != ingest.Kind.REFUSED}
    if any(not any(s.origin in went_in for g, s in found if g == given) for given in sources):
        raise typer.Exit(1)


def _found_sources(given: list[str]) -> "list[tuple[str, Any]]":
    from index.sources import sources_of

    return [(each, source) for each in given for source in sources_of(each)]


def episodes(library: LibraryOption = None, as_json: JsonOption = False) -> None:
    """List the episodes."""
    from ui import shapes, tables

    entries = library_of(library).entries()
    if as_json:
        print_json([shapes.entry_json(entry) for entry in entries])
    else:
        tables.print_entries(entries)


def show(
    episode: Annotated[str, typer.Argument(help="The episode's id or file name.")],
    library: LibraryOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show an episode's transcript."""
    from ui import shapes, tables

    whole = library_of(library).episode(episode)
    if as_json:
        print_json(shapes.episode_json(whole))
    else:
        tables.print_episode(whole)


def remove(
    names: Annotated[list[str], typer.Argument(metavar="EPISODE…", help="Ids or file names.")],
    library: LibraryOption = None,
    as_json: JsonOption = False,
) -> None:
    """Take episodes out of the library. The transcripts' own files stay where they are."""
    from index import vectors

    opened = library_of(library)
    ids = [opened.resolve(name) for name in names]
    for id_ in ids:
        opened.remove(id_)
    vectors.save(opened)
    if as_json:
        print_json({"removed": ids})
    else:
        typer.echo(f"Removed {', '.join(ids)}.")
