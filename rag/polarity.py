"""Does a claim deny what its quotes say, or make certain what they leave open? Needs the words' vectors."""

import re
from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from rag.claim_words import HEDGES, UNSURE
from rag.clauses import Clause, half_denies
from rag.opposites import alike, opposed
from rag.word_forms import kin, words_of

Vectors = Mapping[str, npt.NDArray[np.float32]]


def nearness(word: str, others: Sequence[str], vectors: Vectors) -> float:
    """How near `word` comes to any of `others`, from 0 to 1; forms of one word are as near as can be."""
    if any(kin(word, other) for other in others):
        return 1.0
    if not others:
        return 0.0
    return float(np.clip(np.stack([vectors[other] for other in others]) @ vectors[word], 0, 1).max())


def denial(claim: Sequence[Clause], quotes: Sequence[Clause], vectors: Vectors) -> float:
    """How surely a clause of the claim denies what the quotes say, or says what they deny, from 0 to 1.

    A denial by "without", "failed to" and the like, or where both sides deny something, tells too little, unless
    the clause repeats one of the quotes.
    """
    there = {word for clause in quotes for word in words_of(clause.text)}
    here = {word for clause in claim for word in words_of(clause.text)}
    weak = tuple(half_denies(clause, here) for clause in quotes)
    names = {
        word for clause in quotes for word, named in zip(clause.words, clause.named, strict=True) if named
    }
    said = tuple(dict.fromkeys(word for clause in quotes for word in clause.words))
    both = any(any(clause.odd) for clause in claim) and any(any(clause.odd) for clause in quotes)
    surest = 0.0
    for clause in claim:
        fits = [_fit(clause, other, vectors) for other in quotes]
        excused = half_denies(clause, there)
        against = turned = answered = 0
        near = 0.0
        for word, denied, named in zip(clause.words, clause.denied, clause.named, strict=True):
            signs, by_opposite = _signs(word, denied, excused, quotes, fits, weak)
            near += 1.0 if signs else nearness(word, said, vectors)
            if (named or word in names) and len(clause.words) > 1:
                continue
            answered += bool(signs)
            against += bool(signs) and not any(signs)
            turned += any(signs) and (by_opposite or denied)
        if against > turned:
            repeated = answered > 1 and answered == len(clause.words)
            plain = not both and clause.plain and all(
                other.plain for other, fit in zip(quotes, fits, strict=True) if fit >= max(fits) - _AS_NEAR
            )  # fmt: skip
            if repeated or plain:
                surest = max(surest, near / len(clause.words) * (against - turned) / (against + turned))
    return surest


def unanswered(claim: Sequence[Clause], quotes: Sequence[Clause], vectors: Vectors) -> float:
    """How near a denial of one side comes to what the other says, which has nothing of the kind, from 0 to 1.

    Nothing of the kind: no negator, no word such as "few" or "except", and no opposite of what is denied.
    """
    denying, other = (claim, quotes) if any(any(clause.odd) for clause in claim) else (quotes, claim)
    denials = [
        clause for clause in denying if any(clause.odd) and clause.plain and not _CONDITION.match(clause.text)
    ]
    if any(any(clause.odd) for clause in other) or not denials:
        return 0.0
    there = {word for clause in denying for word in words_of(clause.text)}
    words = [word for clause in other for word in clause.words]
    if any(half_denies(clause, there) for clause in other) or any(
        opposed(word, said) for clause in denials for said in clause.words for word in words
    ):
        return 0.0
    return max((_fit(clause, said, vectors) for clause in denials for said in other), default=0.0)


_CONDITION = re.compile(r"(?:so )?(?:if|unless|when)\b", re.IGNORECASE)


def _signs(
    word: str,
    denied: bool,
    excused: bool,
    quotes: Sequence[Clause],
    fits: Sequence[float],
    weak: Sequence[bool],
) -> tuple[list[bool], bool]:
    """Whether each word of the quotes that answers to `word` agrees with it, in the clauses that fit best.

    And whether they are its opposites. A disagreement is lifted where the side that does not deny may do so in
    other words: `excused` in the claim's clause, `weak` in each clause of the quotes.
    """
    for answers, turned in ((_same, False), (opposed, True)):
        found: list[tuple[float, bool]] = []
        for other, fit, unsure in zip(quotes, fits, weak, strict=True):
            for said, no in zip(other.words, other.denied, strict=True):
                if answers(word, said):
                    lifted = not turned and ((no and excused) or (denied and unsure))
                    found.append((fit, lifted or (denied == no) != turned))
        if found:
            best = max(fit for fit, _ in found)
            return [agrees for fit, agrees in found if fit >= best - _AS_NEAR], turned
    return [], False


def _same(word: str, said: str) -> bool:
    return kin(word, said) or alike(word, said)


_AS_NEAR = 0.1
"""How much less near than the nearest a clause of the quotes may be and still have its say."""


def _fit(clause: Clause, other: Clause, vectors: Vectors) -> float:
    """The mean nearness of a clause's words to another's; opposites are as near as forms of one word."""
    if not clause.words or not other.words:
        return 0.0
    near = [
        1.0
        if any(opposed(word, said) or alike(word, said) for said in other.words)
        else nearness(word, other.words, vectors)
        for word in clause.words
    ]
    return float(np.mean(near))


_USED_TO = re.compile(
    r"(?<!get )(?<!got )(?<!be )(?<!is )(?<!are )(?<!'m )(?<!was )\bused to\b", re.IGNORECASE
)
_TO_COME = re.compile(
    r"\b(?:will|won't|going to|gonna|might|hope|plan|next (?:year|month|week))\b|'ll\b", re.IGNORECASE
)


def other_time(claim: str, quote: str) -> bool:
    """Whether the claim says "still" of what the quote says used to be, or "already" of what is to come."""
    said = set(words_of(quote))
    words = set(words_of(claim))
    return ("still" in words and "still" not in said and bool(_USED_TO.search(quote))) or (
        "already" in words and not said & {"already", "now", "have", "has"} and bool(_TO_COME.search(quote))
    )


def surer(claim: Sequence[Clause], quotes: Sequence[Clause], vectors: Vectors) -> float:
    """How nearly a claim without a hedge repeats a clause that has one ("might", "tried to"), from 0 to 1."""
    if {word for clause in claim for word in words_of(clause.text)} & HEDGES:
        return 0.0
    unsure = [clause for clause in quotes if set(words_of(clause.text)) & UNSURE and clause.words]
    fits = [
        float(np.mean([nearness(word, clause.words, vectors) for word in said.words]))
        for clause in unsure
        for said in claim
        if said.words
    ]
    return max(fits, default=0.0)
