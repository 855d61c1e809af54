"""Times of the day and decades that a text names: "quarter to six", "8:40", "the mid-1980s", "in her early forties"."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from rag.number_words import SMALL

HALF_DAY = 720
"""Minutes; twelve-hour clocks are told apart by few speakers."""

_HOURS = {word: value for word, value in SMALL.items() if 1 <= value <= 12}
_HOUR = rf"(?:{'|'.join(_HOURS)}|1[0-2]|[1-9])"
_CLOCK = re.compile(
    r"(?<![\w.:/])(?P<hours>[01]?\d|2[0-4]):(?P<minutes>[0-5]\d)(?![\d:])(?:\s?[ap]\.?m\b)?"
    rf"|\b(?:half past|(?:at|until|till|since) half) (?P<half>{_HOUR})\b"
    rf"|\b(?P<apart>quarter|five|ten|twenty(?:-five)?|5|10|20|25)(?: minutes)? (?P<link>past|to) (?P<near>{_HOUR})\b"
    rf"|\b(?P<full>{_HOUR})(?:\s?[ap]\.?m\b| o['’]clock\b| in the (?:morning|afternoon|evening)\b| at night\b)"
    r"|\b(?P<noon>noon|midday|midnight)\b",
    re.IGNORECASE,
)
_APART = {"quarter": 15, "five": 5, "ten": 10, "twenty": 20, "twenty-five": 25}

_TENS = {
    word: 10 * value
    for value, word in enumerate(
        "twenties thirties forties fifties sixties seventies eighties nineties".split(), 2
    )
}
_CENTURIES = {"seventeen": 1700, "eighteen": 1800, "nineteen": 1900, "twenty": 2000}
_PART = r"(?P<part>(?:(?:early|mid|middle|late)(?: to |[- ]+))*)"
_DECADE = re.compile(
    rf"\bin (?:my|your|his|her|our|their) {_PART}(?P<life>{'|'.join(_TENS)})\b"
    rf"|\b{_PART.replace('part', 'part_of')}(?P<digits>(?:1[5-9]|20)\d0)['’]?s\b"
    rf"|\b(?P<century>{'|'.join(_CENTURIES)})[- ](?P<tens>{'|'.join(_TENS)})\b"
    rf"|\bthe {_PART.replace('part', 'part_in')}(?:['’]?(?P<short>[2-9]0)['’]?s|(?P<spelled>{'|'.join(_TENS)}))\b",
    re.IGNORECASE,
)
_EARLY, _MIDDLE, _LATE = (0, 5), (3, 7), (5, 9)


@dataclass(frozen=True, slots=True)
class ClockTime:
    """A time of the day: its minutes after noon or midnight, below `HALF_DAY`, and where it stands in its text."""

    minutes: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Decade:
    """Ten years, or a hundred, of a century, or ten of a life; `text` is how it is written."""

    first: int
    last: int
    of_life: bool
    text: str

    def may_be_meant_in(self, text: str) -> bool:
        """Whether a text has its word where it may be of a century or of a life: "late forties"."""
        if any(decade.of_life == self.of_life for decade in decades(text)):
            return False
        word = next((word for word, years in _TENS.items() if years == self.first % 100 // 10 * 10), "")
        return bool(word) and bool(re.search(rf"\b(?:{word}|['’]?{_TENS[word]}s)\b", text, re.IGNORECASE))


def clock_times(text: str) -> Iterator[ClockTime]:
    """The times of the day in a text, in its order."""
    for match in _CLOCK.finditer(text):
        if match["hours"]:
            minutes = int(match["hours"]) * 60 + int(match["minutes"])
        elif match["half"]:
            minutes = _value(match["half"]) * 60 + 30
        elif match["near"]:
            apart = _APART.get(match["apart"].casefold()) or int(match["apart"])
            minutes = _value(match["near"]) * 60 + (apart if match["link"].casefold() == "past" else -apart)
        elif match["full"]:
            minutes = _value(match["full"]) * 60
        else:
            minutes = 0
        yield ClockTime(minutes % HALF_DAY, *match.span())


def _value(hour: str) -> int:
    return _HOURS.get(hour.casefold()) or int(hour)


def decades(text: str) -> Iterator[Decade]:
    """The decades in a text, in its order; what may be of a century or of a life ("late thirties") is none."""
    for match in _DECADE.finditer(text):
        named = next(filter(None, (match["part"], match["part_of"], match["part_in"])), "").casefold()
        bands = [
            band for word, band in (("early", _EARLY), ("mid", _MIDDLE), ("late", _LATE)) if word in named
        ] or [(0, 9)]
        first, last = bands[0][0], bands[-1][1]
        if match["life"]:
            start = _TENS[match["life"].casefold()]
        elif match["digits"]:
            start = int(match["digits"])
            if start % 100 == 0:  # the 1800s
                first, last = 0, 99
        elif match["century"]:
            start = _CENTURIES[match["century"].casefold()] + _TENS[match["tens"].casefold()]
        else:
            start = 1900 + (int(match["short"]) if match["short"] else _TENS[match["spelled"].casefold()])
        yield Decade(start + first, start + last, bool(match["life"]), match[0])
