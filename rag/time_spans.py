"""How long it is between two times that a quote names: from November to May, from Monday to Thursday, from eight to twenty to nine."""

import re
from collections.abc import Iterator, Sequence
from itertools import combinations

from rag.number_words import UNITS
from rag.quantities import Quantity
from rag.time_reading import CLOCK, HALF_DAY

_MONTHS = "January February March April May June July August September October November December".split()
_DAYS = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()
_FIRST = {"first": 1.0, "second": 2.0}
_FIRST_OF_MONTH = re.compile(rf"\b(first|second) of (?:{'|'.join(_MONTHS)})")
"""The dates that are not read as numbers."""
_MOST = 6
"""Times of a quote that are taken together."""
_DAY_S, _MONTH_S, _MINUTE_S = (UNITS[name][1] for name in ("day", "month", "minute"))
_THROUGH = re.compile(r"\s*(?:through|to|till|until|-|–)\s*(?:and including )?", re.IGNORECASE)


def times_between(text: str, said: Sequence[Quantity]) -> Iterator[Quantity]:
    """What the months, weekdays, dates and times of the day in a quote tell together.

    Args:
        said: the quote's numbers.
    """
    months = _named(text, _MONTHS)
    for (one, _), (other, _) in combinations(months[:_MOST], 2):
        yield _lasting((other - one) % 12, _MONTH_S)
    days = _named(text, _DAYS)
    for (one, start), (other, end) in combinations(days[:_MOST], 2):
        yield _lasting((other - one) % 7, _DAY_S)
        if _THROUGH.fullmatch(text, start + len(_DAYS[one]), end):  # both of them too
            yield _lasting((other - one) % 7 + 1, _DAY_S)
    yield from _counted(len({day for day, _ in days}))
    if months:
        dates = [_FIRST[match[1]] for match in _FIRST_OF_MONTH.finditer(text)]
        dates += [number.low for number in said if number.unit is None and number.low == number.high <= 31]
        for first, then in combinations(dates[:_MOST], 2):
            yield _lasting(abs(then - first), _DAY_S)
    times = [number.low for number in said if number.unit == CLOCK]
    for first, then in combinations(times[:_MOST], 2):
        minutes = (then - first) % HALF_DAY
        yield from (_lasting(minutes, _MINUTE_S), _lasting(minutes + HALF_DAY, _MINUTE_S))


def _named(text: str, names: Sequence[str]) -> list[tuple[int, int]]:
    """Which of the names stand in a text, in its order, each with its place."""
    return [(names.index(match[1]), match.start()) for match in re.finditer(rf"\b({'|'.join(names)})", text)]


def _lasting(count: float, factor: float) -> Quantity:
    return Quantity(count * factor, count * factor, "s", "", "", factor=factor)


def _counted(count: int) -> Iterator[Quantity]:
    """So many days, and so many times a week."""
    if count > 1:
        yield from (Quantity(count, count, unit, "", "") for unit in (None, "x"))
