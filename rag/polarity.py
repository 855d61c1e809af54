"""Does a claim deny what its quotes say, or make certain what they leave open? Needs the words' vectors."""

import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from rag.claim_words import HEDGES, UNSURE
from rag.evidence import Clause, half_denies, kin, opposed, words_of

Vectors = Mapping[str, npt.NDArray[np.float32]]

SYNONYM = 0.6
"""Cosine from which two words may stand for one another."""


class _PolarWord(NamedTuple):
    text: str
    denied: bool
    odd: bool
    named: bool

    def agrees(self, other: "_PolarWord") -> bool:
        """Whether both are denied, or neither; where both stand by a denial, its reach is too unsure to tell."""
        return self.denied == other.denied or self.odd == other.odd


def nearness(word: str, others: Sequence[str], vectors: Vectors) -> float:
    """How near `word` comes to any of `others`, from 0 to 1; forms of one word are as near as can be."""
    if any(kin(word, other) for other in others):
        return 1.0
    if not others:
        return 0.0
    return float(np.clip(np.stack([vectors[other] for other in others]) @ vectors[word], 0, 1).max())


def denial(claim: Sequence[Clause], quotes: Sequence[Clause], vectors: Vectors) -> float:
    """How surely a clause of the claim denies what the quotes say, or says what they deny, from 0 to 1."""
    there = {word for clause in quotes for word in words_of(clause.text)}
    here = {word for clause in claim for word in words_of(clause.text)}
    said = [word for clause in quotes for word in _polar_words(clause, half_denies(clause, here))]
    sure = 0.0
    names = {word.text for word in said if word.named}
    bare = len(claim) == 1 and all(claim[0].named)  # a name's polarity counts where there is nothing else
    for clause in claim:
        words = _polar_words(clause, half_denies(clause, there))
        against = agreed = 0
        fits = []
        for word in words:
            signs, by_opposite, fit = _signs(word, said, vectors)
            fits.append(fit)
            if not signs or ((word.named or word.text in names) and not bare):
                continue
            if not any(signs):
                against += 1
            elif word.denied or by_opposite:
                agreed += 1
        if against > agreed:
            sure = max(sure, float(np.mean(fits)) * (against - agreed) / (against + agreed))
    both = any(any(clause.odd) for clause in claim) and any(word.odd for word in said)
    return max(0.0, sure - _BOTH_DENY) if both else sure


_BOTH_DENY = 0.25
"""How much less sure a contradiction is where the claim and the quotes both deny something."""


def _polar_words(clause: Clause, half_denied: bool) -> list[_PolarWord]:
    return [
        _PolarWord(text, denied, odd or half_denied, named)
        for text, denied, odd, named in zip(
            clause.words, clause.denied, clause.odd, clause.named, strict=True
        )
    ]


def _signs(word: _PolarWord, said: Sequence[_PolarWord], vectors: Vectors) -> tuple[list[bool], bool, float]:
    """For each word of the quotes that answers to `word`: does its polarity agree? By an opposite? How near?"""
    same = [word.agrees(other) for other in said if kin(word.text, other.text)]
    if same:
        return same, False, 1.0
    turned = [word.denied != other.denied for other in said if opposed(word.text, other.text)]
    near = [
        (float(vectors[word.text] @ vectors[other.text]), word.agrees(other))
        for other in said
        if not opposed(word.text, other.text)
    ]
    best = max((cosine for cosine, _ in near), default=0.0)
    alike = [agrees for cosine, agrees in near if cosine >= max(SYNONYM, best - 0.05)]
    if turned:
        return turned + alike, True, 1.0
    return alike, False, max(best, 0.0)


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
