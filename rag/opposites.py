"""Words that mean the opposite of one another, and words that lean the same way.

`opposites.txt` has a pair of poles a line, with a bar between them: "rise grow gain | fall drop lose".
"""

import re
from functools import lru_cache
from pathlib import Path

from rag.word_forms import kin, stem


@lru_cache(maxsize=100_000)
def opposed(one: str, other: str) -> bool:
    """Whether two words are opposites: of two listed poles, or one is the other with "un-", "-less" and the like."""
    if any(other_pole in _poles(other) for other_pole in map(_across, _poles(one))):
        return not kin(one, other)
    for word, base in ((one, other), (other, one)):
        for prefix in ("un", "in", "im", "ir", "non", "dis", "il"):
            if word.startswith(prefix) and len(base) >= 4 and stem(word[len(prefix) :]) == stem(base):
                return True
    root = re.sub(r"(ful|y|s|ing|ed)$", "", one), re.sub(r"(ful|y|s|ing|ed)$", "", other)
    return len(root[0]) >= 3 and (other == root[0] + "less" or one == root[1] + "less")


@lru_cache(maxsize=100_000)
def alike(one: str, other: str) -> bool:
    """Whether two words stand at the same of two listed poles, and at no two opposite ones."""
    return bool(_poles(one) & _poles(other)) and not opposed(one, other)


def _poles(word: str) -> frozenset[int]:
    return _POLES.get(word) or _POLES.get(stem(word), frozenset())


def _across(pole: int) -> int:
    return pole ^ 1


def _read_poles() -> dict[str, frozenset[int]]:
    """For a word and its stem, the poles at which it stands; poles 2n and 2n + 1 are opposite."""
    found: dict[str, frozenset[int]] = {}
    lines = Path(__file__).with_name("opposites.txt").read_text("utf-8").splitlines()
    for number, line in enumerate(lines):
        for side, words in enumerate(line.split(" | ")):
            for word in words.split():
                for form in {word, stem(word)}:
                    found[form] = found.get(form, frozenset()) | {2 * number + side}
    return found


_POLES = _read_poles()
