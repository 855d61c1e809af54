"""The settings: from a file, the environment and the command line, in this order of rising rank.

Only this room reads the environment; the others are handed plain values.
"""

import os
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from index.embedding import EMBEDDED
from index.errors import SettingsError

FILE = Path("onrecord.toml")


class Settings(BaseSettings):
    """Every setting. In the environment: `ONRECORD_` and its name in capitals."""

    model_config = SettingsConfigDict(
        env_prefix="ONRECORD_", toml_file=FILE, extra="forbid", frozen=True, env_ignore_empty=True
    )

    library: Annotated[Path, Field(description="Folder of the library.")] = Path("library")
    encoder: Annotated[
        str,
        Field(description="Embedding model: the embedded one, a sentence-transformers name, or a folder."),
    ] = EMBEDDED
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
