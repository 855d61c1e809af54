"""Crossed claims: two quotes on one matter and two sentences, each of which only its own quote carries.

Every sentence is true once and false once, and so is every quote: neither by itself tells anything, so that who
learns from them has to read the two together. `sets/crossed.jsonl` was written for this purpose. Two more kinds
are made out of it: both sentences of a contrary denied, so that each follows from the other quote; and a quote's
own sentence with one word exchanged, in the sentence and in the quote.
"""

import hashlib
import json
import random
import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from eval.denying import denied

CROSSED = Path(__file__).with_name("sets") / "crossed.jsonl"
HELD_OUT = 10
"""One of so many is never learned from."""

_EDGE = re.compile(r"(?<=[.!?])\s+|(?<=,)\s+(?=(?:and|but|so|because)\b)")
_OPENER = re.compile(
    r"^(?:(?:and|but|so|because|well|yeah|i mean|you know|like|um|uh)\b[, ]+)+", re.IGNORECASE
)
_WORD = re.compile(r"\b[A-Za-z]{5,}\b")
_COMMON = frozenset(
    "about after again against because before being between could doing during every everything should their there "
    "these thing things think those through under until where which while would really actually something anything "
    "never always honestly maybe people going".split()
)
_SENTENCE_WORDS = 5, 22


@dataclass(frozen=True, slots=True)
class Crossing:
    """A pair of quotes of one speaker, and the sentence that follows from each."""

    kind: str
    speaker: str
    quotes: tuple[str, str]
    claims: tuple[str, str]

    @property
    def held_out(self) -> bool:
        """Whether it is kept for choosing, with all other sentences on the same quotes."""
        return int(hashlib.sha256(min(self.quotes).encode()).hexdigest(), 16) % HELD_OUT == 0

    def pairs(self) -> tuple[tuple[str, str, bool], ...]:
        """(claim, quote after its speaker's name, whether it follows): twice it does, then twice not."""
        one, other = (f"{self.speaker}: {quote}" for quote in self.quotes)
        first, second = self.claims
        return (first, one, True), (second, other, True), (first, other, False), (second, one, False)


def read_crossed(path: Path = CROSSED) -> Iterator[Crossing]:
    """The crossed claims that come with this project; of most quotes there are two pairs of sentences."""
    for line in path.read_text("utf-8").splitlines():
        row = json.loads(line)
        for first, second in zip(*row["claims"], strict=True):
            yield Crossing(row["kind"], row["speaker"], tuple(row["quotes"]), (first, second))


def turned(crossings: Sequence[Crossing]) -> Iterator[Crossing]:
    """Contraries with both sentences denied: what one quote contradicts, the other then carries.

    "The patch went in" and "The patch was turned down" become "The patch did not go in" and "The patch was not
    turned down"; sentences that cannot be denied by rule are left out.
    """
    for crossing in crossings:
        if crossing.kind == "contrary":
            first, second = (denied(claim) for claim in crossing.claims)
            if first and second:
                yield replace(crossing, claims=(second, first))


def copied(crossings: Sequence[Crossing], number: int, rng: random.Random) -> Iterator[Crossing]:
    """So many crossings in which each sentence is its quote's own, and one word is another."""
    said = [(crossing.speaker, quote) for crossing in crossings for quote in crossing.quotes]
    others = defaultdict(list)
    for _, quote in said:
        for word in _words(quote):
            others[_shape(word)].append(word)
    made = 0
    while made < number:
        speaker, quote = rng.choice(said)
        choices = [(part, word) for part in _sentences(quote) for word in _words(part)]
        if not choices:
            continue
        part, word = rng.choice(choices)
        other = rng.choice(others[_shape(word)])
        if other.casefold() in quote.casefold():
            continue
        exchanged = re.compile(rf"\b{word}\b")
        head = f"{speaker.split()[-1]} says: " if rng.random() < 0.5 else ""
        yield Crossing(
            "copy",
            speaker,
            (quote, exchanged.sub(other, quote)),
            (head + _as_sentence(part), head + _as_sentence(exchanged.sub(other, part))),
        )
        made += 1


def _as_sentence(part: str) -> str:
    """A part of a quote by itself: without the opener, with a capital and a full stop."""
    bare = _OPENER.sub("", part).rstrip(".,")
    return bare[:1].upper() + bare[1:] + "."


def _sentences(quote: str) -> list[str]:
    shortest, longest = _SENTENCE_WORDS
    return [part for part in _EDGE.split(quote) if shortest <= len(part.split()) <= longest]


def _words(text: str) -> list[str]:
    return [word for word in _WORD.findall(text) if word.casefold() not in _COMMON]


def _shape(word: str) -> tuple[bool, str]:
    """Words of one shape can mostly stand in each other's place: a capital, and what the word ends in."""
    ending = next((ending for ending in ("ing", "ed", "ly", "s") if word.endswith(ending)), "")
    return word[0].isupper(), ending
