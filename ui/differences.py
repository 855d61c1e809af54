"""Quoted words beside the words that were said: which of them differ."""

from collections.abc import Sequence
from difflib import SequenceMatcher
from itertools import groupby
from typing import NamedTuple

from index.words import words_of


class Piece(NamedTuple):
    """A stretch of a text, and whether the other text lacks it."""

    text: str
    differs: bool


def differences(quoted: str, said: str) -> tuple[list[Piece], list[Piece]]:
    """Both texts cut where they begin or cease to differ, word by word; joined, the pieces are the texts."""
    mine, theirs = _places(quoted), _places(said)
    matcher = SequenceMatcher(None, [norm for norm, _ in mine], [norm for norm, _ in theirs], autojunk=False)
    left: list[tuple[int, bool]] = []
    right: list[tuple[int, bool]] = []
    for tag, i, j, k, m in matcher.get_opcodes():
        left += [(start, tag != "equal") for _, start in mine[i:j]]
        right += [(start, tag != "equal") for _, start in theirs[k:m]]
    return _cut(quoted, left), _cut(said, right)


def _places(text: str) -> list[tuple[str, int]]:
    """Each written word's norm, and where it begins."""
    words = groupby(words_of(text), key=lambda word: word.start)
    return [(" ".join(word.norm for word in together), start) for start, together in words]


def _cut(text: str, words: Sequence[tuple[int, bool]]) -> list[Piece]:
    pieces: list[Piece] = []
    begins = [0, *(start for start, _ in words[1:]), len(text)]
    for differs, group in groupby(range(len(words)), key=lambda n: words[n][1]):
        numbers = list(group)
        pieces.append(Piece(text[begins[numbers[0]] : begins[numbers[-1] + 1]], differs))
    return pieces or [Piece(text, bool(text))]
