"""Does this quote carry this sentence? Plain rules first, then a small learned weighing of meaning.

The rules look for what is nearly certain: another number, name or speaker, things that changed places, an "all"
too many, a "might" made certain. What they let pass is weighed (`claim_judges.py`) by how well the quotes cover
each part of the sentence, how surely one side denies what the other says, whether a word stands in another's
place, and what the reader makes of the two, which was trained to read them together (`index/pair_reader.py`).
Where an entailment model is named, a claim must pass it as well.
"""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np
import numpy.typing as npt

from index.embedding import Encoder
from index.errors import EncoderError
from index.pair_reader import CARRIES, embedded_reader
from rag.claim_judges import FEATURES, Judges, load_judges, weigh
from rag.claim_measures import Measured, Pair, measured
from rag.claim_reach import overreach
from rag.claim_rules import Cited, wrong_name, wrong_number
from rag.claim_swaps import swapped
from rag.evidence import words_of
from rag.polarity import other_time, surer
from rag.quotes import Quote

__all__ = ["Cited", "ClaimCheck", "Entailment", "Support", "cited"]

Floats = npt.NDArray[np.float32]
Vectors = dict[str, Floats]

_RULES = (wrong_number, wrong_name, swapped, overreach)
_SURER = 0.8
_CONTEXT = 600
"""Characters before and after a quote, in the same turn."""

_READING = ThreadPoolExecutor(thread_name_prefix="reading")
"""Where readers read while the encoder encodes."""


@dataclass(frozen=True, slots=True)
class Support:
    """A verdict: whether the quotes carry the claim, else why not; `score` is a probability from 0 to 1."""

    supported: bool
    why: str
    score: float


class Reader(Protocol):
    """Something that reads two texts together."""

    def logits(self, pairs: Sequence[tuple[str, str]]) -> Floats:
        """How well each first text follows from its second, float32[len(pairs)]."""


class Entailment(Protocol):
    """A model that judges whether one text follows from another."""

    def entailed(self, pairs: Sequence[tuple[str, str]]) -> Sequence[float]:
        """For each (quotes, claim), the probability that the claim follows."""


def cited(quote: Quote) -> Cited:
    """A quote of the record for the claim check, with what was said around it in the same turn."""
    around = quote.episode.turns[quote.turn].text
    return Cited(quote.text, quote.speaker, around[max(0, quote.start - _CONTEXT) : quote.end + _CONTEXT])


class ClaimCheck:
    """Checks claims against quotes; holds the weights and the vectors of words already met.

    Args:
        encode: makes unit vectors float32[n, d] of texts.
        judges: the weights made with that encoder; by default those of the embedded one.
        entailment: a model that a claim must pass as well.
        reader: by default the one that comes with onrecord.
    """

    def __init__(
        self,
        encode: Callable[[Sequence[str]], Floats],
        judges: Judges | None = None,
        entailment: Entailment | None = None,
        reader: Reader | None = None,
    ) -> None:
        self._encode = encode
        self._judges = load_judges() if judges is None else judges
        self._entailment = entailment
        self._reader = reader
        self._words: Vectors = {}

    @classmethod
    def of(cls, encoder: Encoder, entailment: Entailment | None = None) -> "ClaimCheck":
        """A check with `encoder`, and with the weights that were made with it."""
        return cls(encoder.encode, load_judges(encoder.id.name), entailment)

    def check(self, claim: str, quotes: Sequence[Cited]) -> Support:
        """Whether `quotes` together carry `claim`."""
        return self.check_many([(claim, quotes)])[0]

    def check_many(self, pairs: Sequence[tuple[str, Sequence[Cited]]]) -> list[Support]:
        """Check many claims, with at most two batches for the encoder."""
        verdicts = [
            Support(False, found, 0.0) if isinstance(found, str) else _verdict(self._judges, found)
            for found in self.examine(pairs)
        ]
        return self._entailed(pairs, verdicts) if self._entailment else verdicts

    def examine(self, pairs: Sequence[tuple[str, Sequence[Cited]]]) -> list[str | Measured]:
        """For each claim a rule's reason against it, or else what is weighed."""
        found: list[str | Measured] = [_by_rule(claim, quotes) for claim, quotes in pairs]
        taken = {place: Pair.of(*pairs[place]) for place, why in enumerate(found) if not why}
        if not taken:
            return found
        reader = self._reader or embedded_reader(CARRIES)
        reading = _READING.submit(reader.logits, [_read_together(*pairs[place]) for place in taken])
        vectors = self._vectors(list(taken.values()))
        for (place, pair), logit in zip(taken.items(), reading.result(), strict=True):
            found[place] = _surer_or_later(pair, vectors) or measured(pair, vectors, float(logit))
        return found

    def _entailed(
        self, pairs: Sequence[tuple[str, Sequence[Cited]]], verdicts: Sequence[Support]
    ) -> list[Support]:
        """The verdicts, with those that the entailment model does not share turned down."""
        assert self._entailment
        passed = [i for i, verdict in enumerate(verdicts) if verdict.supported]
        asked = [(said, claim) for claim, said in (_read_together(*pairs[i]) for i in passed)]
        judged = list(verdicts)
        for i, likely in zip(passed, self._entailment.entailed(asked) if asked else (), strict=True):
            score = min(judged[i].score, likely)
            judged[i] = (
                replace(judged[i], score=score)
                if likely >= _ENTAILED
                else Support(False, "it does not follow from the quote", score)
            )
        return judged

    def _vectors(self, pairs: Sequence[Pair]) -> Vectors:
        """Vectors of all that is compared. Words come first: which word might stand in another's place tells
        which texts to encode. They are kept, so that in use most claims cost a single batch.
        """
        words = dict.fromkeys(word for pair in pairs for word in pair.words())
        kept = self._words if len(self._words) < _MOST_WORDS else {}
        vectors = {word: kept[word] for word in words if word in kept}
        vectors.update(self._encoded([word for word in words if word not in vectors]))
        self._words = {**kept, **vectors}  # a new dictionary: other threads may be reading the old one
        texts = dict.fromkeys(text for pair in pairs for text in pair.texts(vectors))
        return {**vectors, **self._encoded(list(texts))}

    def _encoded(self, texts: Sequence[str]) -> Vectors:
        rows = self._encode(texts) if texts else ()
        if len(rows) != len(texts):
            raise EncoderError(f"the encoder gave {len(rows)} vectors for {len(texts)} texts")
        return dict(zip(texts, rows, strict=True))


_ENTAILED = 0.5
"""The probability of entailment from which a claim passes the entailment model."""

_MOST_WORDS = 20_000
"""Words whose vectors are kept: 31 MB with the embedded model."""


def _read_together(claim: str, quotes: Sequence[Cited]) -> tuple[str, str]:
    """The claim, and its quotes after their speakers' names, so that a model can tell who "I" is."""
    return claim, " ".join(
        f"{quote.speaker}: {quote.text}" if quote.speaker else quote.text for quote in quotes
    )


def _verdict(judges: Judges, found: Measured) -> Support:
    score, against = weigh(judges, found.measures)
    if not against:
        return Support(True, "", score)
    if against.startswith("word ") and found.odd_word:
        return Support(False, f"{found.odd_word!r} is not what the quote says", score)
    return Support(False, FEATURES[against], score)


def _by_rule(claim: str, quotes: Sequence[Cited]) -> str:
    """The first plain rule's reason, or ""."""
    if not any(quote.text.strip() for quote in quotes):
        return "there is no quote"
    if not words_of(claim):
        return "it says nothing"
    return next((why for rule in _RULES if (why := rule(claim, quotes))), "")


def _surer_or_later(pair: Pair, vectors: Vectors) -> str:
    """The reason of the rules on hedges and times, or ""."""
    if other_time(pair.claim, pair.quotes[-1]):
        return "the quote says the opposite"
    return "surer than the quote" if surer(pair.clauses, pair.said, vectors) >= _SURER else ""
