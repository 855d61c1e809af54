"""Plain reasons why a quote cannot carry a sentence: a number that it does not have, and that does not follow from its own."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import combinations, permutations

from rag.clauses import negations
from rag.number_words import UNITS
from rag.quantities import Quantity, is_year, quantities
from rag.sayers import Cited
from rag.time_spans import times_between, without_known_times, wrong_decade
from rag.word_forms import words_of

_SMALL_LIST = 6


def wrong_number(claim: str, quotes: Sequence[Cited]) -> str | None:
    """A number of the claim that no quote states, or states of something else."""
    said = [number for quote in quotes for number in quantities(quote.text)]
    said += [Quantity(count, count, None, "", "") for number in said for count in number.counts]
    text = " ".join(quote.text for quote in quotes)
    if decade := wrong_decade(claim, text, said):
        return f"the number of years in {decade!r} is not in the quote"
    for number in quantities(without_known_times(claim, text, said)):
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
    if len(number.counts) > 1 and all(
        count == 1
        or (count == 2 and _TWO_OF_US.search(text))
        or any(replace(number, low=count, high=count, unit=None).same(other) for other in said)
        for count in number.counts
    ):
        return True  # "one of the two meetings"
    if any(number.same(other) for other in times_between(claim, text) if other.unit == number.unit):
        return True
    if number.unit == "%" and re.search(rf"\bby (?:\w+ )?{re.escape(number.text)}", claim):
        return any(other.unit == "%" and abs(number.high + other.high - 100) < 1 for other in said)
    if number.unit == "x":
        if _FASTER.search(claim) and any(_is_share(other, 1 / number.high) for other in said):
            return True  # in half the time
        return (number.high == 2 and bool(_AGAIN.search(text))) or any(
            _is_so_many_times(number.high, one, other) for one, other in permutations(said[:_MOST_DERIVED], 2)
        )
    if is_year(number) and any(other.low == number.low % 100 and other.unit is None for other in said):
        return True  # "in ninety-four"
    if _CENTURY.search(number.text):
        years = [*map(int, _YEAR.findall(text)), *(int(other.low) for other in said if is_year(other))]
        return any(year // 100 + 1 == number.low / number.factor for year in years)
    if number.low == number.factor and number.unit in ("s", "m"):  # "a day ahead", "the day before"
        return not any(other.unit == number.unit for other in said) or number.text.split()[
            -1
        ].casefold() in words_of(text)
    if any(number.same(other) for other in derived(said, claim)):
        return True
    for scale in (1e3, 1e6, 1e9):
        bare = (other for other in said if other.unit is None and not other.weak)
        if any(other.high * scale == number.high for other in bare) and any(
            other.high >= scale for other in said
        ):
            return True
    return _goes_without_saying(number, claim, text, said)


def _is_share(number: Quantity, share: float) -> bool:
    return number.unit == "%" and abs(number.high - 100 * share) <= 100 * _ROUGH * share


def _is_so_many_times(times: float, one: Quantity, other: Quantity) -> bool:
    """Whether `one` is about so many times `other`; of two of which one has no unit, the numbers count."""
    if one.unit != other.unit:
        if None not in (one.unit, other.unit):
            return False
        one, other = one.bare(), other.bare()
    return other.high > 0 and abs(one.high - times * other.high) <= _ROUGH * times * other.high


def derived(said: Sequence[Quantity], claim: str = "") -> Iterator[Quantity]:
    """What two numbers of a quote tell together: their share, and their difference and sum where the claim is of one.

    Six hundred of nine hundred are two thirds, from 2015 to 2019 are four years, six libraries fewer than 14 are eight.
    """
    exact = [number for number in said[:_MOST_DERIVED] if number.low == number.high > 0 and not number.weak]
    for one, other in combinations(exact, 2):
        less, more = sorted((one, other), key=lambda number: number.high)
        if _maybe_year(one) and _maybe_year(other):
            years = (more.high - less.high) * _YEAR_S
            yield Quantity(years, years, "s", "years", "", factor=_YEAR_S)
        elif one.unit == other.unit and one.unit not in ("%", "x") and less.high < more.high:
            share = 100 * less.high / more.high
            yield Quantity(share, share, "%", "", "")
            values = [more.high - less.high] if one.unit or _DIFFERENCE.search(claim) else []
            values += [more.high + less.high] if _SUM.search(claim) else []
            for value in values:
                yield Quantity(value, value, one.unit, "", "", factor=min(one.factor, other.factor))


def _maybe_year(number: Quantity) -> bool:
    return number.unit is None and 1000 <= number.low <= 2100 and number.low.is_integer()


_DIFFERENCE = re.compile(
    r"\b(?:fewer|more|less|left|remain\w*|only|ago|later|earlier|early|before|after|above|below|over|ahead|\w+er than|dropp\w+|fell|"
    r"rose|grew|down|cut|lost|gained|others?|rest|still|when|was|were)\b",
    re.IGNORECASE,
)
_SUM = re.compile(r"\b(?:in all|altogether|total\w*|combined|together|both|between them)\b", re.IGNORECASE)
"""What in a claim tells of a difference or a sum."""
_MOST_DERIVED = 12
"""Numbers of a quote that are taken together with each other."""
_YEAR_S = UNITS["years"][1]

_CENTURY = re.compile(r"(?:th|st|nd|rd|first|second|third) century$", re.IGNORECASE)
_AGAIN = re.compile(r"\b(?:again|(?:a|the) second time|both times)\b", re.IGNORECASE)
_FASTER = re.compile(r"\b(?:fast|quick|speed)", re.IGNORECASE)
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
