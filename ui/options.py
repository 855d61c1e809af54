"""Options that several commands share."""

import datetime
from pathlib import Path
from typing import Annotated

import typer

LibraryOption = Annotated[
    Path | None, typer.Option("--library", "-l", help="Folder of the library.", show_default="library")
]
before_command: dict[str, Path | None] = {}
"""Options that were given before a command, by name."""

EncoderOption = Annotated[
    str | None,
    typer.Option(
        "--encoder",
        help="Embedding model: onrecord-minilm-2, all-MiniLM-L6-v2, a sentence-transformers name, or a folder.",
        show_default="the library's own",
    ),
]
EncoderUrlOption = Annotated[
    str | None, typer.Option("--encoder-base-url", help="OpenAI-compatible embeddings server, ending in /v1.")
]
LlmUrlOption = Annotated[
    str | None,
    typer.Option("--llm-base-url", help="OpenAI-compatible server of a language model, ending in /v1."),
]
LlmModelOption = Annotated[str | None, typer.Option("--llm-model", help="Name of the language model.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")]
EpisodeOption = Annotated[
    list[str] | None, typer.Option("--episode", "-e", help="Only this episode; may be repeated.")
]
SpeakerOption = Annotated[
    list[str] | None, typer.Option("--speaker", "-s", help="Only this speaker; may be repeated.")
]
SinceOption = Annotated[
    datetime.datetime | None,
    typer.Option("--since", formats=["%Y-%m-%d"], help="Only episodes from this day on."),
]
UntilOption = Annotated[
    datetime.datetime | None,
    typer.Option("--until", formats=["%Y-%m-%d"], help="Only episodes up to this day."),
]
