"""Settings become the parts that answer."""

import datetime
from collections.abc import Sequence

from index.embedding import DEFAULT, load_encoder
from index.encoder import Encoder
from index.errors import QuestionError
from index.lexical import Filters
from index.library import Library
from rag.answering import Answerer
from rag.entailment import CrossEncoderEntailment
from rag.llm import LanguageModel
from rag.model_settings import ModelSettings
from rag.support import ClaimCheck
from ui.settings import Settings


def encoder_of(settings: Settings, library: Library, threads: int | None = None) -> Encoder:
    """The encoder that the settings name, else the one that made the library, else the default."""
    key = settings.encoder_api_key
    made_by = library.encoder
    return load_encoder(
        settings.encoder or (made_by.name if made_by else DEFAULT),
        base_url=settings.encoder_base_url,
        api_key=key.get_secret_value() if key else None,
        threads=threads,
    )


def model_settings_of(settings: Settings, model: str | None = None) -> ModelSettings | None:
    """Which language model to ask, or None where the settings name none.

    Args:
        model: another model of the same server.
    """
    if settings.llm_base_url is None and settings.llm_api_key is None:
        return None
    key = settings.llm_api_key
    return ModelSettings(
        base_url=settings.llm_base_url,
        model=model or settings.llm_model,
        api_key=key.get_secret_value() if key else "",
        deadline_s=settings.llm_deadline_s,
        first_token_s=settings.llm_first_token_s,
    )


def model_of(settings: Settings) -> LanguageModel | None:
    """The language model that the settings name, or None: then quotes answer by themselves."""
    given = model_settings_of(settings)
    return LanguageModel(given) if given else None


def entailment_of(settings: Settings) -> CrossEncoderEntailment | None:
    """The entailment model that the settings name, not loaded yet, or None."""
    return CrossEncoderEntailment(settings.nli) if settings.nli else None


def claim_check_of(settings: Settings) -> ClaimCheck:
    """The claim check by itself."""
    return ClaimCheck(entailment_of(settings))


def answerer_of(settings: Settings, library: Library) -> Answerer:
    """Everything that answers questions about `library`, with one thread for encoding.

    Raises:
        OtherEncoder: the library was made with another embedding model.
    """
    encoder = encoder_of(settings, library, threads=1)
    library.expect(encoder.id)
    return Answerer(library, encoder, model_of(settings), entailment_of(settings))


def filters_of(
    library: Library,
    episodes: Sequence[str] = (),
    speakers: Sequence[str] = (),
    since: datetime.date | None = None,
    until: datetime.date | None = None,
) -> Filters:
    """Filters in the library's own names.

    Raises:
        UnknownEpisode: an episode is not there.
        QuestionError: a speaker never speaks.
    """
    known = {name.casefold(): name for entry in library.entries() for name in entry.speakers}
    unknown = [name for name in speakers if name.casefold() not in known]
    if unknown:
        raise QuestionError(
            f"nobody called {unknown[0][:80]!r} speaks in this library",
            where="speaker",
            fix="see who does with: onrecord episodes",
        )
    return Filters(
        speakers=tuple(known[name.casefold()] for name in speakers),
        episodes=tuple(library.resolve(name) for name in episodes),
        since=since,
        until=until,
    )
