"""More crossings, made by rule out of those that were written.

Both sentences of a contrary denied, so that each follows from the other quote; a quote's own sentence with one word
exchanged, in the sentence and in the quote; a quote's own sentence told of its speaker, and denied, as is the quote; and
two quotes in one, with sentences that say something of both, of which the other quote carries half.
"""

import random
import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace

from eval.crossed import Crossing
from eval.denying import denied

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

_VERB = r"\b(is|are|was|were|has|have|had|could|would|should|did|does|do)"
_NOT, _FULL_NOT = re.compile(_VERB + r"n't\b"), re.compile(_VERB + r" not\b")
_BROKEN = re.compile(
    r"(?:'ve|'s|'d|'re|'ll|\b(?:only|rather|just|ever|so|the|a)) (?:not|did not|do not|does not)\b"
)
"""A denial at what is no verb, or at a verb's second part."""
_CONTRACTED = 0.8
"""The share of denials that are said as one word with their verb."""
_OPINIONS = (
    ("I think", "I do not think"),
    ("I don't think", "I think"),
    ("I like", "I do not like"),
    ("I don't like", "I like"),
)
_SMALL = re.compile(
    r"(?:The|A|An|He|She|It|They|In|At|On|According|For|After|When|His|Her|Their|Its|This|That|There)\b"
)
_NODS = (
    (
        "Yeah. Right. Mm-hm. Uh-huh. Exactly. Okay. Sure. Um… Well… No. Yes. Oh, wow. Totally. … I mean… You know? Hm. So…"
        " Absolutely. Really? Go on. Of course. Good question. That's right. I see."
    )
    .replace(". ", ".|")
    .replace("… ", "…|")
    .replace("? ", "?|")
    .split("|")
)
_PERSONS = (
    ("I do not", "{} does not"),
    ("I think", "{} thinks"),
    ("I like", "{} likes"),
    ("I'm|I am", "{} is"),
    ("I've|I have", "{} has"),
    ("I", "{}"),
    ("[Ww]e're", "they are"),
    ("[Ww]e've", "they have"),
    ("[Ww]e", "they"),
    ("[Mm]y|[Oo]ur", "their"),
    ("me|us", "them"),
)
"""What a speaker says of themselves, and how it is told of them by name."""


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
        head = f"{_surname(speaker)} says: " if rng.random() < 0.5 else ""
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


def gainsaid(crossings: Sequence[Crossing], number: int, rng: random.Random) -> Iterator[Crossing]:
    """So many crossings in which each sentence is its quote's own, told of its speaker, and one of both is denied.

    "I think it leaks, and we said so" and "I don't think it leaks, and we said so": "Ada Blum thinks it leaks" and
    "Ada Blum does not think it leaks".
    """
    choices = [
        (crossing.speaker, quote, part, other)
        for crossing in crossings
        for quote in crossing.quotes
        for part in _sentences(quote)
        if (other := _gainsaid(part))
    ]
    for speaker, quote, part, other in rng.choices(choices, k=number if choices else 0):
        claims = _told(part, speaker), _told(other, speaker)
        yield Crossing("denial", speaker, (quote, quote.replace(part, _as_spoken(other, rng))), claims)


def halved(crossings: Sequence[Crossing], number: int, rng: random.Random) -> Iterator[Crossing]:
    """So many crossings of two matters each: of every sentence, the other quote carries the first half.

    In one of two the other quote contradicts the second half; else it says nothing of it.
    """
    for _ in range(number):
        first, second, third = rng.sample(crossings, 3)
        kept = rng.randrange(2)
        if rng.random() < 0.5:
            third, ends = second, (0, 1)
        else:
            ends = (rng.randrange(2), rng.randrange(2))
        quotes, claims = [], []
        for other, end in zip((second, third), ends, strict=True):
            quotes.append(f"{first.quotes[kept]} {_renamed(other.quotes[end], other.speaker, first.speaker)}")
            rest = _renamed(other.claims[end], other.speaker, first.speaker)
            claims.append(f"{first.claims[kept].rstrip('.')}, and {_lowered(rest)}")
        yield Crossing("half", first.speaker, (quotes[0], quotes[1]), (claims[0], claims[1]))


def scrap_of(quote: str, rng: random.Random) -> str:
    """What carries no sentence: a quote that breaks off after its first words, or that only nods."""
    speaker, colon, said = quote.rpartition(": ")
    begun = " ".join(said.split()[: rng.randint(1, 3)])
    return speaker + colon + (begun if rng.random() < 0.5 else rng.choice(_NODS))


def _renamed(text: str, speaker: str, other: str) -> str:
    """A text with another speaker's name for its own."""
    return re.sub(rf"\b{re.escape(_surname(speaker))}\b", _surname(other), text.replace(speaker, other))


def _surname(speaker: str) -> str:
    return speaker.rsplit(maxsplit=1)[-1]


def _lowered(sentence: str) -> str:
    """A sentence as the second half of another: with a small letter where its first word is no name."""
    return sentence[0].lower() + sentence[1:] if _SMALL.match(sentence) else sentence


def _gainsaid(part: str) -> str | None:
    """A part of a quote denied, without contractions, or None."""
    opener = _OPENER.match(part)
    head, body = (opener[0], part[opener.end() :]) if opener else ("", part)
    for opinion, contrary in _OPINIONS:
        if re.match(rf"{opinion}\b", body):
            return head + contrary + body[len(opinion) :]
    other = denied(_NOT.sub(r"\1 not", body.replace("can't", "cannot").replace("won't", "will not")))
    return head + other if other and not _BROKEN.search(other) else None


def _as_spoken(part: str, rng: random.Random) -> str:
    """With its denial contracted, mostly."""
    return _FULL_NOT.sub(r"\1n't", part.replace("cannot", "can't")) if rng.random() < _CONTRACTED else part


def _told(part: str, speaker: str) -> str:
    """A part of a quote as a sentence about who said it."""
    told = _as_sentence(_NOT.sub(r"\1 not", part))
    for told_by, told_of in _PERSONS:
        told = re.sub(rf"\b(?:{told_by})\b", told_of.format(_surname(speaker)), told)
    return told[:1].upper() + told[1:]
