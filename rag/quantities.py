"""The numbers that a text states, however they are spoken: 90 % is nine tenths, 1.5 years a year and a half."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from rag.number_words import ORDINALS, PARTS, SCALES, SMALL, TENS, TIMES, UNITS, VAGUE

_ABOUT = frozenset(
    "about around roughly approximately approx nearly almost close some near circa like".split()
)
_AT_LEAST = re.compile(r"\b(over|more than|at least|above|upwards of|exceed\w*|beyond|north of)\s+(a\s+)?$")
_AT_MOST = re.compile(
    r"\b(under|below|(less|fewer) than|at most|up to|no more than|maximum( of)?)\s+(a\s+)?$"
)
_TOKEN = re.compile(
    r"(?P<money>[$£€])?(?<![\w.])(?P<digits>\d[\d,]*(?:\.\d+)?)(?:st|nd|rd|th)?(?![\d.]*\d)"
    r"(?P<scale>k|m|bn|x|ms|kb|mb|gb|tb|km)?(?![a-z])(?P<percent>\s?%)?|[^\W\d_]+(?:['’][^\W\d_]+)*|[$£€%]|[-–—,.]",
    re.IGNORECASE,
)
_BETWEEN = frozenset("more full whole extra additional different straight consecutive other of long".split())

_LAST = {"first": 1, "second": 2} | {word: value for word, value in ORDINALS.items() if value < 10}
"""What "forty-second" ends in."""
_BEYOND = 0.2
"""How far beyond it a number may lie that "more than" is said of; where both sides say so, none."""


@dataclass(frozen=True, slots=True)
class Quantity:
    """One number in a text: everything from `low` to `high`, in `unit` (a dimension, or None).

    Attributes:
        noun: the word it counts, in lower case, or "".
        text: as it is written.
        about: it is called rough, so that a near number is the same.
        bound: 1 for "at least", -1 for "at most", else 0.
        factor: how many seconds, bytes or metres the spoken unit has.
        counts: the two numbers of a share, as nine and twelve of "nine of the twelve"; else empty.
        weak: it need not be in the quote ("once", "a year", "one of them").
    """

    low: float
    high: float
    unit: str | None
    noun: str
    text: str
    factor: float = 1.0
    about: bool = False
    bound: int = 0
    weak: bool = False
    counts: tuple[float, ...] = ()

    def same(self, other: "Quantity") -> bool:
        """Whether `other`, of a quote, bears this one out."""
        if self.unit != other.unit and not _units_mix(self.unit, other.unit):
            return False
        # Thirds and years turned into months do not come out even; a rough number is looser still.
        if None in (self.unit, other.unit) and self.factor * other.factor != 1:
            # "a few months (five or six)": the unit was said before
            return self._bare().same(other._bare())
        loose = 0.1 if self.about or other.about else 0.01 if self.unit in ("%", "s") else 0.0
        slack = max(abs(self.high) * (0.0 if is_year(self) else loose), 1e-9)
        low, high = self.low - slack, self.high + slack
        if self.bound > 0 >= other.bound:
            high = max(high, self.high * (1 + _BEYOND))
        if self.bound < 0 <= other.bound:
            low = min(low, self.low * (1 - _BEYOND))
        return low <= other.high and other.low <= high

    def _times(self, factor: float) -> "Quantity":
        return replace(self, low=self.low * factor, high=self.high * factor, factor=factor)

    def _bare(self) -> "Quantity":
        return replace(self, low=self.low / self.factor, high=self.high / self.factor, factor=1.0)


def is_year(quantity: Quantity) -> bool:
    """Whether a bare number may be a year."""
    return quantity.unit is None and 1900 <= quantity.low <= 2100 and quantity.low.is_integer()


def _units_mix(one: str | None, other: str | None) -> bool:
    """Speech drops units: a bare number can be dollars or times, but a percentage says so."""
    units = {one, other}
    return "x" in units or (None in units and "%" not in units)


def quantities(text: str) -> tuple[Quantity, ...]:
    """Every number that `text` states, in order; "1,800 to 2,000" and "five or six" are one each."""
    tokens = list(_TOKEN.finditer(text))
    words = [token[0].casefold().replace("’", "'") for token in tokens]
    found: list[tuple[int, int, Quantity]] = []
    at = 0
    while at < len(tokens):
        read = _quantity(text, tokens, words, at)
        if read:
            found.append((at, read[1], read[0]))
            at = read[1]
        else:
            at += 1
    return _joined(found, words)


def _quantity(
    text: str, tokens: Sequence[re.Match[str]], words: Sequence[str], at: int
) -> tuple[Quantity, int] | None:
    """The quantity that begins at token `at`, and the token after it."""
    read = _value(tokens, words, at)
    if not read:
        return None
    low, high, unit, end, weak = read
    counts = tuple(_plain_numbers(words[at:end])) if unit == "%" else ()
    before = text[max(0, tokens[at].start() - 24) : tokens[at].start()].casefold()
    about = bool(_ABOUT & set(re.findall(r"\w+", before)[-2:])) or text[tokens[end - 1].end() :].startswith(
        "ish"
    )
    bound = 1 if _AT_LEAST.search(before) else -1 if _AT_MOST.search(before) else 0
    end, unit, factor = _unit_after(words, end, unit)
    rest = words[end : end + 3]
    if unit == "s" and rest == ["and", "a", "half"]:
        low, high, end, weak = low + 0.5, high + 0.5, end + 3, False
    noun = next((word for word in words[end : end + 2] if word.isalpha()), "") if unit is None else unit
    written = text[tokens[at].start() : tokens[end - 1].end()]
    return Quantity(
        low * factor,
        high * factor,
        unit,
        noun,
        written,
        factor,
        about,
        bound,
        weak and unit in (None, "x"),
        counts,
    ), end


def _plain_numbers(words: Sequence[str]) -> Iterator[float]:
    """Numbers one by one, of the words of a share."""
    for at, word in enumerate(words):
        if word.replace(",", "").isdigit():
            yield float(word.replace(",", ""))
        elif (read := _cardinal(words, at)) and (at == 0 or words[at - 1] != "-"):
            yield read[0]


def _unit_after(words: Sequence[str], end: int, unit: str | None) -> tuple[int, str | None, float]:
    """Read on over a unit: the token after it, its dimension, and its factor."""
    if unit in UNITS and unit not in "$£€%x":
        return end, *UNITS[unit]
    if unit is not None:
        return end, unit, 1.0
    for skip in (0, 1):
        if words[end : end + 2] == ["per", "cent"]:
            return end + 2, "%", 1.0
        word = words[end + skip] if end + skip < len(words) else ""
        if word in UNITS and (not skip or words[end] in _BETWEEN | {"-"}):
            dimension, factor = UNITS[word]
            return end + skip + 1, dimension, factor
    return end, None, 1.0


def _value(
    tokens: Sequence[re.Match[str]], words: Sequence[str], at: int
) -> tuple[float, float, str | None, int, bool] | None:
    """Low, high, unit, the token after, and whether it is weak."""
    word, after = words[at], words[at + 1 : at + 4]
    if tokens[at]["digits"]:
        return _of_digits(tokens, words, at)
    if word in VAGUE:
        return *VAGUE[word], None, at + 1, VAGUE[word][0] < 12
    if word in TIMES:
        return float(TIMES[word]), float(TIMES[word]), "x", at + 1, word in ("once", "double")
    if word == "half" and after[:1] and after[0] in ("a", "an"):
        scale = SCALES.get(after[1], 1.0) if len(after) > 1 else 1.0
        return 0.5 * scale, 0.5 * scale, None, at + (3 if scale > 1 else 2), False
    if word == "half":
        return 50.0, 50.0, "%", at + 1, after[:1] != ["of"]
    if word in ("every", "each", "per") and after[1:] == ["and", "a"] and words[at + 4 : at + 5] == ["half"]:
        return 1.0, 1.0, None, at + 1, True  # "every year and a half"
    if word in ("a", "an") and after:
        if after[0] in SCALES and after[0] not in ("k", "m", "grand"):
            return SCALES[after[0]], SCALES[after[0]], None, at + 2, False
        if after[0] in PARTS and after[1:2] in (["of"], [","], ["."], []):
            return 100 / PARTS[after[0]], 100 / PARTS[after[0]], "%", at + 2, False
        if UNITS.get(after[0], ("",))[0] == "s":
            return 1.0, 1.0, None, at + 1, True
    if word in ORDINALS and after[:1] not in (["party"], ["parties"], ["-"]):
        return float(ORDINALS[word]), float(ORDINALS[word]), None, at + 1, False
    read = _cardinal(words, at)
    return _completed(words, *read, None, weak=words[at : read[1]] == ["one"]) if read else None


def _of_digits(
    tokens: Sequence[re.Match[str]], words: Sequence[str], at: int
) -> tuple[float, float, str | None, int, bool]:
    token, end = tokens[at], at + 1
    value = float(token["digits"].replace(",", ""))
    suffix = (token["scale"] or "").casefold()
    value *= SCALES.get(suffix, 1.0)
    unit = token["money"] or ("%" if token["percent"] else suffix if suffix in UNITS else None)
    while end < len(words) and words[end] in SCALES:
        value, end = value * SCALES[words[end]], end + 1
    return _completed(words, value, end, unit, weak=False)


def _completed(
    words: Sequence[str], value: float, end: int, unit: str | None, weak: bool
) -> tuple[float, float, str | None, int, bool]:
    """Take in "and a half", "out of ten", "tenths"."""
    if words[end : end + 1] == ["point"] and words[end + 1 : end + 2] and words[end + 1] in SMALL:
        value, end = value + SMALL[words[end + 1]] / 10, end + 2
        while end < len(words) and words[end] in SCALES:
            value, end = value * SCALES[words[end]], end + 1
    if words[end : end + 3] == ["and", "a", "half"]:
        value, end, weak = value + 0.5, end + 3, False
        if end < len(words) and words[end] in SCALES:
            value, end = value * SCALES[words[end]], end + 1
    if words[end : end + 1] == ["-"] and words[end + 1 : end + 2] and words[end + 1] in PARTS and value < 10:
        end += 1  # two-thirds
    if unit is None and end < len(words) and words[end] in PARTS and (value != 1 or words[end] != "half"):
        return 100 * value / PARTS[words[end]], 100 * value / PARTS[words[end]], "%", end + 1, False
    ahead = " ".join(words[end : end + 5])
    share = re.match(r"(?:(?:times|\w+s|people) )?(?:out of|in|of the|of our|of)(?: every)? (\S+)", ahead)
    if unit is None and share:
        whole = _cardinal([share[1]], 0) or ((float(share[1]), 1) if share[1].isdigit() else None)
        if whole and value < whole[0] <= 100:
            used = len(share[0].split())
            return 100 * value / whole[0], 100 * value / whole[0], "%", end + used, False
    return value, value, unit, end, weak


def _cardinal(words: Sequence[str], at: int) -> tuple[float, int] | None:
    """A number in words that begins at `at`, and the word after it."""
    total, part, end, seen = 0.0, 0.0, at, False
    while end < len(words):
        word = words[end]
        if word == "-" and seen and words[end + 1 : end + 2]:
            if words[end + 1] in SMALL:
                end += 1
                continue
            if part and part % 10 == 0 and words[end + 1] in _LAST:
                return total + part + _LAST[words[end + 1]], end + 2  # forty-second
        if word in SMALL or word in TENS:
            value = SMALL.get(word, TENS.get(word, 0))
            if seen and part in (19, 20) and value >= 10 and not total:
                part, end = part * 100 + value, end + 1  # nineteen ninety, twenty fifteen
                continue
            if seen and part and (part % 100 == 0 or part % 10 == 0) and value < (part % 100 or 100):
                part += value
            elif seen and part:
                break
            else:
                part = value
        elif word in SCALES and word not in ("k", "m", "bn") and seen:
            if SCALES[word] == 100 or word == "dozen":
                part *= SCALES[word]
            else:
                total, part = total + part * SCALES[word], 0.0
        elif not (word == "and" and seen and part % 100 == 0 and words[end + 1 : end + 2]
                  and (words[end + 1] in SMALL or words[end + 1] in TENS) and part):  # fmt: skip
            break
        seen, end = True, end + 1
    return (total + part, end) if seen else None


def _joined(found: Sequence[tuple[int, int, Quantity]], words: Sequence[str]) -> tuple[Quantity, ...]:
    """Make one range of two numbers joined by "to", "or" or a dash, and carry a unit over to a bare number."""
    joined: list[tuple[int, Quantity]] = []
    for start, end, read in found:
        quantity = read
        if joined:
            last, link = joined[-1][1], list(words[joined[-1][0] : start])
            if link == ["-"] and last.high + quantity.high == 100:  # sixty-forty
                last, quantity = replace(last, unit="%"), replace(quantity, unit="%")
                joined[-1] = (joined[-1][0], last)
            elif (
                last.unit is None
                and not last.noun.strip("torand")
                and link[:1] in (["to"], ["or"], ["-"], ["–"])
            ):
                last = replace(last._times(quantity.factor), unit=quantity.unit)
                joined[-1] = (joined[-1][0], last)
            elif quantity.unit is None and quantity.noun in _NO_NOUN and not quantity.weak and last.unit:
                quantity = replace(quantity._times(last.factor), unit=last.unit)
            if (
                link in (["to"], ["or"], ["-"], ["–"])
                and last.unit == quantity.unit
                and last.low <= quantity.high
            ):
                text = f"{last.text} to {quantity.text}"
                joined[-1] = (
                    end,
                    replace(quantity, low=last.low, about=last.about, bound=last.bound, text=text),
                )
                continue
        joined.append((end, quantity))
    return tuple(quantity for _, quantity in joined)


_NO_NOUN = frozenset(
    ["", *"after before to when and but if because so or then now later in at on for once".split()]
)
