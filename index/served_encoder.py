"""Texts become unit vectors by a model behind an OpenAI-compatible embeddings server."""

import hashlib
from collections.abc import Iterator, Sequence

import numpy as np

from index.encoder import Embedding, EncoderId, Floats, to_unit
from index.errors import EncoderError
from index.passages import Passage

_BATCH = 64


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
            for start in range(0, len(texts), _BATCH):
                answer = self._client.embeddings.create(
                    model=self._name,
                    input=list(texts[start : start + _BATCH]),
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
        return to_unit(vectors)

    def encode_passages(self, passages: Sequence[Passage]) -> Iterator[Embedding]:
        """The vectors of passages and their lines, in order; lines are sent as texts of their own."""
        for passage in passages:
            texts = [passage.text, *(passage.text[start:end] for start, end in passage.spans)]
            vectors = self.encode(texts)
            yield Embedding(vectors[0], vectors[1:].astype(np.float16))
