"""Decades and times of the day where they begin among a text's words: "in her early forties", "the 1980s", "quarter to six"."""

import re

from rag.number_tokens import Tokens, Value
from rag.number_words import SMALL

DECADE, CLOCK = "ten years", "clock"
"""Units: years of a century or of a life; minutes since noon or midnight, below `HALF_DAY`."""
HALF_DAY = 720

_DECADES = {
    word: 10 * value
    for value, word in enumerate(
        "twenties thirties forties fifties sixties seventies eighties nineties".split(), 2
    )
}
_PARTS_OF_TEN = {"early": (0, 4), "mid": (3, 6), "middle": (3, 6), "late": (6, 9)}
_OWN = frozenset("my your his her our their".split())
_HOURS = {word: value for word, value in SMALL.items() if 1 <= value <= 12}
_MINUTES = {"quarter": 15, "five": 5, "ten": 10, "twenty": 20, "5": 5, "10": 10, "20": 20, "25": 25}
_BEFORE_A_TIME = frozenset("at until till since around about before after it's".split())
_NOON = frozenset("noon midday midnight".split())
_OF_THE_DAY = (
    ("in", "the", "morning"),
    ("in", "the", "afternoon"),
    ("in", "the", "evening"),
    ("at", "night"),
)


def decade_at(tokens: Tokens, at: int) -> Value | None:
    """A decade of a century or of a life that begins at token `at`."""
    word = tokens.words[at]
    written = tokens.matches[at]["decade"]
    years = int(re.sub(r"\D", "", written)) if written else _DECADES.get(word)
    if years is None:
        return None
    before = at - 1
    while before >= 0 and tokens.words[before] in ("-", "to"):
        before -= 1
    first, last = _PARTS_OF_TEN.get(tokens.words[before], (0, 9)) if before >= 0 else (0, 9)
    if (first, last) != (0, 9):
        before -= 1
    if years < 100 and not (
        before >= 0 and (tokens.words[before] in _OWN or tokens.words[before].endswith("'s"))
    ):
        years += 1900
    return Value(float(years + first), float(years + last), at + 1, DECADE)


def clock_at(tokens: Tokens, at: int) -> Value | None:
    """A time of the day that begins at token `at`."""
    word = tokens.words[at]
    if tokens.matches[at]["clock"]:
        hour, minute = (int(number) for number in [*re.findall(r"\d+", word), "0"][:2])
        return _time(hour, minute, at + 1) if hour < 24 else None
    if word in _NOON:
        return _time(0, 0, at + 1)
    if word == "half" and (tokens.word(at + 1) == "past" or tokens.word(at - 1) in _BEFORE_A_TIME):
        place = at + 2 if tokens.word(at + 1) == "past" else at + 1
        full = _hour(tokens, place)
        return _time(full, 30, place + 1) if full else None
    if (full := _hour(tokens, at)) and (end := _told_of_the_day(tokens, at + 1)):
        return _time(full, 0, end)
    return _minutes_from_the_hour(tokens, at)


def _minutes_from_the_hour(tokens: Tokens, at: int) -> Value | None:
    """Quarter past, twenty to, ten minutes before six."""
    minute, place = _MINUTES.get(tokens.words[at]), at + 1
    if minute is None:
        return None
    if minute == 20 and tokens.word(place) == "-" and tokens.word(place + 1) == "five":
        minute, place = 25, place + 2
    said = tokens.word(place) == "minutes"
    place += said
    link, hour = tokens.word(place), _hour(tokens, place + 1)
    if not hour or link not in ("past", "to"):
        return None
    # "five to ten people" is no time, "five to three" may be votes, and "from twenty to five" staff
    before = tokens.word(at - 1)
    sure = said or minute == 15 or (minute > 15 and before != "from")
    if link == "to" and not sure and (before not in _BEFORE_A_TIME or minute < hour):
        return None
    return _time(hour, minute if link == "past" else -minute, place + 2)


def _hour(tokens: Tokens, place: int) -> int | None:
    word = tokens.word(place)
    return int(word) if word.isdecimal() and 1 <= int(word) <= 12 else _HOURS.get(word)


def _told_of_the_day(tokens: Tokens, place: int) -> int | None:
    """The token after "o'clock", "a.m." or "in the morning" at `place`."""
    if tokens.word(place) in ("o'clock", "am", "pm"):
        return place + 1
    if tokens.word(place) in ("a", "p") and tokens.at(place + 1, ".", "m"):
        return place + 3
    return next((place + len(words) for words in _OF_THE_DAY if tokens.at(place, *words)), None)


def _time(hour: int, minute: int, end: int) -> Value:
    minutes = float((hour * 60 + minute) % HALF_DAY)
    return Value(minutes, minutes, end, CLOCK)
