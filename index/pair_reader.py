"""Two texts are read together, and one number tells how well they go together.

A cross-encoder: the embedded model's weights with an adapter of their own, a mark on the second text's tokens, and
a linear head on the first token's state. Two readers come with onrecord. One tells whether a sentence follows from
a quote (`eval.train_carries`, docs/claim-check.md), the other whether a quote answers a question
(`eval.train_answers`, docs/finding.md).
"""

import functools
import hashlib
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from index.adapters import Adapter, merge, read_adapter
from index.base_weights import EMBEDDED, base_model, computes_bfloat16
from index.errors import EncoderError
from index.word_vectors import WordVectors

Floats = npt.NDArray[np.float32]

CARRIES = "onrecord-carries-5"
"""Reads a sentence and the quotes that are to carry it."""
ANSWERS = "onrecord-answers-2"
"""Reads a question and a quote with what was said before it."""

HEAD, SECOND = "head", "second"
"""Vectors of its file: the head's weights and then its bias, float32[d + 1], and the mark, float32[d]."""

CAPACITY = 192
"""Tokens of both texts together; the longer one is cut."""

_SHA256 = {
    CARRIES: "ad83fea4aeb5e551fdb97514734229befa7aa22a697668de20ccdfab3608f335",
    ANSWERS: "95152882cee98052655bc011b73edacbb3698026673383dd69fffd253a62f387",
}
_FOLDER = Path(__file__).parent
_BATCH = 16


class PairReader:
    """A transformer with its head, ready to read."""

    def __init__(self, model: Any, adapter: Adapter) -> None:
        import torch

        self._tokenizer, self._transformer = model.tokenizer, model[0].auto_model.eval()
        merge(adapter, self._transformer)
        kinds = self._transformer.embeddings.token_type_embeddings.weight.data
        kinds[1] = kinds[0] + torch.from_numpy(adapter.vectors[SECOND])
        if computes_bfloat16():
            self._transformer.bfloat16()
        self._head, self._bias = adapter.vectors[HEAD][:-1], float(adapter.vectors[HEAD][-1])
        self.words = WordVectors(
            self._tokenizer, self._transformer.embeddings.word_embeddings.weight.detach()
        )

    @classmethod
    def of(cls, adapter: Adapter) -> "PairReader":
        """A reader with the embedded weights.

        Raises:
            EncoderError: the adapter is for others.
        """
        model, sha256 = base_model(EMBEDDED)
        if adapter.base_sha256 != sha256:
            raise EncoderError("this reader was made with other weights than those installed")
        return cls(model, adapter)

    def logits(self, pairs: Sequence[tuple[str, str]]) -> Floats:
        """How well the two texts of each pair go together, float32[len(pairs)]; more is better."""
        found = np.empty(len(pairs), np.float32)
        by_length = sorted(range(len(pairs)), key=lambda i: sum(map(len, pairs[i])))
        for start in range(0, len(by_length), _BATCH):
            batch = by_length[start : start + _BATCH]
            found[batch] = self._read([pairs[i] for i in batch])
        return found

    def _read(self, pairs: Sequence[tuple[str, str]]) -> Floats:
        import torch

        with torch.inference_mode():
            states = (
                self._transformer(**tokens_of(self._tokenizer, pairs)).last_hidden_state[:, 0].float().numpy()
            )
        logits: Floats = (states @ self._head + self._bias).astype(np.float32)
        return logits


def tokens_of(tokenizer: Any, pairs: Sequence[tuple[str, str]]) -> Any:
    """Both texts of each pair as one row of token ids, padded, with their kinds: 0 for the first, 1 for the second."""
    return tokenizer(
        [first for first, _ in pairs],
        [second for _, second in pairs],
        padding=True,
        truncation="longest_first",
        max_length=CAPACITY,
        return_tensors="pt",
    )


def embedded_reader(name: str) -> PairReader:
    """The reader called `name` that comes with onrecord, loaded once in a process.

    Raises:
        EncoderError: its file or the embedded weights are damaged.
    """
    with _LOADING:
        return _embedded(name)


_LOADING = threading.Lock()


@functools.cache
def _embedded(name: str) -> PairReader:
    file = _FOLDER / f"{name}.safetensors"
    try:
        sha256 = hashlib.sha256(file.read_bytes()).hexdigest()
    except OSError:
        sha256 = ""
    if sha256 != _SHA256[name]:
        raise EncoderError(f"the reader {name} is damaged", where=file, fix="install onrecord again")
    return PairReader.of(read_adapter(file))
