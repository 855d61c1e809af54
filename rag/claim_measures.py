"""A claim and its quotes taken apart, and what is measured of them."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from rag.claim_judges import FEATURES
from rag.claim_rules import Cited, known_speakers
from rag.claim_slots import exchanged
from rag.claim_words import SAYS
from rag.evidence import Clause, clauses_of, kin, words_of
from rag.polarity import denial, nearness, unanswered

Floats = npt.NDArray[np.float32]
Vectors = Mapping[str, Floats]


@dataclass(frozen=True, slots=True)
class Pair:
    """A claim and its quotes, taken apart.

    Attributes:
        claim: without the speaker's name at its head.
        clauses: of the claim, without the speaker's name and "says".
        said: the clauses of the quotes.
        quotes: each quote, and all of them in one.
        strange: the places of the claim's words that no quote has.
        unused: the words of the quotes that the claim does not have.
        names: the words of the speakers' names.
    """

    claim: str
    clauses: tuple[Clause, ...]
    said: tuple[Clause, ...]
    quotes: tuple[str, ...]
    strange: tuple[int, ...]
    unused: tuple[str, ...]
    names: frozenset[str]

    @classmethod
    def of(cls, claim: str, quotes: Sequence[Cited]) -> "Pair":
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
        return cls(
            bare,
            clauses,
            said,
            tuple(dict.fromkeys([*texts, " ".join(texts)])),
            strange,
            unused,
            frozenset(names),
        )

    def texts(self, words: Vectors) -> Iterator[str]:
        """All that is encoded whole, given the vectors of the words."""
        yield self.claim
        yield from self.quotes
        yield from self.replaced(words)
        yield from (clause.text for clause in (*_parts(self.clauses), *self.said))

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


@dataclass(frozen=True, slots=True)
class Measured:
    """What is weighed of a claim, float32[len(FEATURES)], and its word that most likely stands in another's place."""

    measures: Floats
    odd_word: str


def measured(pair: Pair, vectors: Vectors, reading: float) -> Measured:
    """Measure a claim against its quotes.

    Args:
        vectors: of all of `pair`'s words and texts.
        reading: the logit of the reader that read the two together.
    """
    quote_words = list(dict.fromkeys(word for clause in pair.said for word in clause.words))
    clauses = _parts(pair.clauses)
    held = [
        float(np.mean([nearness(word, quote_words, vectors) for word in clause.words])) for clause in clauses
    ]
    whole = np.stack([vectors[text] for text in pair.quotes])
    parts = np.stack([*whole, *(vectors[clause.text] for clause in pair.said)])
    meaning = _nearest(whole, vectors[pair.claim])
    cosines = [_nearest(parts, vectors[clause.text]) for clause in clauses]
    # With most words strange, none of them can be called the odd one.
    few = 2 * len(pair.strange) <= sum(len(clause.words) for clause in pair.clauses)
    gains = [_nearest(whole, vectors[text]) - meaning for text in pair.replaced(vectors)]
    swap = exchanged(pair.claim, pair.quotes, pair.names, vectors)
    displaced = max(range(len(gains)), key=gains.__getitem__) if gains else -1
    found = {
        "meaning": meaning,
        "weakest clause": min([*cosines, meaning]) if len(clauses) > 1 else meaning,
        "weakest clause's words": min(held, default=1.0),
        "denial": denial(pair.clauses, pair.said, vectors),
        "unanswered denial": unanswered(pair.clauses, pair.said, vectors),
        "word displaced": max([0.0, *gains]),
        "word exchanged": swap.sure,
        "reading": reading,
    }
    word = swap.word
    if few and gains and not word:
        word = pair.claim.split()[pair.strange[displaced]].strip(".,;:")
    return Measured(np.array([found[name] for name in FEATURES], np.float32), word)


def _nearest(rows: Floats, vector: Floats) -> float:
    return float((rows @ vector).max())


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
