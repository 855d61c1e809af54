"""One number where it begins among a text's words: in digits or spelled out, with the fraction, share and unit behind it."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from rag.number_words import ORDINALS, PARTS, SCALES, SMALL, TENS, TIMES, UNITS, VAGUE

_TOKEN = re.compile(
    r"(?P<money>[$£€])?(?<![\w.])(?P<digits>\d[\d,]*(?:\.\d+)?)(?:st|nd|rd|th)?(?![\d.]*\d)"
    r"(?P<scale>k|m|bn|x|ms|kb|mb|gb|tb|km)?(?![a-z])(?P<percent>\s?%)?|[^\W\d_]+(?:['’][^\W\d_]+)*|[$£€%]|[-–—,.]",
    re.IGNORECASE,
)
_SHARE = re.compile(
    r"(?:(?:times|\w+s|people) |\w+ (?=(?:out of|in) ))?(?:out of|in|of the|of our|of)(?: every)? (\S+)"
)
_BETWEEN = frozenset("more full whole extra additional different straight consecutive other of long".split())
_LAST = {"first": 1, "second": 2} | {word: value for word, value in ORDINALS.items() if value < 10}
"""What "forty-second" ends in."""


class Tokens(NamedTuple):
    """A text's words, numbers and marks: as they were matched, and in lower case."""

    matches: Sequence[re.Match[str]]
    words: Sequence[str]

    @classmethod
    def of(cls, text: str) -> "Tokens":
        matches = list(_TOKEN.finditer(text))
        return cls(matches, [match[0].casefold().replace("’", "'") for match in matches])

    def at(self, place: int, *words: str) -> bool:
        """Whether exactly these words stand at `place`."""
        return list(self.words[place : place + len(words)]) == list(words)

    def word(self, place: int) -> str:
        """The word at `place`, or "" behind the last."""
        return self.words[place] if place < len(self.words) else ""


@dataclass(frozen=True, slots=True)
class Value:
    """What stands at a place: everything from `low` to `high`, in the unit as it is spoken, up to the token `end`.

    Attributes:
        weak: said in passing ("once", "a year", "one of them").
    """

    low: float
    high: float
    end: int
    unit: str | None = None
    weak: bool = False


def value_at(tokens: Tokens, at: int) -> Value | None:
    """The number that begins at token `at`, if one does."""
    word, next_, after = tokens.words[at], tokens.word(at + 1), tokens.word(at + 2)
    if tokens.matches[at]["digits"]:
        return _of_digits(tokens, at)
    if word in VAGUE:
        low, high = VAGUE[word]
        return Value(low, high, at + 1, weak=low < 12)
    if word in TIMES:
        return _exactly(TIMES[word], at + 1, "x", weak=word in ("once", "double"))
    if word.endswith("fold") and (times := _word_value(word.removesuffix("fold"))):
        return _exactly(times, at + 1, "x")
    if word == "half" and (next_, after) == ("a", "second"):
        return _exactly(0.5, at + 3, "s")  # elsewhere "second" is an ordinal
    if word == "half" and next_ in ("a", "an"):
        scale = SCALES.get(after, 1.0)
        return _exactly(0.5 * scale, at + (3 if scale > 1 else 2))
    if word == "half" and next_ != "of" and at and tokens.words[at - 1] in ("first", "second"):
        return None  # of a match
    if word == "half":
        return _exactly(50, at + 1, "%", weak=next_ != "of")
    if word in ("every", "each", "per") and tokens.at(at + 2, "and", "a", "half"):
        return _exactly(1, at + 1, weak=True)  # "every year and a half"
    if word in ("a", "an"):
        if next_ in SCALES and next_ not in ("k", "m", "bn", "grand"):
            read = _cardinal(tokens, at + 1, part=1)
            return read and _completed(tokens, read)
        if next_ in PARTS and after in ("of", ",", ".", ""):
            return _exactly(100 / PARTS[next_], at + 2, "%")
        if UNITS.get(next_, ("",))[0] in ("s", "m"):
            return _exactly(1, at + 1, weak=True)
    if word in ORDINALS and next_ not in ("party", "parties", "-"):
        return _exactly(ORDINALS[word], at + 1)
    read = _cardinal(tokens, at)
    return _completed(tokens, replace(read, weak=tokens.words[at : read.end] == ["one"])) if read else None


def unit_after(tokens: Tokens, value: Value) -> tuple[int, str | None, float]:
    """Read on over a unit: the token after it, its dimension, and how many seconds, bytes or metres it has."""
    end, unit = value.end, value.unit
    if unit in UNITS and unit not in "$£€%x":
        return end, *UNITS[unit]
    if unit is not None:
        return end, unit, 1.0
    if tokens.at(end, "per", "cent"):
        return end + 2, "%", 1.0
    for place in (end, end + 1):
        word = tokens.word(place)
        if word in UNITS and (place == end or tokens.word(end) in _BETWEEN | {"-"}):
            return place + 1, *UNITS[word]
    return end, None, 1.0


def plain_numbers(tokens: Tokens, start: int, end: int) -> Iterator[float]:
    """Numbers one by one between two places, as nine and twelve of "nine of the twelve"."""
    inside = Tokens(tokens.matches[start:end], tokens.words[start:end])
    for at, word in enumerate(inside.words):
        if word.replace(",", "").isdigit():
            yield float(word.replace(",", ""))
        elif (read := _cardinal(inside, at)) and (at == 0 or inside.words[at - 1] != "-"):
            yield read.low


def _exactly(value: float, end: int, unit: str | None = None, *, weak: bool = False) -> Value:
    return Value(float(value), float(value), end, unit, weak)


def _of_digits(tokens: Tokens, at: int) -> Value:
    token = tokens.matches[at]
    suffix = (token["scale"] or "").casefold()
    value = float(token["digits"].replace(",", "")) * SCALES.get(suffix, 1.0)
    unit = token["money"] or ("%" if token["percent"] else suffix if suffix in UNITS else None)
    return _completed(tokens, _scaled(tokens, _exactly(value, at + 1, unit)))


def _scaled(tokens: Tokens, value: Value) -> Value:
    """Take in "million"."""
    while (word := tokens.word(value.end)) in SCALES:
        value = _exactly(value.low * SCALES[word], value.end + 1, value.unit, weak=value.weak)
    return value


def _completed(tokens: Tokens, value: Value) -> Value:
    """Take in "point five", "and a half", "tenths", "out of ten"."""
    if tokens.at(value.end, "point") and (decimal := tokens.word(value.end + 1)) in SMALL:
        value = _scaled(
            tokens, _exactly(value.low + SMALL[decimal] / 10, value.end + 2, value.unit, weak=value.weak)
        )
    if tokens.at(value.end, "and", "a", "half"):
        value, scale = _exactly(value.low + 0.5, value.end + 3, value.unit), tokens.word(value.end + 3)
        if scale in SCALES:
            value = _exactly(value.low * SCALES[scale], value.end + 1, value.unit)
    if tokens.at(value.end, "-") and tokens.word(value.end + 1) in PARTS and value.low < 10:
        value = replace(value, end=value.end + 1)  # two-thirds
    if value.unit is not None:
        return value
    part = tokens.word(value.end)
    if part in PARTS and tokens.word(value.end + 1) == "of" and tokens.word(value.end + 2) in ("a", "an"):
        unit = UNITS.get(tokens.word(value.end + 3), ("", 1.0))
        if unit[0] == "s":  # three quarters of an hour
            return _exactly(value.low / PARTS[part] * unit[1], value.end + 4, "s")
    if part in PARTS and (value.low != 1 or part != "half"):
        return _exactly(100 * value.low / PARTS[part], value.end + 1, "%")
    return _share(tokens, value) or value


def _share(tokens: Tokens, value: Value) -> Value | None:
    """Nine "out of ten", "of the twelve": a percentage."""
    share = _SHARE.match(" ".join(tokens.words[value.end : value.end + 5]))
    if not share or UNITS.get(tokens.word(value.end + len(share[0].split())), ("x",))[0] not in ("x", "%"):
        return None  # "one storm in ten years" is no share
    whole = float(share[1]) if share[1].isdigit() else _word_value(share[1])
    if not value.low < whole <= 100:
        return None
    return _exactly(100 * value.low / whole, value.end + len(share[0].split()), "%")


def _word_value(word: str) -> float:
    """What one word counts, or 0."""
    read = _cardinal(Tokens((), [word]), 0)
    return read.low if read else 0.0


def _cardinal(tokens: Tokens, at: int, part: float = 0.0) -> Value | None:
    """A number in words that begins at `at`; `part` is 1 behind "a", as in "a hundred and four"."""
    total, end = 0.0, at
    while word := tokens.word(end):
        seen, after = end > at or part > 0, tokens.word(end + 1)
        if word == "-" and seen and after in SMALL:
            end += 1
            continue
        if word == "-" and part and part % 10 == 0 and after in _LAST:
            return _exactly(total + part + _LAST[after], end + 2)  # forty-second
        if word in SMALL or word in TENS:
            value = SMALL.get(word, TENS.get(word, 0))
            if part in (19, 20) and value >= 10 and not total:
                part = part * 100 + value  # nineteen ninety, twenty fifteen
            elif not part:
                part = value
            elif part % 10 == 0 and value < (part % 100 or 100):
                part += value
            else:
                break
        elif word in SCALES and word not in ("k", "m", "bn") and seen:
            if SCALES[word] == 100 or word == "dozen":
                part *= SCALES[word]
            else:
                total, part = total + part * SCALES[word], 0.0
        elif not (word == "and" and part and part % 100 == 0 and (after in SMALL or after in TENS)):
            break
        end += 1
    return _exactly(total + part, end) if end > at else None
