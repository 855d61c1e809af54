"""A turn's text becomes lines: sentences that can be cited."""

import re
from collections.abc import Iterator

from index.transcript import Line, Turn

LONGEST_LINE = 60
"""Words after which a line without a full stop is cut, as in captions made by a machine."""

_ABBREVIATIONS = frozenset(
    "mr mrs ms dr prof st sr jr vs etc e.g i.e cf fig no vol approx inc ltd co corp gen rep sen gov "
    "hon rev capt col lt sgt u.s u.k u.n a.m p.m ph.d b.a m.a d.c".split()
)
_SENTENCE_END = re.compile(
    r"(?P<stop>[.!?…]+)[\"'”’»)\]]*(?=\s+[\"'“‘«(\[¿¡]*[^\W_a-zß-öø-ÿ])|[。！？]+[」』”]*|\n\s*\n"
)
_LAST_WORD = re.compile(r"[^\s\"'“‘(\[]+$")
_SOFT_BREAK = re.compile(r"(?<=[,;:–—])\s+|\s+(?=(?:and|but|so|because|or|which|und|aber|et|mais|y|pero)\b)")


def lines_of(turn: Turn, index: int) -> tuple[Line, ...]:
    """Cut turn number `index` of an episode into lines.

    The lines are in order, do not overlap, hold every character that is not white space, and
    neither begin nor end with white space.
    """
    return tuple(
        Line(index, start, end)
        for sentence in _sentences(turn.text)
        for start, end in _bounded(turn, *sentence)
    )


def _sentences(text: str) -> Iterator[tuple[int, int]]:
    start = 0
    for match in _SENTENCE_END.finditer(text):
        if match["stop"] == "." and _is_abbreviation(text[start : match.start()]):
            continue
        yield from _trimmed(text, start, match.end())
        start = match.end()
    yield from _trimmed(text, start, len(text))


def _is_abbreviation(before: str) -> bool:
    word = _LAST_WORD.search(before)
    if not word:
        return False
    return word[0].lower() in _ABBREVIATIONS or (len(word[0]) == 1 and word[0].isupper() and word[0] != "I")


def _bounded(turn: Turn, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Cut a sentence that runs on for too long, best at a caption's edge, else at a clause's."""
    words = [match.start() + start for match in re.finditer(r"\S+", turn.text[start:end])]
    if len(words) <= LONGEST_LINE:
        yield start, end
        return
    low, high = words[LONGEST_LINE // 3], words[LONGEST_LINE // 2]
    edges = [offset for offset, _ in turn.marks if low <= offset <= high]
    clauses = [match.end() for match in _SOFT_BREAK.finditer(turn.text, low, high)]
    cut = max(edges or clauses or [high])
    yield from _trimmed(turn.text, start, cut)
    for piece in _trimmed(turn.text, cut, end):
        yield from _bounded(turn, *piece)


def _trimmed(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    if start < end:
        yield start, end
