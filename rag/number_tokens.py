"""A text's words, numbers and marks, as numbers are read from them."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

_TOKEN = re.compile(
    r"(?P<clock>(?<![\w.:])\d{1,2}:[0-5]\d(?![\d:])(?:\s?[ap]\.?m\b)?|(?<![\w.:])\d{1,2}\s?[ap]\.?m\b)"
    r"|(?P<decade>(?<![\w.])['’]?(?:(?:1\d|20)\d0|[2-9]0)['’]?s\b)"
    r"|(?P<money>[$£€])?(?<![\w.])(?P<digits>\d[\d,]*(?:\.\d+)?)(?:st|nd|rd|th)?(?![\d.]*\d)"
    r"(?P<scale>k|m|bn|x|ms|kb|mb|gb|tb|km)?(?![a-z])(?P<percent>\s?%)?|[^\W\d_]+(?:['’][^\W\d_]+)*|[$£€%]|[-–—,.]",
    re.IGNORECASE,
)


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
        """The word at `place`, or "" before the first and behind the last."""
        return self.words[place] if 0 <= place < len(self.words) else ""


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
