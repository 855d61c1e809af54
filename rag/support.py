"""Does this quote carry this sentence? Plain rules first, then a small learned weighing of meaning.

The rules look for what makes a false sentence out of a true one: another number, name or speaker, things that
changed places, an "all" too many, a denial turned round, a "might" made certain. What they let pass is weighed
by a logistic regression on a few measures of how well the quotes cover each part of the sentence. Its weights
are in `support_weights.json`, made by `eval.train_support`.
"""

import json
import math
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
import numpy.typing as npt

from index.errors import EncoderError
from rag.claim_reach import overreach
from rag.claim_rules import Cited, known_speakers, wrong_name, wrong_number
from rag.claim_swaps import other_way, swapped
from rag.claim_words import CAUSE_SIGNS, CAUSES, SAYS
from rag.evidence import Clause, clauses_of, kin, words_of
from rag.polarity import denial, nearness, other_time, surer

__all__ = ["Cited", "ClaimCheck", "Support", "Weights", "load_weights", "weigh"]

Floats = npt.NDArray[np.float32]
Vectors = dict[str, Floats]

FEATURES = {
    "meaning": "about something else",
    "weakest clause": "says something that the quote does not",
    "weakest clause's words": "says something that the quote does not",
    "foreign word": "says something that the quote does not",
    "cause added": "the quote gives no such cause",
}
"""What is weighed, in the order of the weights, and what to say when it is what speaks most against a claim."""

RISING = (True, True, True, False, False)
"""Whether more of a measure speaks for a claim; training may not learn the contrary."""

_RULES = (wrong_number, wrong_name, swapped, other_way, overreach)
_DENIED = 0.6
_SURER = 0.8
_DISPLACED = 0.15


@dataclass(frozen=True, slots=True)
class Support:
    """A verdict: whether the quotes carry the claim, else why not; `score` is a probability from 0 to 1."""

    supported: bool
    why: str
    score: float


@dataclass(frozen=True, slots=True)
class Weights:
    """The learned part: a measure's usual value and spread, its weight, and where "supported" begins."""

    mean: Floats
    spread: Floats
    weight: Floats
    bias: float
    threshold: float


def load_weights(path: Path | None = None) -> Weights:
    """The weights that are installed with onrecord, or those of another file."""
    read = json.loads((path or Path(__file__).with_name("support_weights.json")).read_text("utf-8"))
    rows = [read["features"][name] for name in FEATURES]
    mean, spread, weight = (
        np.array([row[key] for row in rows], np.float32) for key in ("mean", "spread", "weight")
    )
    return Weights(mean, spread, weight, float(read["bias"]), float(read["threshold"]))


class ClaimCheck:
    """Checks claims against quotes; holds the weights and the vectors of words already met.

    Args:
        encode: makes unit vectors float32[n, d] of texts; with another model than the embedded one the
            measures shift, and the weights want training again.
    """

    def __init__(self, encode: Callable[[Sequence[str]], Floats], weights: Weights | None = None) -> None:
        self._encode = encode
        self._weights = weights or load_weights()
        self._words: Vectors = {}

    def check(self, claim: str, quotes: Sequence[Cited]) -> Support:
        """Whether `quotes` together carry `claim`."""
        return self.check_many([(claim, quotes)])[0]

    def check_many(self, pairs: Sequence[tuple[str, Sequence[Cited]]]) -> list[Support]:
        """Check many claims, with one batch for the encoder."""
        return [
            Support(False, found, 0.0) if isinstance(found, str) else weigh(self._weights, found)
            for found in self.examine(pairs)
        ]

    def examine(self, pairs: Sequence[tuple[str, Sequence[Cited]]]) -> list[str | Floats]:
        """For each claim a rule's reason against it, or else what is weighed, float32[measures]."""
        ruled = [_by_rule(claim, quotes) for claim, quotes in pairs]
        taken = [_Pair.of(*pair) for pair, why in zip(pairs, ruled, strict=True) if not why]
        vectors = self._vectors(taken)
        found = iter([_contrary(pair, vectors) or _measures(pair, vectors) for pair in taken])
        return [why or next(found) for why in ruled]

    def _vectors(self, pairs: Sequence["_Pair"]) -> Vectors:
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


def weigh(weights: Weights, measures: Floats) -> Support:
    """The verdict on what is weighed, float32[measures]."""
    parts = (measures - weights.mean) / weights.spread * weights.weight
    score = 1 / (1 + math.exp(-float(parts.sum()) - weights.bias))
    if score >= weights.threshold:
        return Support(True, "", score)
    return Support(False, list(FEATURES.values())[int(parts.argmin())], score)


_MOST_WORDS = 20_000
"""Words whose vectors are kept: 31 MB with the embedded model."""


@dataclass(frozen=True, slots=True)
class _Pair:
    """A claim and its quotes, taken apart.

    Attributes:
        claim: without the speaker's name at its head.
        clauses: of the claim, without the speaker's name and "says".
        said: the clauses of the quotes.
        quotes: each quote, and all of them in one.
        strange: the places of the claim's words that no quote has.
        unused: the words of the quotes that the claim does not have.
    """

    claim: str
    clauses: tuple[Clause, ...]
    said: tuple[Clause, ...]
    quotes: tuple[str, ...]
    strange: tuple[int, ...]
    unused: tuple[str, ...]

    @classmethod
    def of(cls, claim: str, quotes: Sequence[Cited]) -> "_Pair":
        names = {word for speaker in known_speakers(quotes) for word in words_of(speaker)}
        spoken = words_of(claim)
        verbs = {verb for name, verb in pairwise(spoken) if name in names and verb in SAYS}
        clauses = tuple(clause.without(names | verbs) for clause in clauses_of(claim))
        texts = [quote.text for quote in quotes if quote.text.strip()]
        said = tuple(clause for text in texts for clause in clauses_of(text))
        bare = _impersonal(claim, names)
        ours = {word for clause in clauses for word in clause.words}
        theirs = dict.fromkeys(word for clause in said for word in clause.words)
        foreign = {word for word in ours if not any(kin(word, other) for other in theirs)}
        strange = tuple(i for i, part in enumerate(bare.split()) if set(words_of(part)) & foreign)
        unused = tuple(word for word in theirs if not any(kin(word, other) for other in ours))
        return cls(bare, clauses, said, tuple(dict.fromkeys([*texts, " ".join(texts)])), strange, unused)

    def texts(self, words: Vectors) -> Iterator[str]:
        """All that is encoded whole, given the vectors of the words."""
        yield self.claim
        yield from self.quotes
        yield from self.shortened()
        yield from self.replaced(words)
        yield from (clause.text for clause in (*_parts(self.clauses), *self.said))

    def shortened(self) -> Iterator[str]:
        """The claim without each strange word in turn."""
        parts = self.claim.split()
        if len(parts) > 1:
            yield from (" ".join(parts[:i] + parts[i + 1 :]) for i in self.strange)

    def replaced(self, words: Vectors) -> Iterator[str]:
        """The claim with each strange word in turn replaced by the unused word of the quotes nearest to it."""
        parts = self.claim.split()
        for i in self.strange if self.unused else ():
            word = next(word for word in words_of(parts[i]) if word in words)
            nearest = max(self.unused, key=lambda other: float(words[word] @ words[other]))
            yield " ".join([*parts[:i], nearest, *parts[i + 1 :]])

    def words(self) -> Iterator[str]:
        for clause in (*self.clauses, *self.said):
            yield from clause.words


def _impersonal(claim: str, names: set[str]) -> str:
    """The claim without the speaker's name at its head: a quote's words do not name who speaks them."""
    words = claim.split()
    while words and set(words_of(words[0])) & names:
        words = words[1:]
    return " ".join(words) or claim


def _by_rule(claim: str, quotes: Sequence[Cited]) -> str:
    """The first plain rule's reason, or ""."""
    if not any(quote.text.strip() for quote in quotes):
        return "there is no quote"
    if not words_of(claim):
        return "it says nothing"
    return next((why for rule in _RULES if (why := rule(claim, quotes))), "")


def _contrary(pair: _Pair, vectors: Vectors) -> str:
    """The reason of the rules that need the words' vectors, or ""."""
    if other_time(pair.claim, pair.quotes[-1]) or denial(pair.clauses, pair.said, vectors) >= _DENIED:
        return "the quote says the opposite"
    if surer(pair.clauses, pair.said, vectors) >= _SURER:
        return "surer than the quote"
    return _displaced(pair, vectors)


def _displaced(pair: _Pair, vectors: Vectors) -> str:
    """The word of the claim that stands where the quote has another: put back, the meanings draw together."""
    whole = np.stack([vectors[text] for text in pair.quotes])
    meaning = float((whole @ vectors[pair.claim]).max())
    parts = pair.claim.split()
    if 2 * len(pair.strange) > sum(len(clause.words) for clause in pair.clauses):
        return ""  # with most words strange, none of them is out of place
    for i, text in zip(pair.strange, pair.replaced(vectors), strict=False):
        if float((whole @ vectors[text]).max()) - meaning >= _DISPLACED:
            return f"{parts[i].strip('.,;:')!r} is not what the quote says"
    return ""


def _measures(pair: _Pair, vectors: Vectors) -> Floats:
    quote_words = list(dict.fromkeys(word for clause in pair.said for word in clause.words))
    clauses = _parts(pair.clauses)
    held = [
        float(np.mean([nearness(word, quote_words, vectors) for word in clause.words])) for clause in clauses
    ]
    whole = np.stack([vectors[text] for text in pair.quotes])
    parts = np.stack([*whole, *(vectors[clause.text] for clause in pair.said)])
    meaning = float((whole @ vectors[pair.claim]).max())
    cosines = [float((parts @ vectors[clause.text]).max()) for clause in clauses]
    shorter = [float((whole @ vectors[text]).max()) for text in pair.shortened()]
    return np.array(
        [
            meaning,
            min([*cosines, meaning]) if len(clauses) > 1 else meaning,
            min(held, default=1.0),
            max([0.0, *(cosine - meaning for cosine in shorter)]),
            _cause_added(pair),
        ],
        np.float32,
    )


def _parts(clauses: Sequence[Clause]) -> list[Clause]:
    """The clauses that say something by themselves; items of a list and other single words are put together."""
    parts: list[Clause] = []
    for clause in clauses:
        if parts and (len(parts[-1].words) < 2 and not _JOINED.match(parts[-1].text)):
            parts[-1] = parts[-1].joined(clause)
        else:
            parts.append(clause)
    if len(parts) > 1 and len(parts[-1].words) < 2 and not _JOINED.match(parts[-1].text):
        last = parts.pop()
        parts[-1] = parts[-1].joined(last)
    return [part for part in parts if part.words]


_JOINED = re.compile(r"(?:and|but|so|which|who|because|yet)\b(?:\W+\w+){2,}", re.IGNORECASE)


def _cause_added(pair: _Pair) -> float:
    """1 where the claim joins its parts by a "because" and the quotes do nothing of the kind."""
    said = {word for quote in pair.quotes for word in words_of(quote)}
    return float(bool(set(words_of(pair.claim)) & CAUSES) and not said & CAUSE_SIGNS)
