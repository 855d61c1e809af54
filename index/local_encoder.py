"""Texts become unit vectors by a sentence-transformers model on this machine.

A passage and its lines are encoded in one pass: a line's vector is the mean of the states of its own
tokens, so that lines are compared with a question in the light of what stands around them.
"""

import hashlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from index.adapters import merge, read_adapter
from index.base_weights import ADAPTED, EMBEDDED, base_model, computes_bfloat16
from index.encoder import Embedding, EncoderId, Floats, to_unit
from index.errors import EncoderError
from index.passages import Passage

_ADAPTER = Path(__file__).with_name(f"{ADAPTED}.safetensors")
_ADAPTER_SHA256 = "eac3f46682c0e1d313e3b67998cf5f362b50b866ee270a241c831eefbaf7155e"
_BATCH = 16


class LocalEncoder:
    """A sentence-transformers model on this machine."""

    def __init__(self, name: str) -> None:
        self._model, sha256 = base_model(EMBEDDED if name == ADAPTED else name)
        if name == ADAPTED:
            sha256 = _adapt(self._model, sha256)
        if computes_bfloat16():
            self._model[0].auto_model.bfloat16()
            self._model[0].register_forward_hook(_widen)
        self.id = EncoderId(name, sha256, int(self._model.get_embedding_dimension()))

    def encode(self, texts: Sequence[str]) -> Floats:
        """Unit vectors, float32[len(texts), d]."""
        vectors: Floats = self._model.encode(
            list(texts),
            batch_size=_BATCH,
            normalize_embeddings=True,
            convert_to_numpy=True,
            show_progress_bar=False,
        )
        return vectors.astype(np.float32, copy=False)

    def encode_passages(self, passages: Sequence[Passage]) -> Iterator[Embedding]:
        """The vectors of passages and their lines, in order."""
        by_length = sorted(range(len(passages)), key=lambda i: len(passages[i].text))
        done: dict[int, Embedding] = {}
        for start in range(0, len(by_length), _BATCH):
            batch = by_length[start : start + _BATCH]
            done.update(zip(batch, self._encode_batch([passages[i] for i in batch]), strict=True))
        yield from (done[i] for i in range(len(passages)))

    def _encode_batch(self, passages: Sequence[Passage]) -> list[Embedding]:
        import torch

        texts = [passage.text for passage in passages]
        with torch.inference_mode():
            states = self._model.forward(self._model.preprocess(texts))
        vectors = to_unit(states["sentence_embedding"].numpy())
        tokens = states["token_embeddings"].numpy()
        offsets = self._model.tokenizer(
            texts, truncation=True, max_length=self._model.max_seq_length, return_offsets_mapping=True
        )["offset_mapping"]
        return [
            Embedding(vector, self._line_vectors(passage, np.array(places), states_of))
            for passage, vector, places, states_of in zip(passages, vectors, offsets, tokens, strict=True)
        ]

    def _line_vectors(
        self, passage: Passage, places: npt.NDArray[np.int64], tokens: Floats
    ) -> npt.NDArray[np.float16]:
        """float16[lines, d]: each line's mean token state; a line past the model's reach is encoded alone."""
        sums = np.zeros((len(passage.spans), tokens.shape[1]), np.float32)
        for i, (start, end) in enumerate(passage.spans):
            inside = (places[:, 0] >= start) & (places[:, 1] <= end) & (places[:, 1] > places[:, 0])
            sums[i] = tokens[: len(places)][inside].sum(axis=0)
        unreached = [i for i, row in enumerate(sums) if not row.any()]
        if unreached:
            sums[unreached] = self.encode([passage.text[slice(*passage.spans[i])] for i in unreached])
        return to_unit(sums).astype(np.float16)


def _adapt(model: Any, base_sha256: str) -> str:
    """Merge the adapter into its base's weights; the SHA-256 of the two hashes names the result."""
    adapter = read_adapter(_ADAPTER)
    sha256 = hashlib.sha256(_ADAPTER.read_bytes()).hexdigest()
    if sha256 != _ADAPTER_SHA256 or adapter.base_sha256 != base_sha256:
        raise EncoderError(f"the adapter {ADAPTED} is damaged", where=_ADAPTER, fix="install onrecord again")
    merge(adapter, model[0].auto_model)
    return hashlib.sha256(f"{base_sha256} {sha256}".encode()).hexdigest()


def _widen(_module: Any, _given: Any, states: dict[str, Any]) -> dict[str, Any]:
    """Means over tokens are taken in float32."""
    return states | {"token_embeddings": states["token_embeddings"].float()}
