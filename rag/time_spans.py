"""What the times that a quote names tell together, and whether a claim's decades can be right.

From Monday to Thursday are three days, from November to May six months, from eight o'clock to twenty to nine forty minutes.
"""

import re
from collections.abc import Iterator, Sequence
from itertools import combinations

from rag.number_words import ORDINALS, UNITS
from rag.quantities import Quantity
from rag.time_reading import HALF_DAY, Decade, clock_times, decades

_MONTHS = "January February March April May June July August September October November December".split()
_DAYS = "monday tuesday wednesday thursday friday saturday sunday".split()
_MOST = 6
"""Times of a quote that are taken together."""
_YEAR_S, _MONTH_S, _DAY_S, _MINUTE_S = (UNITS[name][1] for name in ("year", "month", "day", "minute"))
_THROUGH = re.compile(r"\s*(?:through|to|till|until|-|–)\s*", re.IGNORECASE)
_DATES = {"first": 1, "second": 2, **ORDINALS, "thirtieth": 30}
_DATES |= {
    f"{tens}-{word}": value + day
    for tens, value in (("twenty", 20), ("thirty", 30))
    for word, day in _DATES.items()
    if day < 10
}
_MONTH = "|".join(_MONTHS)
_DATE = re.compile(
    rf"\bthe (?P<word>{'|'.join(sorted(_DATES, key=len, reverse=True))})\b"
    rf"|\b(?P<ordinal>\d{{1,2}})(?:st|nd|rd|th)\b|\b(?:{_MONTH}) (?P<after>\d{{1,2}})\b|\b(?P<before>\d{{1,2}}) (?:{_MONTH})\b"
)
_A_WEEK = re.compile(r"\b(?:a|per|each|every) week\b|\bweekly\b", re.IGNORECASE)
_DAYLIKE = frozenset("day days morning mornings afternoon afternoons evening evenings night nights".split())
_AS_YEAR = re.compile(
    r"(?:\b(?:in|since|from|until|till|by|of|summer|winter|spring|autumn|fall) |['’])$", re.IGNORECASE
)
"""What stands before "ninety-four" where it is a year."""
_HOURS = 24
_GROWN, _OLDEST = 13, 99
"""Ages that decades of a life are held against."""


def times_between(claim: str, text: str) -> Iterator[Quantity]:
    """What the months, weekdays, dates and times of the day in a quote tell together that a claim may say."""
    months = [_MONTHS.index(match[0]) for match in re.finditer(rf"\b(?:{_MONTH})\b", text)]
    for one, other in combinations(months[:_MOST], 2):
        yield _lasting((other - one) % 12, _MONTH_S)
    if months:
        for first, then in combinations(list(_dates(text))[:_MOST], 2):
            yield _lasting(abs(then - first), _DAY_S)
    days = [
        (_DAYS.index(m[0].casefold()), m)
        for m in re.finditer(rf"\b(?:{'|'.join(_DAYS)})\b", text, re.IGNORECASE)
    ]
    for (one, before), (other, after) in combinations(days[:_MOST], 2):
        yield _lasting((other - one) % 7, _DAY_S)
        if _THROUGH.fullmatch(text, before.end(), after.start()):  # both of them too
            yield _lasting((other - one) % 7 + 1, _DAY_S)
    yield from _days_counted(claim, len({day for day, _ in days}))
    times = [time.minutes for time in clock_times(text)]
    for first, then in combinations(times[:_MOST], 2):
        minutes = (then - first) % HALF_DAY
        yield from (_lasting(minutes, _MINUTE_S), _lasting(minutes + HALF_DAY, _MINUTE_S))


def _dates(text: str) -> Iterator[int]:
    for match in _DATE.finditer(text):
        yield (
            _DATES[match["word"]]
            if match["word"]
            else int(match["ordinal"] or match["after"] or match["before"])
        )


def _lasting(count: float, factor: float) -> Quantity:
    return Quantity(count * factor, count * factor, "s", "", "", factor=factor)


def _days_counted(claim: str, count: int) -> Iterator[Quantity]:
    """Sundays and Wednesdays are two days, and twice a week."""
    if count < 2:
        return
    if _A_WEEK.search(claim):
        yield Quantity(count, count, "x", "", "")
    if not _DAYLIKE.isdisjoint(re.findall(r"\w+", claim.casefold())):
        yield Quantity(count, count, None, "", "")


def without_known_times(claim: str, text: str, said: Sequence[Quantity]) -> str:
    """A claim without the times of the day that the quote bears out, so that their numbers are not asked for as well.

    Args:
        said: the quote's numbers, of which whole ones may be hours.
    """
    known = {time.minutes for time in clock_times(text)}
    bare = {end for number in said if number.unit is None for end in (number.low, number.high)}
    hours = {hour * 60 % HALF_DAY for hour in bare if hour <= _HOURS}
    left = claim
    for time in clock_times(claim):
        if time.minutes in known or (time.minutes % 60 == 0 and time.minutes in hours):
            left = left[: time.start] + " " * (time.end - time.start) + left[time.end :]
    return left


def wrong_decade(claim: str, text: str, said: Sequence[Quantity]) -> str | None:
    """A decade of the claim, where the quote has years, ages or decades and none of them lies in it."""
    for decade in decades(claim):
        rivals = list(_rivals(decade, text, said))
        if (
            rivals
            and not decade.may_be_meant_in(text)
            and not any(decade.first <= last and first <= decade.last for first, last in rivals)
        ):
            return decade.text
    return None


def _rivals(decade: Decade, text: str, said: Sequence[Quantity]) -> Iterator[tuple[float, float]]:
    """The years or ages of a quote that may lie in a decade, each with a year to spare for an age."""
    for other in decades(text):
        if other.of_life == decade.of_life:
            yield other.first, other.last
    for number in said:
        value = number.high / _YEAR_S if number.unit == "s" and number.factor == _YEAR_S else number.high
        if number.unit not in (None, "s") or number.weak or (number.unit == "s" and number.factor != _YEAR_S):
            continue
        if decade.of_life and _GROWN <= value <= _OLDEST:
            yield value - 1, value + 1
        if not decade.of_life and number.unit is None:
            counts = number.noun.endswith("s") or "," in number.text  # 1,200 people, 1200 boats
            said_as_year = _AS_YEAR.search(text[: max(0, text.find(number.text))])
            if 1000 <= number.low <= 2100 and (said_as_year or not counts):
                yield number.low, number.high
            elif 10 <= value <= _OLDEST and said_as_year:
                century = decade.first // 100 * 100
                yield century + number.low, century + value
