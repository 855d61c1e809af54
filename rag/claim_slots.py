"""One thing in another's place: a claim that repeats its quote but for a word ("the login page", "two oxen")."""

from collections.abc import Mapping, Sequence
from difflib import SequenceMatcher
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from rag.opposites import opposed
from rag.word_forms import is_content, kin, role_word, words_of

Vectors = Mapping[str, npt.NDArray[np.float32]]

_MOST_WORDS = 80
"""Words of a text that are aligned, so that a text made to be slow is not."""


class Exchange(NamedTuple):
    """How surely, from 0 to 1, `word` of a claim stands where its quote has another; or 0 and ""."""

    sure: float
    word: str


def exchanged(claim: str, quotes: Sequence[str], names: frozenset[str], vectors: Vectors) -> Exchange:
    """The word of `claim` that most surely stands where the quotes have another.

    The two are aligned word by word. A word is exchanged where it alone differs between words that are the
    same; the more of the claim is the same, and the less the two words mean the same, the surer.
    """
    return max((_exchanged(claim, quote, names, vectors) for quote in quotes), default=Exchange(0.0, ""))


def _exchanged(claim: str, quote: str, names: frozenset[str], vectors: Vectors) -> Exchange:
    ours, theirs = words_of(claim)[:_MOST_WORDS], words_of(quote)[:_MOST_WORDS]
    a, b = ([role_word(word, names) for word in words] for words in (ours, theirs))
    codes = SequenceMatcher(None, a, b, autojunk=False).get_opcodes()
    content = [is_content(word) and word not in names for word in ours]
    same = sum(sum(content[i:j]) for kind, i, j, _, _ in codes if kind == "equal")
    surest = Exchange(0.0, "")
    for place, (kind, i, j, k, m) in enumerate(codes):
        flanked = place > 0 and codes[place - 1][0] == "equal"
        if kind != "replace" or not flanked or j - i > 2 or m - k > 2:
            continue
        new = [
            word for word, counts in zip(ours[i:j], content[i:j], strict=True) if counts and word in vectors
        ]
        old = [word for word in theirs[k:m] if is_content(word) and word in vectors]
        if len(new) != 1 or not old or any(kin(new[0], word) or opposed(new[0], word) for word in theirs):
            continue
        near = max(float(vectors[new[0]] @ vectors[word]) for word in old)
        surest = max(surest, Exchange(same / max(1, sum(content)) * min(1.0, 1.4 * (1 - near)), new[0]))
    return surest
