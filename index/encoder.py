"""What an encoder is: something that makes unit vectors of texts, and says which weights it has."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

from index.passages import Passage

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class EncoderId:
    """Which weights made a library's vectors."""

    name: str
    sha256: str
    dimension: int


@dataclass(frozen=True, slots=True)
class Embedding:
    """A passage's vectors: `vector` float32[d] and `lines` float16[lines, d], of unit length."""

    vector: Floats
    lines: npt.NDArray[np.float16]


class Encoder(Protocol):
    """Something that makes unit vectors of texts."""

    @property
    def id(self) -> EncoderId:
        """Which weights it has."""

    def encode(self, texts: Sequence[str]) -> Floats:
        """Unit vectors, float32[len(texts), d]."""

    def encode_passages(self, passages: Sequence[Passage]) -> Iterator[Embedding]:
        """The vectors of passages and their lines, in order, as soon as they are there."""


def to_unit(vectors: Floats) -> Floats:
    """Vectors of length 1, float32[..., d]; of length 0 stays what is 0."""
    norms = np.linalg.norm(vectors, axis=-1, keepdims=True)
    unit: Floats = (vectors / np.maximum(norms, np.finfo(np.float64).eps)).astype(np.float32)
    return unit
