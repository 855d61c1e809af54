"""Does a sentence follow from a quote? Asked of a cross-encoder for natural language inference, where one is named."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from index.errors import EncoderError


class CrossEncoderEntailment:
    """A sentence-transformers `CrossEncoder` whose labels include entailment; it is loaded when first asked.

    Args:
        name: its hub name or folder.
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self._loaded: tuple[Any, int] | None = None

    def entailed(self, pairs: Sequence[tuple[str, str]]) -> list[float]:
        """For each (premise, hypothesis), the probability from 0 to 1 that the second follows.

        Raises:
            EncoderError: the model is not there, or has no label for entailment.
        """
        self._loaded = self._loaded or _load(self._name)
        model, label = self._loaded
        logits = model.predict(
            list(pairs), activation_fn=_same, convert_to_numpy=True, show_progress_bar=False
        )
        return [float(row[label]) for row in _probabilities(np.asarray(logits, np.float64))]


def _load(name: str) -> tuple[Any, int]:
    """The model, and which of its outputs stands for entailment."""
    from sentence_transformers import CrossEncoder

    try:
        model = CrossEncoder(name, device="cpu")
    except Exception as error:  # whatever the library raises, the model cannot be used
        raise EncoderError(
            f"there is no usable entailment model called {name!r} ({type(error).__name__})",
            where="nli",
            fix="name a sentence-transformers CrossEncoder or its folder in the setting nli, or leave that empty",
        ) from error
    return model, entailment_label(name, dict(model.config.id2label))


def entailment_label(name: str, labels: dict[int, str]) -> int:
    """The place of the label that says "entailment"; models differ in the order.

    Raises:
        EncoderError: no label says so, or it is the only one.
    """
    found = [place for place, label in labels.items() if label.casefold().startswith("entail")]
    if len(found) != 1 or len(labels) < 2:
        raise EncoderError(
            f"the labels of {name!r} ({', '.join(labels.values())}) do not tell which one is entailment",
            where="nli",
            fix="use a model whose config.json names its labels, as entailment, neutral, contradiction",
        )
    return int(found[0])


def _same(logits: Any) -> Any:
    return logits


def _probabilities(logits: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    raised = np.exp(logits - logits.max(axis=1, keepdims=True))
    shares: npt.NDArray[np.float64] = raised / raised.sum(axis=1, keepdims=True)
    return shares
