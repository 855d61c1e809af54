"""Two texts are read together, and one number tells how well they go together.

A cross-encoder: the embedded model's weights with an adapter of their own, a mark on the second text's tokens, and
a linear head on the first token's state. Two readers come with onrecord. One tells whether a sentence follows from
a quote (`eval.train_carries`, docs/claim-check.md), the other whether a quote answers a question
(`eval.train_answers`, docs/finding.md).
"""

import copy
import functools
import hashlib
import math
import os
import threading
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

from index.adapters import Adapter, merge, read_adapter
from index.base_weights import EMBEDDED, base_model, computes_bfloat16
from index.errors import EncoderError
from index.packed import first_states
from index.word_vectors import WordVectors

Floats = npt.NDArray[np.float32]

CARRIES = "onrecord-carries-5"
"""Reads a sentence and the quotes that are to carry it."""
ANSWERS = "onrecord-answers-3"
"""Reads a question and a quote with what was said before it."""

HEAD, SECOND = "head", "second"
"""Vectors of its file: the head's weights and then its bias, float32[d + 1], and the mark, float32[d]."""

CAPACITY = 192
"""Tokens of both texts together; the longer one is cut."""

_SHA256 = {
    CARRIES: "ad83fea4aeb5e551fdb97514734229befa7aa22a697668de20ccdfab3608f335",
    ANSWERS: "97b10ead8fa9242fb30fb3920e911c9f4087af2f567c16032fbf17f088f1b6a1",
}
_FOLDER = Path(__file__).parent
_BATCH = 16
_MOST_READERS = 4
_CUT = {"truncation": "longest_first", "max_length": CAPACITY}

_T = TypeVar("_T")
_R = TypeVar("_R")


class PairReader:
    """A transformer with its head, ready to read."""

    def __init__(self, model: Any, adapter: Adapter) -> None:
        import torch

        self._tokenizer, self._transformer = model.tokenizer, model[0].auto_model.eval()
        # What one thread sets a tokenizer to, another's texts would be cut by, or not at all.
        self._tokenizing = threading.Lock()
        merge(adapter, self._transformer)
        kinds = self._transformer.embeddings.token_type_embeddings.weight.data
        kinds[1] = kinds[0] + torch.from_numpy(adapter.vectors[SECOND])
        if computes_bfloat16():
            self._transformer.bfloat16()
        self._head, self._bias = adapter.vectors[HEAD][:-1], float(adapter.vectors[HEAD][-1])
        self.words = WordVectors(
            copy.deepcopy(self._tokenizer), self._transformer.embeddings.word_embeddings.weight.detach()
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
        """How well the two texts of each pair go together, float32[len(pairs)]; more is better.

        Several pairs are read side by side where torch leaves processors free.
        """
        found = np.empty(len(pairs), np.float32)
        if not pairs:
            return found
        with self._tokenizing:
            tokens = self._tokenizer(*map(list, zip(*pairs, strict=True)), **_CUT)
        rows = list(zip(tokens["input_ids"], tokens["token_type_ids"], strict=True))
        count = min(len(rows), max(_readers(), math.ceil(len(rows) / _BATCH)))
        batches = _even([len(ids) for ids, _ in rows], count)
        given = [[rows[place] for place in batch] for batch in batches]
        for batch, logits in zip(batches, _side_by_side(self._read, given), strict=True):
            found[batch] = logits
        return found

    def _read(self, rows: Sequence[tuple[list[int], list[int]]]) -> Floats:
        """The logits of rows of token ids and their kinds."""
        import torch

        with torch.inference_mode():
            states = first_states(self._transformer, [ids for ids, _ in rows], [kinds for _, kinds in rows])
        logits: Floats = (states.float().numpy() @ self._head + self._bias).astype(np.float32)
        return logits


def tokens_of(tokenizer: Any, pairs: Sequence[tuple[str, str]]) -> Any:
    """Both texts of each pair as one row of token ids, padded, with their kinds: 0 for the first, 1 for the second."""
    return tokenizer(
        [first for first, _ in pairs],
        [second for _, second in pairs],
        padding=True,
        return_tensors="pt",
        **_CUT,
    )


def _even(lengths: Sequence[int], count: int) -> list[list[int]]:
    """The places of rows of these lengths in `count` batches that are about equally long together."""
    batches: list[list[int]] = [[] for _ in range(count)]
    loads = [0] * count
    for place in sorted(range(len(lengths)), key=lambda place: -lengths[place]):
        lightest = loads.index(min(loads))
        batches[lightest].append(place)
        loads[lightest] += lengths[place]
    return batches


def _readers() -> int:
    """How many batches can be read at once without two threads on one processor."""
    import torch

    free = (os.cpu_count() or 1) // int(torch.get_num_threads())
    return max(1, min(_MOST_READERS, free))


def _side_by_side(read: Callable[[_T], _R], batches: Sequence[_T]) -> Iterable[_R]:
    """What `read` makes of each batch; the threads are kept."""
    if len(batches) < 2 or _readers() < 2:
        return map(read, batches)
    return _threads().map(read, batches)


@functools.cache
def _threads() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(_readers(), "reading")


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
