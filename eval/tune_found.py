"""What the weights as they stand find for the cases of a set: passages, quotes, and what the reader makes of them."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from eval.tune_sets import Bench, Searched
from rag.confidence import EVIDENCE, evidence
from rag.ordering import readings_of
from rag.picking import Picked, pick
from rag.retrieval import Ranked, best_of

Floats = npt.NDArray[np.float32]
Bools = npt.NDArray[np.bool_]

_RANKED = 20


@dataclass(frozen=True, slots=True)
class Found:
    """A case and what was found for it.

    Attributes:
        picked: the quotes, not put in order yet.
        readings: of each quote, float32[picked].
        right: which quotes share anything with a gold quote, bool[picked].
    """

    searched: Searched
    ranked: list[Ranked]
    picked: list[Picked]
    readings: Floats
    right: Bools


def found_of(bench: Bench) -> list[Found]:
    """What is found and picked for each case of a set."""
    return [_found(each) for each in bench.searched]


def _found(each: Searched) -> Found:
    question = each.case.question
    ranked = best_of(each.found, k=_RANKED)
    picked = pick(each.library, ranked, question, each.vector, each.weights)
    quotes = [one.quote for one in picked]
    right = [each.case.hits(quote.episode.id, quote.turn, quote.start, quote.end) for quote in quotes]
    return Found(each, ranked, picked, readings_of(question, picked), np.array(right, np.bool_))


def evidence_of(rows: Sequence[Found]) -> tuple[Floats, Bools, npt.NDArray[np.int64]]:
    """What speaks for an answer, float32[cases, evidence]; whether there is one; the questions' words."""
    rows = [row for row in rows if row.picked]
    cases = [row.searched.case for row in rows]
    found = [
        evidence(
            row.searched.library,
            row.searched.case.question,
            row.ranked,
            row.picked,
            row.readings,
            row.searched.weights,
        )
        for row in rows
    ]
    return (
        np.array(found, np.float32).reshape(-1, len(EVIDENCE)),
        np.array([case.answerable for case in cases], np.bool_),
        np.array([len(case.question.split()) for case in cases], np.int64),
    )
