"""Single words become vectors without a transformer: by its table of word pieces alone.

A transformer starts from a vector for each piece of a word, and these already tell which words are near in meaning. To
look one up takes microseconds.
"""

import functools
from collections.abc import Iterable
from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]

_KEPT = 20_000
"""Words whose vectors are kept: 31 MB."""


class WordVectors:
    """The words of a model.

    Args:
        tokenizer: cuts a word into pieces.
        table: a tensor of all pieces' vectors, [pieces, d].
    """

    def __init__(self, tokenizer: Any, table: Any) -> None:
        self._tokenizer, self._table = tokenizer, table
        # The first use puts its settings right; from then on threads may share it.
        self._pieces("a")
        # Without it, all words are near: it is what they share.
        self._mean: Floats = table.float().mean(0).numpy()
        self._vector = functools.lru_cache(_KEPT)(self._looked_up)

    def of(self, words: Iterable[str]) -> dict[str, Floats]:
        """A unit vector float32[d] for each word; two that have no meaning in common have a cosine near 0."""
        return {word: self._vector(word) for word in words}

    def _looked_up(self, word: str) -> Floats:
        pieces = self._pieces(word)
        if not pieces:
            return np.zeros_like(self._mean)
        vector: Floats = self._table[pieces].float().mean(0).numpy() - self._mean
        return vector / max(float(np.linalg.norm(vector)), 1e-9)

    def _pieces(self, word: str) -> list[int]:
        pieces: list[int] = self._tokenizer(word, add_special_tokens=False)["input_ids"]
        return pieces
