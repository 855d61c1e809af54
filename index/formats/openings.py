"""How a line of a transcript begins: with a name, a time, both, or neither.

Jane Roe: words          [00:12] Jane Roe: words       00:12 words
Jane Roe (00:12): words  00:12 | Jane Roe              [Jane Roe] words
Jane Roe  0:12           Speaker 1 | 00:12             (00:00:32):
"""

import re
from collections.abc import Container, Iterator
from dataclasses import dataclass

from index.formats.clock import TIME, seconds

_LONGEST = 240
"""Characters in which a line's name and time must lie."""

_RANGE = rf"(?:\s*(?:-+>?|–|—|to|,)\s*(?P<end>{TIME}))?"
_T = rf"(?P<open>[\[({{<])?\s*(?P<time>{TIME}){_RANGE}(?(open)\s*[\])}}>])"
_SEPARATOR = r"\s*[|·•,–—-]?\s*"
_LABEL = r"(?P<label>[^\s:：|\[{<>*#](?:[^:：\n|\[\]{}<>]|\[[^\]\n]{1,40}\](?=\s?:)){0,139}?)"
_COLON = r"\s?(?::(?=\s|$|(?!//)[^\s\d:)]|(?<=\D:)\d)|：)\s*"
"""A page pasted from some sites has no space behind it; `12:30` and `http://` have none that counts."""

_TIME_ALONE = re.compile(rf"^{_T}\s*[:|–—-]*$")
_TIME_LABEL_COLON = re.compile(rf"^{_T}\s*[|:·,;–—-]?\s*{_LABEL}{_COLON}(?P<words>.*)$", re.DOTALL)
_TIME_BRACKET_LABEL = re.compile(
    rf"^{_T}\s*\[(?P<label>[^\]\[\n]{{1,80}})\]\s*:?\s*(?P<words>.*)$", re.DOTALL
)
_BRACKET_LABEL_TIME = re.compile(
    rf"^\[(?P<label>[^\]\[\n]{{1,80}})\]\s*{_T}\s*:?\s*(?P<words>.*)$", re.DOTALL
)
_LABEL_TIME = re.compile(
    rf"^{_LABEL}\s?(?P<early>[:：]?){_SEPARATOR}{_T}\s*(?P<late>[:：]?)\s*(?P<words>.*)$", re.DOTALL
)
_LABEL_COLON = re.compile(rf"^{_LABEL}{_COLON}(?P<words>.*)$", re.DOTALL)
_BRACKET_LABEL = re.compile(r"^[\[(](?P<label>[^\]\[()\n]{1,80}?)\s?:?[\])]\s*:?\s*(?P<words>.*)$", re.DOTALL)
_QUESTION_OR_ANSWER = re.compile(r"^(?P<label>[QA])\.\s+(?P<words>\S.*)$", re.DOTALL)
_TIME_WORDS = re.compile(rf"^{_T}(?P<gap>\s*[|:·–—-]?\s*)(?P<words>\S.*)$", re.DOTALL)
_MARKER = re.compile(r"^(?:>>+\s*|[-–—•*]\s+)(?=\S)")


@dataclass(frozen=True, slots=True)
class Opening:
    """What a line begins with, and the words after it.

    Attributes:
        label: what may name a speaker.
        start: a time in seconds, and `end` where a range is given.
        sure: whether a label has more to it than a colon.
        bracketed: whether a time or a label stands in brackets.
        certain: whether name and time are written as only a transcript writes them.
        header: whether nothing else stands on the line.
    """

    words: str
    label: str | None = None
    start: float | None = None
    end: float | None = None
    sure: bool = False
    bracketed: bool = False
    certain: bool = False

    @property
    def header(self) -> bool:
        return not self.words


def labels_of(line: str) -> Iterator[Opening]:
    """The ways in which a line may begin with somebody's name, the likeliest first."""
    line = _MARKER.sub("", line[:_LONGEST]) + line[_LONGEST:]
    for pattern in (_TIME_BRACKET_LABEL, _BRACKET_LABEL_TIME):
        if match := pattern.match(line):
            yield from _opening(match, sure=True, certain=True)
    if (match := _LABEL_TIME.match(line)) and (
        match["open"] or match["early"] or match["late"] or not match["words"]
    ):
        yield from _opening(match, sure=True, certain=bool(match["open"] and match["late"]))
    if match := _TIME_LABEL_COLON.match(line):
        yield from _opening(match, sure=True)
    if match := _LABEL_COLON.match(line):
        yield from _opening(match, sure=False)
    if match := _QUESTION_OR_ANSWER.match(line):
        yield from _opening(match, sure=False)
    if (match := _BRACKET_LABEL.match(line)) and match["words"]:
        yield Opening(match["words"].strip(), match["label"].strip(), bracketed=True)


def time_of(line: str) -> Opening | None:
    """The time with which a line begins and nobody's name, or None."""
    match = _TIME_ALONE.match(line) or _TIME_WORDS.match(line)
    if not match or seconds(match["time"]) is None:
        return None
    words = match.groupdict().get("words") or ""
    if words and not match["open"] and not match["gap"]:
        return None
    return Opening(words, None, *_times(match), bracketed=bool(match["open"]))


def opening_of(line: str, speakers: Container[str]) -> Opening | None:
    """How a line begins, given who the speakers are; None where it merely goes on."""
    for opening in labels_of(line):
        if opening.label in speakers:
            return opening
    return time_of(line)


def _opening(match: re.Match[str], *, sure: bool, certain: bool = False) -> Iterator[Opening]:
    groups = match.groupdict()
    if "time" in groups and seconds(groups["time"]) is None:
        return
    label = groups["label"].strip().rstrip(",–—-| ").strip()
    start, end = _times(match) if "time" in groups else (None, None)
    yield Opening(groups["words"].strip(), label, start, end, sure, bool(groups.get("open")), certain)


def _times(match: re.Match[str]) -> tuple[float | None, float | None]:
    end = match["end"]
    return seconds(match["time"]), seconds(end) if end else None
