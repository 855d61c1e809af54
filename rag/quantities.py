"""The numbers that a text states, however they are spoken: 90 % is nine tenths, 1.5 years a year and a half."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from rag.number_reading import Tokens, plain_numbers, unit_after, value_at

_ABOUT = frozenset(
    "about around roughly approximately approx nearly almost close some near circa like".split()
)
_AT_LEAST = re.compile(r"\b(over|more than|at least|above|upwards of|exceed\w*|beyond|north of)\s+(a\s+)?$")
_AT_MOST = re.compile(
    r"\b(under|below|(less|fewer) than|at most|up to|no more than|maximum( of)?)\s+(a\s+)?$"
)
_NO_NOUN = frozenset(
    ["", *"after before to when and but if because so or then now later in at on for once".split()]
)
"""What stands behind a bare number, whose unit was said before."""
_ABOVE, _SHARE_ABOVE, _BELOW = 0.2, 0.9, 0.5
"""How far a number, or a share, may lie above "more than" it, or below "less than" it; where both sides say so, none."""
_ROUGHLY, _IN_OTHER_UNITS = 0.1, 0.04
"""How far apart two numbers may lie of which one is called rough, or that are of two units: three months are ninety days."""


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
            if other.text.casefold() == "both" != self.text.casefold().split()[0]:
                return False  # it counts what stands behind it
            return self.bare().same(other.bare()) or replace(self, unit=None, factor=1.0).same(
                replace(other, unit=None, factor=1.0)
            )
        loose = 0.01 if self.unit in ("%", "s") else 0.0
        if self.unit in ("s", "m") and self.factor != other.factor:
            loose = _IN_OTHER_UNITS
        if self.about or other.about:
            loose = _ROUGHLY
        slack = max(abs(self.high) * (0.0 if is_year(self) else loose), 1e-9)
        low, high = self.low - slack, self.high + slack
        if self.bound > 0 >= other.bound:
            high = max(high, self.high * (1 + (_SHARE_ABOVE if self.unit == "%" else _ABOVE)))
        if self.bound < 0 <= other.bound:
            low = min(low, self.low * (1 - _BELOW))
        return low <= other.high and other.low <= high

    def _times(self, factor: float) -> "Quantity":
        return replace(self, low=self.low * factor, high=self.high * factor, factor=factor)

    def bare(self) -> "Quantity":
        """The number without its unit's size."""
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
    tokens = Tokens.of(text)
    found: list[tuple[int, int, Quantity]] = []
    at = 0
    while at < len(tokens.words):
        if read := _quantity(text, tokens, at):
            quantity, end = read
            found.append((at, end, quantity))
            at = end
        else:
            at += 1
    return _joined(found, tokens.words)


def _quantity(text: str, tokens: Tokens, at: int) -> tuple[Quantity, int] | None:
    """The quantity that begins at token `at`, and the token after it."""
    value = value_at(tokens, at)
    if not value:
        return None
    low, high, weak = value.low, value.high, value.weak
    counts = tuple(plain_numbers(tokens, at, value.end)) if value.unit == "%" else ()
    start, behind = tokens.matches[at].start(), tokens.matches[value.end - 1].end()
    before = text[max(0, start - 24) : start].casefold()
    about = bool(_ABOUT & set(re.findall(r"\w+", before)[-2:])) or text.startswith("ish", behind)
    bound = 1 if _AT_LEAST.search(before) else -1 if _AT_MOST.search(before) else 0
    end, unit, factor = unit_after(tokens, value)
    if unit == "s" and tokens.at(end, "and", "a", "half"):
        low, high, end, weak = low + 0.5, high + 0.5, end + 3, False
    noun = unit or next(filter(str.isalpha, tokens.words[end : end + 2]), "")
    written = text[start : tokens.matches[end - 1].end()]
    weak = weak and unit in (None, "x")
    return Quantity(low * factor, high * factor, unit, noun, written, factor, about, bound, weak, counts), end


def _joined(found: Sequence[tuple[int, int, Quantity]], words: Sequence[str]) -> tuple[Quantity, ...]:
    """Make one range of two numbers joined by "to", "or" or a dash, and carry a unit over to a bare number."""
    joined: list[tuple[int, Quantity]] = []
    for start, end, read in found:
        quantity = read
        if joined:
            last_end, last = joined.pop()
            link = words[last_end:start]
            last, quantity = _in_one_unit(last, quantity, link)
            if _is_range(link) and last.unit == quantity.unit and last.low <= quantity.high:
                text = f"{last.text} to {quantity.text}"
                quantity = replace(quantity, low=last.low, about=last.about, bound=last.bound, text=text)
            else:
                joined.append((last_end, last))
        joined.append((end, quantity))
    return tuple(quantity for _, quantity in joined)


def _in_one_unit(last: Quantity, quantity: Quantity, link: Sequence[str]) -> tuple[Quantity, Quantity]:
    """Two numbers that follow each other, with the words between them; one may lend the other its unit."""
    if list(link) == ["-"] and last.high + quantity.high == 100:  # sixty-forty
        return replace(last, unit="%"), replace(quantity, unit="%")
    if last.unit is None and not last.noun.strip("torand") and _is_range(link[:1]):
        return replace(last._times(quantity.factor), unit=quantity.unit), quantity
    rate = last.text.casefold().startswith(("a ", "an ")) and list(link) != ["or"]  # 1,200 an hour
    if quantity.unit is None and quantity.noun in _NO_NOUN and not quantity.weak and last.unit and not rate:
        return last, replace(quantity._times(last.factor), unit=last.unit)
    return last, quantity


def _is_range(link: Sequence[str]) -> bool:
    return list(link) in (["to"], ["or"], ["-"], ["–"])
