"""Sentences that follow from another, contradict it, or neither: files of natural language inference, as they are published."""

import json
import random
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from index.errors import CheckError

FOLLOWS, NEITHER, CONTRADICTS = "e", "n", "c"
"""The first letters of the labels: entailment, neutral, contradiction."""

_MOST = 6
"""Sentences of a premise that are learned from together."""


@dataclass(frozen=True, slots=True)
class Premise:
    """A premise and sentences about it, each with its label's first letter."""

    text: str
    sentences: tuple[tuple[str, str], ...]


def read_inferences(paths: Sequence[Path], rng: random.Random) -> Iterator[Premise]:
    """The premises of JSON Lines files with `premise`, `hypothesis` and `label`, at most six sentences at a time.

    Lines without one of the three labels, on which their writers did not agree, are left out.

    Raises:
        CheckError: a line is no inference.
    """
    sentences: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for path in paths:
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
            try:
                row = json.loads(line)
                premise, hypothesis, label = row["premise"], row["hypothesis"], row["label"][:1]
            except (ValueError, KeyError, TypeError) as error:
                raise CheckError(
                    f"this is no inference ({error!r})",
                    where=f"{path}, line {number}",
                    fix="give premise, hypothesis and label",
                ) from error
            if label in (FOLLOWS, NEITHER, CONTRADICTS):
                sentences[premise].append((hypothesis, label))
    for premise, some in sentences.items():
        rng.shuffle(some)
        for first in range(0, len(some), _MOST):
            yield Premise(premise, tuple(some[first : first + _MOST]))
