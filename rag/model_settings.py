"""Which language model is asked, and how long it may take."""

import re
from dataclasses import dataclass, field

from index.errors import SettingsError


@dataclass(frozen=True, slots=True)
class ModelSettings:
    """Which language model to ask, and for how long.

    Attributes:
        base_url: where its server is, most often ending in `/v1`; None for OpenAI's own.
        api_key: empty for a server that wants none.
        deadline_s: seconds for one answer, all told.
        first_token_s: seconds until its first words, with connecting and the one retry. A server that does
            not stream needs the time of a whole answer here, a model that reasons that of its reasoning.
        idle_s: the longest silence in the middle of an answer, in seconds.
        max_tokens: the longest answer.

    Raises:
        SettingsError: the address or the key cannot be used.
    """

    base_url: str | None
    model: str
    api_key: str = field(default="", repr=False)
    deadline_s: float = 60.0
    first_token_s: float = 8.0
    idle_s: float = 5.0
    max_tokens: int = 700
    temperature: float = 0.0

    def __post_init__(self) -> None:
        if self.base_url is not None and not re.match(r"https?://[^/\s]", self.base_url):
            raise SettingsError(
                "the language model's address is no web address",
                where=self.base_url,
                fix="write it with http:// or https:// in front",
            )
        if not re.fullmatch(r"[!-~]*", self.api_key):
            raise SettingsError(
                "the language model's key holds white space or other characters that no key has",
                fix="copy the key again",
            )
