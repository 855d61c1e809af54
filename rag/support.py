"""Does this quote carry this sentence? Plain rules first, then a small learned weighing of meaning.

The rules look for what is nearly certain: another number, name or speaker, things that changed places, an "all"
too many, a "might" made certain. What they let pass is weighed (`claim_judge.py`): what the reader makes of the two, which
was trained to read them together (`index/pair_reader.py`), how surely one side denies what the other says, and whether
a word stands in another's place. Where an entailment model is named, a claim must pass it as well.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np
import numpy.typing as npt

from index.pair_reader import CARRIES, embedded_reader
from rag.claim_judge import MEASURES, RISING, Judge, embedded_judge
from rag.claim_measures import Measured, Pair, covered, measured, read_together
from rag.claim_numbers import wrong_number
from rag.claim_reach import overreach
from rag.claim_rules import wrong_name
from rag.claim_swaps import swapped
from rag.polarity import other_time, surer
from rag.quantities import quantities
from rag.quotes import Quote
from rag.sayers import Cited, by_sayers
from rag.word_forms import says_something, words_of

__all__ = ["Cited", "ClaimCheck", "Entailment", "Support", "cited"]

Floats = npt.NDArray[np.float32]

_RULES = (wrong_number, wrong_name, swapped, overreach)
_FOR = np.array([name in RISING for name in MEASURES])
"""Which measures speak for a claim."""
_SURER = 0.7
_ELSEWHERE = 0.15
"""How near a claim's words must come to the quotes', on average: fewer than 1 % of the true ones come less near."""
_PLAINLY = 1.0
"""The reader's number from which a claim follows plainly; it gave no unrelated one more than 0.1."""
_HIGHEST = 4.7
"""More than the reader ever gave a claim, as it stands or with a word changed."""
_FOLLOWS, _DISPLACED = (list(MEASURES).index(name) for name in ("follows", "word displaced"))
_WORDS_ENOUGH = 4
"""So many words say something, whichever they are; fewer need a content word or a number among them."""
_CONTEXT = 600
"""Characters before and after a quote, in the same turn."""


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
    """Checks claims against quotes.

    Args:
        entailment: a model that a claim must pass as well.
        reader: by default the one that comes with onrecord.
    """

    def __init__(self, entailment: Entailment | None = None, reader: Reader | None = None) -> None:
        self._entailment = entailment
        self._reader = reader

    def check(self, claim: str, quotes: Sequence[Cited]) -> Support:
        """Whether `quotes` together carry `claim`."""
        return self.check_many([(claim, quotes)])[0]

    def check_many(self, pairs: Sequence[tuple[str, Sequence[Cited]]]) -> list[Support]:
        """Check many claims, read together."""
        judge = embedded_judge()
        verdicts = [
            Support(False, found, 0.0) if isinstance(found, str) else _verdict(judge, found)
            for found in self.examine(pairs)
        ]
        return self._entailed(pairs, verdicts) if self._entailment else verdicts

    def examine(
        self, pairs: Sequence[tuple[str, Sequence[Cited]]], *, thoroughly: bool = False
    ) -> list[str | Measured]:
        """For each claim a rule's reason against it, or else what is weighed.

        Args:
            thoroughly: measure what cannot change the verdict any more, too.
        """
        found: list[str | Measured] = [_by_rule(claim, quotes) for claim, quotes in pairs]
        places = [place for place, why in enumerate(found) if not why]
        if not places:
            return found
        parts = [(place, part) for place in places for part in by_sayers(*pairs[place])]
        # What is measured of one part may speak against the other: they are weighed together.
        several = Counter(place for place, _ in parts)
        whole = [thoroughly or several[place] > 1 for place, _ in parts]
        for (place, _), seen in zip(
            parts, self._read([Pair.of(*part) for _, part in parts], whole), strict=True
        ):
            found[place] = _weaker(found[place] or seen, seen)
        return found

    def _read(self, pairs: Sequence[Pair], whole: Sequence[bool]) -> list[str | Measured]:
        """What the reader and the rules on words make of each pair.

        All claims are read together; then, changed in a word, those that might be refused for a word, and all that are to
        be measured `whole`.
        """
        embedded = embedded_reader(CARRIES)
        reader = self._reader or embedded
        vectors = embedded.words.of({word for pair in pairs for word in pair.words()})
        follows = reader.logits([(pair.claim, pair.together) for pair in pairs]).tolist()
        found = [
            _by_words(pair, vectors, logit) or measured(pair, vectors, logit, [])
            for pair, logit in zip(pairs, follows, strict=True)
        ]
        changed = {
            place: pair.changed(vectors)
            for place, (pair, seen) in enumerate(zip(pairs, found, strict=True))
            if not isinstance(seen, str) and (whole[place] or _may_fall(seen))
        }
        read = iter(reader.logits([each for some in changed.values() for each in some]).tolist())
        for place, some in changed.items():
            found[place] = measured(pairs[place], vectors, follows[place], [next(read) for _ in some])
        return found

    def _entailed(
        self, pairs: Sequence[tuple[str, Sequence[Cited]]], verdicts: Sequence[Support]
    ) -> list[Support]:
        """The verdicts, with those that the entailment model does not share turned down."""
        assert self._entailment
        passed = [i for i, verdict in enumerate(verdicts) if verdict.supported]
        parts = [(i, part) for i in passed for part in by_sayers(*pairs[i])]
        asked = [(read_together(quotes), claim) for _, (claim, quotes) in parts]
        judged = list(verdicts)
        for (i, _), likely in zip(parts, self._entailment.entailed(asked) if asked else (), strict=True):
            score = min(judged[i].score, likely)
            judged[i] = (
                replace(judged[i], score=score)
                if likely >= _ENTAILED
                else Support(False, "it does not follow from the quote", score)
            )
        return judged


_ENTAILED = 0.5
"""The probability of entailment from which a claim passes the entailment model."""


def _verdict(judge: Judge, found: Measured) -> Support:
    score, against = judge.score(found.measures), judge.against(found.measures)
    if not against:
        return Support(True, "", score)
    if against.startswith("word ") and found.odd_word:
        return Support(False, f"{found.odd_word!r} is not what the quote says", score)
    return Support(False, MEASURES[against], score)


def _may_fall(seen: Measured) -> bool:
    """Whether a claim would be refused if, with a word changed, it followed as well as anything ever did."""
    worst = seen.measures.copy()
    worst[_DISPLACED] = max(0.0, _HIGHEST - worst[_FOLLOWS])
    return bool(embedded_judge().against(worst))


def _weaker(one: str | Measured, other: str | Measured) -> str | Measured:
    """Of two parts of a claim, a rule's reason against either, or else the worse of each measure."""
    if isinstance(one, str) or isinstance(other, str):
        return one if isinstance(one, str) else other
    worse = np.where(_FOR, np.minimum(one.measures, other.measures), np.maximum(one.measures, other.measures))
    return Measured(worse, one.odd_word or other.odd_word)


def _by_rule(claim: str, quotes: Sequence[Cited]) -> str:
    """The first plain rule's reason, or ""."""
    if not any(quote.text.strip() for quote in quotes):
        return "there is no quote"
    if not words_of(claim):
        return "it says nothing"
    said = [word for quote in quotes for word in words_of(quote.text)]
    if len(said) < _WORDS_ENOUGH and not any(map(says_something, said)):
        return "the quote says nothing"
    return next((why for rule in _RULES if (why := rule(claim, quotes))), "")


def _by_words(pair: Pair, vectors: Mapping[str, Floats], follows: float) -> str:
    """The reason of the rules on times, hedges and subjects, or ""; what the reader finds to follow is on the subject."""
    if other_time(pair.claim, pair.quotes[-1]):
        return "the quote says the opposite"
    if surer(pair.clauses, pair.said, vectors) >= _SURER:
        return "surer than the quote"
    if (
        follows > _PLAINLY
        or covered(pair, vectors) >= _ELSEWHERE
        or _share_a_number(pair.claim, pair.quotes[-1])
    ):
        return ""
    return "about something else"


def _share_a_number(claim: str, quote: str) -> bool:
    said = quantities(quote)
    return any(number.same(other) for number in quantities(claim) for other in said)
