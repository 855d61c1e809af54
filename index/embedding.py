"""Texts become unit vectors: an encoder by its name, on this machine or behind a server."""

from index.base_weights import ADAPTED
from index.encoder import Encoder
from index.errors import EncoderError
from index.local_encoder import LocalEncoder
from index.served_encoder import ServedEncoder
from index.threads import limit_threads

DEFAULT = ADAPTED
"""What a new library is made with."""

_EARLIER = ("onrecord-minilm-1",)


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
        threads: for each numeric library (`index.threads`); None leaves their own choice, which suits encoding many
            passages. One is far better for serving.

    Raises:
        EncoderError: the model is not there, is damaged, or the server does not answer.
    """
    if not base_url and name in _EARLIER:
        raise EncoderError(
            f"the embedding model {name} came with an earlier onrecord",
            fix="add the transcripts to a new folder with --library NEW",
        )
    encoder = ServedEncoder(name, base_url, api_key) if base_url else LocalEncoder(name)
    if threads:
        limit_threads(threads)
    return encoder
