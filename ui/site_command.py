"""`onrecord site`: whose pages may hold the chat in a frame, and what they may ask."""

import dataclasses
import datetime
from typing import Annotated

import typer

from ui.given import library_of, print_json
from ui.options import JsonOption, LibraryOption

site_app = typer.Typer(
    help="Register the sites that may show the chat. No other site can.", no_args_is_help=True
)

NameArgument = Annotated[str, typer.Argument(metavar="NAME", help="Lower-case letters, digits and hyphens.")]


@site_app.command()
def add(
    name: NameArgument,
    origin: Annotated[
        list[str] | None,
        typer.Option(help="Whose pages may show it, like https://show.example; may be repeated."),
    ] = None,
    episode: Annotated[
        list[str] | None, typer.Option("--episode", "-e", help="Ask only this episode; may be repeated.")
    ] = None,
    label: Annotated[str | None, typer.Option(help="What stands on the launcher.")] = None,
    color: Annotated[str | None, typer.Option(help="Of the launcher and the links, like #0b6e4f.")] = None,
    greeting: Annotated[str | None, typer.Option(help="What stands above the first question.")] = None,
    disclaimer: Annotated[str | None, typer.Option(help="What stands below the box.")] = None,
    questions_per_minute: Annotated[int, typer.Option(min=0, help="Of all its visitors together.")] = 60,
    questions_per_day: Annotated[int, typer.Option(min=0, help="Of all its visitors together.")] = 2_000,
    tokens_per_day: Annotated[
        int, typer.Option(min=0, help="Of the language model; afterwards quotes answer by themselves.")
    ] = 2_000_000,
    library: LibraryOption = None,
    as_json: JsonOption = False,
) -> None:
    """Register a site, in place of one of the same name."""
    from index import sites

    site = sites.put(
        library_of(library),
        sites.Site(
            name=name,
            origins=tuple(origin or ()),
            episodes=tuple(episode or ()),
            label=label,
            color=color,
            greeting=greeting,
            disclaimer=disclaimer,
            questions_per_minute=questions_per_minute,
            questions_per_day=questions_per_day,
            tokens_per_day=tokens_per_day,
        ),
    )
    if as_json:
        print_json(dataclasses.asdict(site))
        return
    whose = ", ".join(site.origins) or "no other site than the server itself (give --origin)"
    typer.echo(f"Registered {site.name} for {whose}. The line for its pages:")
    typer.echo(f'<script src="https://HOST/widget.js" data-site="{site.name}" async></script>')


@site_app.command("list")
def list_(library: LibraryOption = None, as_json: JsonOption = False) -> None:
    """List the sites, with what they asked today."""
    from index import sites
    from ui import budget, tables

    opened = library_of(library)
    now = datetime.datetime.now(datetime.UTC)
    spent = [(site, budget.spent(opened, site.name, now)) for site in sites.all_sites(opened)]
    if as_json:
        print_json(
            [{**dataclasses.asdict(site), "spent_today": dataclasses.asdict(today)} for site, today in spent]
        )
    else:
        tables.print_sites(spent)


@site_app.command()
def remove(name: NameArgument, library: LibraryOption = None, as_json: JsonOption = False) -> None:
    """Take a site off the register; its pages can show the chat no longer."""
    from index import sites

    sites.remove(library_of(library), name)
    if as_json:
        print_json({"removed": name})
    else:
        typer.echo(f"Removed {name}.")
