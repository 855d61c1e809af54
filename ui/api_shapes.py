"""The shapes of what the HTTP API answers, for its description; the tests hold the answers against them."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field


class _Shape(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Told(_Shape):
    """What went wrong, and what to do about it."""

    what: str
    fix: str | None


class Problem(_Shape):
    """An error."""

    error: Told


class QuoteShape(_Shape):
    """A slice of one turn of one transcript.

    `text` is characters `start` to `end` of the turn; `time` is in seconds.
    """

    n: int | None
    episode: str
    title: str
    speaker: str | None
    turn: int
    start: int
    end: int
    text: str
    time: float | None
    url: str


class ClaimShape(_Shape):
    """A sentence, and the numbers of the quotes that carry it."""

    text: str
    quotes: list[int]


class DroppedShape(_Shape):
    """A sentence that was left out, and why."""

    text: str
    why: str


class AccountShape(_Shape):
    """How many claims were proposed, shown and dropped, and whether all were checked."""

    proposed: int
    shown: int
    dropped: dict[str, int]
    checked: bool


class TokensShape(_Shape):
    """What the language model read and wrote."""

    prompt: int
    completion: int


class AnswerShape(_Shape):
    """A checked answer."""

    question: str
    searched: str
    status: Literal["answered", "quotes_only", "not_discussed"]
    claims: list[ClaimShape]
    quotes: list[QuoteShape]
    closest: list[QuoteShape]
    dropped: list[DroppedShape]
    account: AccountShape
    note: str | None
    model: str | None
    tokens: TokensShape | None
    confidence: float
    timings_ms: dict[str, float]


class _AboutShape(_Shape):
    """What is known of an episode."""

    id: str
    title: str
    show: str | None
    number: str | None
    date: str | None
    page_url: str | None
    audio_url: str | None
    speakers: list[str]


class EntryShape(_AboutShape):
    """One row of the list of episodes."""

    words: int
    passages: int
    duration_s: float | None
    has_audio: bool


class EntriesShape(_Shape):
    """The list of episodes, newest first."""

    episodes: list[EntryShape]


class TurnShape(_Shape):
    """One person speaking; `marks` are pairs of character offset and seconds."""

    speaker: str | None
    time: float | None
    text: str
    marks: list[tuple[int, float]]


class EpisodeShape(_AboutShape):
    """A transcript."""

    turns: list[TurnShape]


class SaidShape(_Shape):
    """What one person says in a passage."""

    speaker: str | None
    text: str


class PassageShape(_Shape):
    """A passage; `from` and `to` are pairs of turn and character offset."""

    episode: str
    title: str
    from_: tuple[int, int] = Field(alias="from")
    to: tuple[int, int]
    words: int
    score: float
    time: float | None
    url: str
    said: list[SaidShape]


class FoundShape(_Shape):
    """The best passages for some words, and the best lines in them."""

    query: str
    confidence: float
    passages: list[PassageShape]
    quotes: list[QuoteShape]
    timings_ms: dict[str, float]


class CheckedQuoteShape(_Shape):
    """What became of a quote; `also` are other places of the same words, `nearest` the true ones."""

    id: str | int
    verdict: Literal["exact", "repaired", "fabricated", "wrong_speaker", "wrong_episode"]
    matches: list[QuoteShape]
    text: str
    speaker: str | None
    also: list[QuoteShape]
    nearest: QuoteShape | None


class CheckedClaimShape(_Shape):
    """Whether its quotes carry a claim."""

    id: str | int
    supported: bool
    why: str


class NotCheckedShape(_Shape):
    """A line that could not be checked."""

    id: str | int | None
    error: str


class CheckedShape(_Shape):
    """Whether there are quotes and every one passed, and what became of each; `note` where there are none."""

    passed: bool
    checked: list[CheckedQuoteShape | CheckedClaimShape | NotCheckedShape]
    note: str | None


class KeptShape(_Shape):
    """That it was kept."""

    kept: bool


class ReadyShape(_Shape):
    """What the server stands on."""

    ready: bool
    episodes: int
    generation: int
    model: str | None
