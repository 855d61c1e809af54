"""A claim and its quotes taken apart, and what is measured of them.

The reader (`index/pair_reader.py`) tells most. It is also asked what it would make of the claim with a word of the quotes
in place of one that they do not have: where that follows much better, the word stands in another's place. The words' own
measures are nearly certain where they speak.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from rag.claim_judge import MEASURES
from rag.claim_slots import exchanged
from rag.claim_words import SAYS
from rag.clauses import Clause, clauses_of
from rag.polarity import denial, nearness, unanswered
from rag.sayers import Cited, known_speakers
from rag.word_forms import kin, words_of

Floats = npt.NDArray[np.float32]
Vectors = Mapping[str, Floats]

_MOST_REPLACED = 4
"""Words of a claim that are replaced in turn."""


@dataclass(frozen=True, slots=True)
class Pair:
    """A claim and its quotes, taken apart.

    Attributes:
        clauses: of the claim, without the speaker's name and "says".
        said: the clauses of the quotes.
        quotes: each quote, and all of them in one.
        together: all quotes after their speakers' names, so that a reader can tell who "I" is.
        strange: the places of the claim's words that no quote has.
        unused: the words of the quotes that the claim does not have.
        names: the words of the speakers' names.
    """

    claim: str
    clauses: tuple[Clause, ...]
    said: tuple[Clause, ...]
    quotes: tuple[str, ...]
    together: str
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
        ours = {word for clause in clauses for word in clause.words}
        theirs = dict.fromkeys(word for clause in said for word in clause.words)
        foreign = {word for word in ours if not any(kin(word, other) for other in theirs)}
        return cls(
            claim,
            clauses,
            said,
            tuple(dict.fromkeys([*texts, " ".join(texts)])),
            read_together(quotes),
            tuple(i for i, part in enumerate(claim.split()) if set(words_of(part)) & foreign),
            tuple(word for word in theirs if not any(kin(word, other) for other in ours)),
            frozenset(names),
        )

    def changed(self, vectors: Vectors) -> list[tuple[str, str]]:
        """The claim with one word replaced, in each way that there is, and the quotes, given the vectors of the words.

        A strange word is replaced by the unused word of the quotes that is nearest to it.
        """
        parts = self.claim.split()
        texts = []
        for i in self.strange[:_MOST_REPLACED] if self.unused else ():
            word = next(word for word in words_of(parts[i]) if word in vectors)
            nearest = max(self.unused, key=lambda other: float(vectors[word] @ vectors[other]))
            texts.append(" ".join([*parts[:i], nearest, *parts[i + 1 :]]))
        return [(text, self.together) for text in texts]

    def words(self) -> Iterator[str]:
        for clause in (*self.clauses, *self.said):
            yield from clause.words


def read_together(quotes: Sequence[Cited]) -> str:
    """All quotes in one text, each after its speaker's name."""
    return " ".join(f"{quote.speaker}: {quote.text}" if quote.speaker else quote.text for quote in quotes)


@dataclass(frozen=True, slots=True)
class Measured:
    """What is weighed of a claim, float32[len(MEASURES)], and its word that most likely stands in another's place."""

    measures: Floats
    odd_word: str


def measured(pair: Pair, vectors: Vectors, follows: float, changed: Sequence[float]) -> Measured:
    """Measure a claim against its quotes.

    Args:
        vectors: of all of `pair`'s words.
        follows: the reader's logit of the claim.
        changed: those of `pair.changed`, or none where they were not read.
    """
    gains = [logit - follows for logit in changed]
    swap = exchanged(pair.claim, pair.quotes, pair.names, vectors)
    found = {
        "follows": follows,
        "denial": denial(pair.clauses, pair.said, vectors),
        "unanswered denial": unanswered(pair.clauses, pair.said, vectors),
        "word displaced": max(0.0, *gains) if gains else 0.0,
        "word exchanged": swap.sure,
    }
    word = swap.word
    # With most words strange, none of them can be called the odd one.
    few = 2 * len(pair.strange) <= sum(len(clause.words) for clause in pair.clauses)
    if few and gains and not word:
        word = pair.claim.split()[pair.strange[gains.index(max(gains))]].strip(".,;:")
    return Measured(np.array([found[name] for name in MEASURES], np.float32), word)


def covered(pair: Pair, vectors: Vectors) -> float:
    """How near the claim's words come to any of the quotes', on average, from 0 to 1."""
    said = list(dict.fromkeys(word for clause in pair.said for word in clause.words))
    near = [nearness(word, said, vectors) for clause in pair.clauses for word in clause.words]
    return float(np.mean(near)) if near else 1.0
