"""Plain reasons why a quote cannot carry a sentence: a number that it does not have, and that does not follow from its own."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import combinations, pairwise

from rag.claim_rules import Cited
from rag.clauses import negations
from rag.number_words import UNITS
from rag.quantities import Quantity, is_year, quantities
from rag.word_forms import words_of

_SMALL_LIST = 6


def wrong_number(claim: str, quotes: Sequence[Cited]) -> str | None:
    """A number of the claim that no quote states, or states of something else."""
    said = [number for quote in quotes for number in quantities(quote.text)]
    said += [Quantity(count, count, None, "", "") for number in said for count in number.counts]
    text = " ".join(quote.text for quote in quotes)
    for number in quantities(claim):
        same = [other for other in said if number.same(other)]
        if not same and not number.weak and not _follows(number, claim, text, said):
            return f"the number {number.text} is not in the quote"
        if (
            same
            and number.noun
            and number.unit is None
            and not any(_same_noun(number, other) for other in same)
        ):
            rivals = [other for other in said if _same_noun(number, other) and other not in same]
            if rivals and all(other.noun not in _NO_NOUNS for other in same) and not number.weak:
                return f"the number {number.text} is said of something else"
    return None


_NO_NOUNS = ("", "one", "ones")
"""What a number stands before that tells nothing of what it counts: "the third one"."""


def _same_noun(one: Quantity, other: Quantity) -> bool:
    return bool(one.noun) and one.noun.rstrip("s") == other.noun.rstrip("s")


def _follows(number: Quantity, claim: str, text: str, said: Sequence[Quantity]) -> bool:
    """Whether a number follows from those of the quotes: "110 million" from "forty million, it came in at 110"."""
    if number.counts and all(
        count == 1
        or (count == 2 and _TWO_OF_US.search(text))
        or any(replace(number, low=count, high=count, unit=None).same(other) for other in said)
        for count in number.counts
    ):
        return True  # "one of the two meetings"
    if number.unit == "%" and re.search(rf"\bby (?:\w+ )?{re.escape(number.text)}", claim):
        return any(other.unit == "%" and abs(number.high + other.high - 100) < 1 for other in said)
    if number.unit == "x":
        return (number.high == 2 and bool(_AGAIN.search(text))) or any(
            one.unit == other.unit
            and other.high > 0
            and abs(one.high - number.high * other.high) <= _ROUGH * number.high * other.high
            for one in said
            for other in said
        )
    if is_year(number) and any(other.low == number.low % 100 and other.unit is None for other in said):
        return True  # "in ninety-four"
    if number.text.casefold().endswith("century"):
        years = [*map(int, _YEAR.findall(text)), *(int(other.low) for other in said if is_year(other))]
        return any(year // 100 + 1 == number.low / number.factor for year in years)
    if number.low == number.factor and number.unit == "s":  # "a day ahead", "the day before"
        return not any(other.unit == "s" for other in said) or number.text.split()[-1].casefold() in words_of(
            text
        )
    if any(number.same(other) for other in (*derived(said), *_between_months(text))):
        return True
    for scale in (1e3, 1e6, 1e9):
        bare = (other for other in said if other.unit is None and not other.weak)
        if any(other.high * scale == number.high for other in bare) and any(
            other.high >= scale for other in said
        ):
            return True
    return _goes_without_saying(number, claim, text, said)


def derived(said: Sequence[Quantity]) -> Iterator[Quantity]:
    """What two numbers of a quote tell together: six hundred of nine hundred are two thirds, from 2015 to 2019 are four years."""
    exact = [number for number in said[:_MOST_DERIVED] if number.low == number.high > 0 and not number.weak]
    for one, other in combinations(exact, 2):
        less, more = sorted((one, other), key=lambda number: number.high)
        if one.unit != other.unit or one.unit in ("%", "x") or less.high == more.high:
            continue
        if is_year(one) and is_year(other):
            years = more.high - less.high
            yield Quantity(years * _YEAR_S, years * _YEAR_S, "s", "years", "", factor=_YEAR_S)
            continue
        share, rest = 100 * less.high / more.high, more.high - less.high
        yield Quantity(share, share, "%", "", "")
        if one.unit is not None:
            yield Quantity(rest, rest, one.unit, one.noun, "", factor=min(one.factor, other.factor))


def _between_months(text: str) -> Iterator[Quantity]:
    """From November to May are six months."""
    named = [_MONTHS.index(match[0]) for match in re.finditer("|".join(_MONTHS), text)]
    for one, other in pairwise(named[:_MOST_DERIVED]):
        time = (other - one) % 12 * _YEAR_S / 12
        yield Quantity(time, time, "s", "months", "", factor=_YEAR_S / 12)


_MONTHS = "January February March April May June July August September October November December".split()
_MOST_DERIVED = 12
"""Numbers of a quote that are taken together with each other."""
_YEAR_S = UNITS["years"][1]

_AGAIN = re.compile(r"\b(?:again|(?:a|the) second time|both times)\b", re.IGNORECASE)
_SECOND = re.compile(r"\b(?:the|a|our|my|his|her|their) second \w", re.IGNORECASE)
"""What is told a second time happened twice."""
_YEAR = re.compile(r"\b(1\d{3}|20\d{2})(?:s|\b)")

_ROUGH = 0.12
"""How far "nearly three times" may be from the quotient of two numbers."""


def _goes_without_saying(number: Quantity, claim: str, text: str, said: Sequence[Quantity]) -> bool:
    """A count of what is listed ("three scanners: A, B and C"), none for "zero", all for "100 %"."""
    if number.high == 0:
        return negations(text) > 0
    if number.unit == "%" and number.high == 100:
        return bool(re.search(r"\b(all|every\w*|each|whole|entire\w*|completely|fully)\b", text, re.I))
    if number.unit is not None or number.low != number.high or not 2 <= number.high <= _SMALL_LIST:
        return False
    if number.high == 2 and (_TWO_OF_US.search(text) or _SECOND.search(text)):
        return True
    counted = any(other.unit is None and not other.weak and other.high <= _SMALL_LIST for other in said)
    known = number.high == 2 and re.search(rf"\b(?:the|these|those|both) {number.text}\b", claim, re.I)
    return number.high in _list_lengths(claim) or (
        not counted and (bool(known) or number.high in _list_lengths(text))
    )


_TWO_OF_US = re.compile(
    r"\b(?:me|myself|I) and (?:one|my|a|this|[A-Z])|\b(?:my|one|a|this|[A-Z][\w.]*)(?: [\w.]+)? and (?:me|myself|I)\b"
)
"""The speaker and one more: "me and one other nurse", "Odile and I"."""


def _list_lengths(text: str) -> set[int]:
    """How many things "A, B and C" may list, for each list in `text`; 2 is for two names joined by "and"."""
    lengths = {2} if re.search(r"\b[A-Z][\w.]*(?: [A-Z][\w.]*)* and (?:then )?[A-Z]", text) else set()
    for stretch in re.findall(r"(?:[^,;:.!?]+,\s*(?:and |or )?)+[^,;:.!?]+", text):
        commas = stretch.count(",")
        tail = stretch.rsplit(",", 1)[1]
        lengths |= {commas + 1, commas + 1 + len(re.findall(r"\b(?:and|or)\b(?=.)", tail[5:]))}
    return lengths - {1}
