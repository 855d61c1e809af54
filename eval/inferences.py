"""Sentences that follow from another, contradict it, or neither: files of natural language inference, as they are published."""

import random
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from eval.claim_sets import Example
from eval.json_lines import read_lines
from rag.claim_measures import read_together

FOLLOWS, NEITHER, CONTRADICTS = "e", "n", "c"
"""The first letters of the labels: entailment, neutral, contradiction."""

_MOST = 6
"""Sentences of a premise that are learned from together."""


@dataclass(frozen=True, slots=True)
class Premise:
    """A premise and sentences about it, each with its label's first letter."""

    text: str
    sentences: tuple[tuple[str, str], ...]


def premises_of(labelled: Iterable[tuple[str, str, str]], rng: random.Random) -> Iterator[Premise]:
    """The premises of (premise, sentence, label), each with at most six sentences at a time."""
    sentences: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for premise, sentence, label in labelled:
        sentences[premise].append((sentence, label))
    for premise, some in sentences.items():
        rng.shuffle(some)
        for first in range(0, len(some), _MOST):
            yield Premise(premise, tuple(some[first : first + _MOST]))


def read_inferences(paths: Iterable[Path]) -> Iterator[tuple[str, str, str]]:
    """The (premise, sentence, label) of JSON Lines files with `premise`, `hypothesis` and `label`.

    Lines without one of the three labels, on which their writers did not agree, are left out.

    Raises:
        CheckError: a line is no inference.
    """
    for path in paths:
        for premise, sentence, label in read_lines(
            path, _inference, kind="inference", fix="give premise, hypothesis and label"
        ):
            if label in (FOLLOWS, NEITHER, CONTRADICTS):
                yield premise, sentence, label


def _inference(row: Mapping[str, str]) -> tuple[str, str, str]:
    return row["premise"], row["hypothesis"], row["label"][:1]


def written_inferences(examples: Iterable[Example]) -> Iterator[tuple[str, str, str]]:
    """The (premise, sentence, label) of written examples: a quote after its speaker's name, and a sentence about it."""
    for example in examples:
        denies = CONTRADICTS if example.kind == "negation" else NEITHER
        yield read_together(example.quotes), example.claim, FOLLOWS if example.supported else denies
