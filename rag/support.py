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

__all__ = ["Cited", "ClaimCheck", "Support", "Weights", "load_weights"]

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
_DENIED = 0.5
_SURER = 0.75


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
        vectors = self._vectors([text for pair in taken for text in pair.texts()], taken)
        found = iter([_contrary(pair, vectors) or _measures(pair, vectors) for pair in taken])
        return [why or next(found) for why in ruled]

    def _vectors(self, texts: Sequence[str], pairs: Sequence["_Pair"]) -> Vectors:
        words = dict.fromkeys(word for pair in pairs for word in pair.words() if word not in self._words)
        new = list(dict.fromkeys([*texts, *words]))
        rows = self._encode(new) if new else np.zeros((0, 1), np.float32)
        if len(rows) != len(new):
            raise EncoderError(f"the encoder gave {len(rows)} vectors for {len(new)} texts")
        vectors = dict(zip(new, rows, strict=True))
        if len(self._words) > _MOST_WORDS:
            self._words = {
                word: self._words[word] for pair in pairs for word in pair.words() if word in self._words
            }
        self._words.update((word, vectors[word]) for word in words)
        return {**self._words, **vectors}


def weigh(weights: Weights, measures: Floats) -> Support:
    """The verdict on what is weighed, float32[measures]."""
    parts = (measures - weights.mean) / weights.spread * weights.weight
    score = 1 / (1 + math.exp(-float(parts.sum()) - weights.bias))
    if score >= weights.threshold:
        return Support(True, "", score)
    return Support(False, list(FEATURES.values())[int(parts.argmin())], score)


_MOST_WORDS = 50_000
"""Words whose vectors are kept: 77 MB with the embedded model."""


@dataclass(frozen=True, slots=True)
class _Pair:
    """A claim and its quotes, taken apart.

    Attributes:
        claim: without the speaker's name at its head.
        clauses: of the claim, without the speaker's name and "says".
        said: the clauses of the quotes.
        quotes: each quote, and all of them in one.
        shortened: the claim without each word in turn that no quote has.
    """

    claim: str
    clauses: tuple[Clause, ...]
    said: tuple[Clause, ...]
    quotes: tuple[str, ...]
    shortened: tuple[str, ...]

    @classmethod
    def of(cls, claim: str, quotes: Sequence[Cited]) -> "_Pair":
        names = {word for speaker in known_speakers(quotes) for word in words_of(speaker)}
        spoken = words_of(claim)
        verbs = {
            verb for name, verb in pairwise(spoken) if name in names and verb in SAYS
        }
        clauses = tuple(clause.without(names | verbs) for clause in clauses_of(claim))
        texts = [quote.text for quote in quotes if quote.text.strip()]
        said = tuple(clause for text in texts for clause in clauses_of(text))
        bare = _impersonal(claim, names)
        known = {word for clause in said for word in clause.words}
        strange = {
            word
            for clause in clauses
            for word in clause.words
            if not any(kin(word, other) for other in known)
        }
        return cls(
            bare, clauses, said, tuple(dict.fromkeys([*texts, " ".join(texts)])), _shortened(bare, strange)
        )

    def texts(self) -> Iterator[str]:
        yield self.claim
        yield from self.quotes
        yield from self.shortened
        yield from (clause.text for clause in (*_parts(self.clauses), *self.said))

    def words(self) -> Iterator[str]:
        for clause in (*self.clauses, *self.said):
            yield from clause.words


def _impersonal(claim: str, names: set[str]) -> str:
    """The claim without the speaker's name at its head: a quote's words do not name who speaks them."""
    words = claim.split()
    while words and set(words_of(words[0])) & names:
        words = words[1:]
    return " ".join(words) or claim


def _shortened(claim: str, strange: set[str]) -> tuple[str, ...]:
    parts = claim.split()
    return tuple(
        " ".join(parts[:i] + parts[i + 1 :])
        for i, part in enumerate(parts)
        if len(parts) > 1 and set(words_of(part)) & strange
    )


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
    shorter = [float((whole @ vectors[text]).max()) for text in pair.shortened]
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
