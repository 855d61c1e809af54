"""An adapter: small learned changes to a model's weights, kept apart from them.

Each changed layer has two thin matrices; their product is added to the layer's weights once, when the model
is loaded, so that encoding costs what it cost before (LoRA: Hu et al., "Low-Rank Adaptation of Large Language
Models", 2021).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from index.errors import EncoderError

Floats = npt.NDArray[np.float32]

_FORMAT = "onrecord-adapter/1"


@dataclass(frozen=True, slots=True)
class Delta:
    """A change to one layer: `b @ a` is added to its weights.

    Attributes:
        a: float32[rank, in].
        b: float32[out, rank]; LoRA's factor alpha / rank is in it.
    """

    a: Floats
    b: Floats


@dataclass(frozen=True, slots=True)
class Adapter:
    """Changes by the layer's name, and the SHA-256 of the weights that they were learned on.

    Attributes:
        vectors: what the model does not have at all, by name, float32.
    """

    base_sha256: str
    deltas: Mapping[str, Delta]
    vectors: Mapping[str, Floats] = field(default_factory=dict)


def read_adapter(path: Path) -> Adapter:
    """Read an adapter's file.

    Raises:
        EncoderError: the file is missing, torn or of another format.
    """
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(path, "numpy") as opened:
            metadata = opened.metadata() or {}
            if metadata.get("format") != _FORMAT:
                raise EncoderError(f"this is no adapter of format {_FORMAT}", where=path)
            tensors = {key: opened.get_tensor(key).astype(np.float32) for key in opened.keys()}  # noqa: SIM118 - no mapping
            names = {key.rpartition(".")[0] for key in tensors if key.endswith((".a", ".b"))}
            deltas = {name: Delta(tensors[f"{name}.a"], tensors[f"{name}.b"]) for name in sorted(names)}
            vectors = {key: value for key, value in tensors.items() if key.rpartition(".")[0] not in names}
    except (SafetensorError, OSError, KeyError) as error:
        raise EncoderError(
            f"this adapter cannot be read ({error})", where=path, fix="install onrecord again"
        ) from error
    return Adapter(metadata["base_sha256"], deltas, vectors)


def write_adapter(path: Path, adapter: Adapter) -> None:
    """Write an adapter in half precision."""
    from safetensors.numpy import save_file

    tensors = {name: vector.astype(np.float16) for name, vector in adapter.vectors.items()}
    for name, delta in sorted(adapter.deltas.items()):
        tensors[f"{name}.a"] = np.ascontiguousarray(delta.a.astype(np.float16))
        tensors[f"{name}.b"] = np.ascontiguousarray(delta.b.astype(np.float16))
    save_file(tensors, path, {"format": _FORMAT, "base_sha256": adapter.base_sha256})


def average(adapters: Sequence[Adapter], strength: float = 1.0) -> Adapter:
    """The mean of the adapters' changes, times `strength`.

    The mean of low-rank changes is itself the product of two matrices: theirs, laid side by side.
    """
    share = strength / len(adapters)
    return Adapter(
        adapters[0].base_sha256,
        {
            name: Delta(
                np.concatenate([adapter.deltas[name].a for adapter in adapters]),
                np.concatenate([adapter.deltas[name].b for adapter in adapters], axis=1) * np.float32(share),
            )
            for name in adapters[0].deltas
        },
    )


def merge(adapter: Adapter, transformer: Any) -> None:
    """Add an adapter's changes to the weights of a loaded `torch.nn.Module`.

    Raises:
        EncoderError: the adapter is for another model.
    """
    import torch

    layers = dict(transformer.named_modules())
    with torch.inference_mode():
        for name, delta in adapter.deltas.items():
            weight = getattr(layers.get(name), "weight", None)
            if weight is None or tuple(weight.shape) != (len(delta.b), delta.a.shape[1]):
                raise EncoderError(f"the adapter does not fit the model: it has no such layer {name}")
            weight.data += torch.from_numpy(delta.b @ delta.a)
