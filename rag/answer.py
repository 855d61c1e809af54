"""What comes out: claims with their quotes, the events of an answer being made, the Answer.

These types cannot hold an unchecked claim: a Quote is a place in an episode and reads its words off
it; a Claim cannot be made without quotes and a Support that carries it.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from rag.confidence import SURE_FROM
from rag.quotes import Quote
from rag.support import Support
from rag.wire import NOTHING, Usage


class Status(StrEnum):
    """How a question was answered."""

    ANSWERED = "answered"
    """In prose, every sentence with the quotes that carry it."""
    QUOTES_ONLY = "quotes_only"
    """By the best lines themselves: there is no language model, or it failed."""
    NOT_DISCUSSED = "not_discussed"
    """The transcripts don't answer."""


@dataclass(frozen=True, slots=True)
class Claim:
    """One sentence of an answer, and the quotes that carry it."""

    text: str
    quotes: tuple[Quote, ...]
    support: Support

    def __post_init__(self) -> None:
        if not self.quotes or not self.support.supported:
            raise ValueError("a claim is not made without quotes that support it")


WITHHELD = "[withheld]"
"""In place of the words of a sentence that are not even told."""


@dataclass(frozen=True, slots=True)
class Dropped:
    """A sentence that a model wrote and nobody is shown, and why; the reason's kind stands before a colon."""

    text: str
    why: str

    @property
    def kind(self) -> str:
        return self.why.partition(":")[0]


@dataclass(frozen=True, slots=True)
class Working:
    """An event: what is being done now (`waiting`, `searching`, `writing`)."""

    stage: str


@dataclass(frozen=True, slots=True)
class Shown:
    """An event: a claim that was checked, and the number of each of its quotes (1, 2, …)."""

    claim: Claim
    numbers: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Answer:
    """A checked answer.

    Attributes:
        question: as it was asked.
        searched: the question that stands alone, as it was searched for.
        claims: for `answered`; none otherwise.
        passages_shown: for `quotes_only`, the quotes that answer, best first.
        closest: for `not_discussed`, the passages nearest to the question; they answer nothing.
        dropped: sentences left out, and why.
        note: a word of why, when a model was asked for prose and there is none, or nothing was asked of the transcripts.
        model: the language model's name, or None.
        usage: the tokens that it read and wrote for this answer; None where its server does not say.
        confidence: how likely it is that the transcripts answer, 0 to 1.
        timings_ms: by stage.
    """

    question: str
    searched: str
    status: Status
    claims: tuple[Claim, ...] = ()
    passages_shown: tuple[Quote, ...] = ()
    closest: tuple[Quote, ...] = ()
    dropped: tuple[Dropped, ...] = ()
    note: str | None = None
    model: str | None = None
    usage: Usage | None = NOTHING
    confidence: float = 0.0
    timings_ms: Mapping[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        holds = {
            Status.ANSWERED: self.claims and not self.passages_shown,
            Status.QUOTES_ONLY: self.passages_shown and not self.claims,
            Status.NOT_DISCUSSED: not self.claims and not self.passages_shown,
        }
        if not holds[self.status]:
            raise ValueError(f"an answer with status {self.status} cannot have these parts")

    @property
    def quotes(self) -> tuple[Quote, ...]:
        """Every quote shown, in the order of their numbers: quote number 1 is the first."""
        claimed = (quote for claim in self.claims for quote in claim.quotes)
        return tuple(dict.fromkeys((*claimed, *self.passages_shown)))

    @property
    def sure(self) -> bool:
        """Whether its quotes are shown as an answer without a reserve."""
        return self.confidence >= SURE_FROM

    @property
    def plain(self) -> str:
        """The answer in a few plain words, as a conversation remembers it."""
        return " ".join(
            [claim.text for claim in self.claims] or [quote.text for quote in self.passages_shown]
        )

    @property
    def account(self) -> dict[str, Any]:
        """How many claims were proposed and shown, how many were dropped for what, and whether all were checked."""
        return {
            "proposed": len(self.claims) + len(self.dropped),
            "shown": len(self.claims),
            "dropped": dict(Counter(dropped.kind for dropped in self.dropped)),
            "checked": all(claim.support.supported and claim.quotes for claim in self.claims),
        }

    def as_json(self) -> dict[str, Any]:
        """The answer as `ask --json`, the `done` event and the eval runner give it."""
        numbers = {quote: n for n, quote in enumerate(self.quotes, start=1)}
        return {
            "question": self.question,
            "searched": self.searched,
            "status": str(self.status),
            "claims": [
                {"text": claim.text, "quotes": [numbers[quote] for quote in claim.quotes]}
                for claim in self.claims
            ],
            "quotes": [quote.as_json(n) for quote, n in numbers.items()],
            "closest": [quote.as_json(None) for quote in self.closest],
            "dropped": [{"text": dropped.text, "why": dropped.why} for dropped in self.dropped],
            "account": self.account,
            "note": self.note,
            "model": self.model,
            "tokens": None
            if self.usage is None
            else {"prompt": self.usage.prompt_tokens, "completion": self.usage.completion_tokens},
            "confidence": round(self.confidence, 3),
            "timings_ms": {stage: round(ms, 1) for stage, ms in self.timings_ms.items()},
        }
