"""Sentences that follow from another, contradict it, or neither: files of natural language inference, as they are published."""

import random
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from eval.json_lines import read_lines

FOLLOWS, NEITHER, CONTRADICTS = "e", "n", "c"
"""The first letters of the labels: entailment, neutral, contradiction."""

_MOST = 6
"""Sentences of a premise that are learned from together."""


@dataclass(frozen=True, slots=True)
class Premise:
    """A premise and sentences about it, each with its label's first letter."""

    text: str
    sentences: tuple[tuple[str, str], ...]


def read_inferences(paths: Iterable[Path], rng: random.Random) -> Iterator[Premise]:
    """The premises of JSON Lines files with `premise`, `hypothesis` and `label`, at most six sentences at a time.

    Lines without one of the three labels, on which their writers did not agree, are left out.

    Raises:
        CheckError: a line is no inference.
    """
    sentences: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for path in paths:
        for premise, sentence, label in read_lines(
            path, _inference, kind="inference", fix="give premise, hypothesis and label"
        ):
            if label in (FOLLOWS, NEITHER, CONTRADICTS):
                sentences[premise].append((sentence, label))
    for premise, some in sentences.items():
        rng.shuffle(some)
        for first in range(0, len(some), _MOST):
            yield Premise(premise, tuple(some[first : first + _MOST]))


def _inference(row: Mapping[str, str]) -> tuple[str, str, str]:
    return row["premise"], row["hypothesis"], row["label"][:1]
