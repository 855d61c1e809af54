"""The settings: from a file, the environment and the command line, in this order of rising rank.

Only this room reads the environment; the others are handed plain values.
"""

import os
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from index.errors import SettingsError, SiteError
from index.sites import origin_of

FILE = Path("onrecord.toml")


class Settings(BaseSettings):
    """Every setting. In the environment: `ONRECORD_` and its name in capitals."""

    model_config = SettingsConfigDict(
        env_prefix="ONRECORD_", toml_file=FILE, extra="forbid", frozen=True, env_ignore_empty=True
    )

    library: Annotated[Path, Field(description="Folder of the library.")] = Path("library")
    encoder: Annotated[
        str | None,
        Field(
            description="Embedding model: `onrecord-minilm-2`, `all-MiniLM-L6-v2`, a sentence-transformers name, or a "
            "folder. Without it, the one that made the library, and for a new library the first."
        ),
    ] = None
    encoder_base_url: Annotated[
        str | None,
        Field(
            description="OpenAI-compatible embeddings server, ending in /v1. Then `encoder` is its name for the model."
        ),
    ] = None
    encoder_api_key: Annotated[SecretStr | None, Field(description="Key of the embeddings server.")] = None
    nli: Annotated[
        str | None,
        Field(
            description="A sentence-transformers CrossEncoder for language inference, by name or folder, that claims must pass too."
        ),
    ] = None
    llm_base_url: Annotated[
        str | None, Field(description="OpenAI-compatible server of the language model, ending in /v1.")
    ] = None
    llm_model: Annotated[str, Field(description="Name of the language model.")] = "gpt-4o-mini"
    llm_api_key: Annotated[
        SecretStr | None,
        Field(
            description="Key of the language model's server. `OPENAI_API_KEY` is used where this is not set."
        ),
    ] = None
    llm_deadline_s: Annotated[
        float, Field(gt=0, le=600, description="Seconds for one written answer, all told.")
    ] = 60.0
    llm_first_token_s: Annotated[
        float, Field(gt=0, le=600, description="Seconds until the first words of an answer.")
    ] = 8.0
    host: Annotated[str, Field(description="Address to serve at.")] = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65535, description="Port to serve at; 0 takes a free one.")] = 7860
    trusted_hops: Annotated[
        int,
        Field(
            ge=0,
            le=10,
            description="Proxies in front that add to `X-Forwarded-For`. With 0 the header is not believed.",
        ),
    ] = 0
    cors_origins: Annotated[
        tuple[str, ...],
        Field(description="Origins whose scripts may use the HTTP API; a list. The widget needs none."),
    ] = ()
    questions_per_minute: Annotated[
        int, Field(ge=0, description="Questions that one address may ask in a minute.")
    ] = 30
    requests_per_minute: Annotated[
        int,
        Field(
            ge=0,
            description="Requests to the API, the chat, the widget and the transcripts that one address may make.",
        ),
    ] = 240
    questions_per_day: Annotated[
        int,
        Field(ge=0, description="Questions a day (UTC) on the server's own pages, all visitors together."),
    ] = 10_000
    tokens_per_day: Annotated[
        int,
        Field(
            ge=0,
            description="Tokens of the language model a day on the server's own pages. Afterwards quotes answer.",
        ),
    ] = 5_000_000
    limits_url: Annotated[
        str,
        Field(
            pattern=r"^(memory://|rediss?://.+)",
            description="Where requests are counted: `memory://`, or `redis://HOST:6379/0` for several servers.",
        ),
    ] = "memory://"
    answers_at_once: Annotated[
        int, Field(ge=1, le=1000, description="Questions being answered at a time.")
    ] = 8
    answers_waiting: Annotated[
        int,
        Field(ge=0, le=1000, description="Questions that may wait in line; further ones are turned away."),
    ] = 2
    log_addresses: Annotated[
        bool, Field(description="Whether the log names the addresses of those who ask.")
    ] = False

    @field_validator("cors_origins")
    @classmethod
    def _as_browsers_write_them(cls, origins: tuple[str, ...]) -> tuple[str, ...]:
        try:
            return tuple(origin_of(origin) for origin in origins)
        except SiteError as error:
            raise ValueError(error.what) from error

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """The command line outranks the environment, and that the file."""
        return init_settings, env_settings, TomlConfigSettingsSource(settings_cls)


def load_settings(**given: Any) -> Settings:
    """The settings in force; `given` comes from the command line, None for what was not given.

    Raises:
        SettingsError: one is unknown, or its value cannot be used.
    """
    given = {key: value for key, value in given.items() if value is not None}
    try:
        settings = Settings(**given)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        key = ".".join(str(part) for part in first["loc"])
        raise SettingsError(
            first["msg"].removeprefix("Value error, "),
            where=f"setting {key!r}",
            fix="see docs/settings.md",
        ) from None
    except ValueError as error:
        raise SettingsError(f"the file cannot be read ({error})", where=FILE) from error
    openai_key = os.environ.get("OPENAI_API_KEY")
    if settings.llm_api_key is None and openai_key and settings.llm_base_url is None:
        settings = settings.model_copy(update={"llm_api_key": SecretStr(openai_key)})
    return settings
