"""The fitted numbers of finding: what each signal counts. `eval.tune_finding` writes them anew."""

import functools
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]

FITTED = Path(__file__).with_name("fitted.json")


@functools.cache
def _read() -> Mapping[str, Mapping[str, float]]:
    sections: Mapping[str, Mapping[str, float]] = json.loads(FITTED.read_text("utf-8"))
    return sections


def whole() -> dict[str, Any]:
    """Everything in the file."""
    return dict(_read())


def forget() -> None:
    """Read the file anew when it is next asked for."""
    _read.cache_clear()


def weights(section: str, names: Sequence[str]) -> Floats:
    """The weights that `section` of the file has for `names`, float32[len(names)]."""
    fitted = _read()[section]
    return np.array([fitted[name] for name in names], np.float32)


def value(section: str, name: str) -> float:
    """The one number that `section` of the file has under `name`."""
    return _read()[section][name]
