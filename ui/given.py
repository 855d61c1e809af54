"""From what was given on the command line to settings and a library. Heavy imports wait until then."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from ui.options import before_command

if TYPE_CHECKING:
    from index.library import Library
    from ui.settings import Settings


def settings_of(**given: Any) -> "Settings":
    """The settings, with what was given to a command, or before it, in their place; None is not given."""
    from ui.settings import load_settings

    given["library"] = given.get("library") or before_command.get("library")
    return load_settings(**given)


def library_of(folder: Path | None) -> "Library":
    """The library in the folder that was given, or that the settings name."""
    from index.library import Library

    return Library.open(settings_of(library=folder).library)


def print_json(value: object) -> None:
    """Print a value for programs."""
    typer.echo(json.dumps(value, ensure_ascii=False, indent=2))
