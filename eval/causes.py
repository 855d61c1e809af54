"""Where a case went wrong: the first step of the way to its answer that failed."""

from collections.abc import Mapping, Sequence
from enum import StrEnum

from eval.cases import Case
from eval.gold import Extent, Gold
from rag.answer import Answer, Status

PASSAGES_READ = 5
"""How many passages count as found."""


class Cause(StrEnum):
    """What became of a case, the worst first."""

    GOLD = "the case itself is in error"
    ANSWERED = "answered, though the transcripts don't"
    REFUSED = "refused, though the transcripts answer"
    EPISODE = "no passage of the right episode in the first 5"
    PASSAGE = "right episode, wrong passages in the first 5"
    LINE = "right passage, but none of the first 3 quotes"
    ORDER = "right quote, but not the first"
    RIGHT = "right"


def cause_of(
    case: Case, gold: Gold | None, answer: Answer, found: Sequence[Extent], scores: Mapping[str, float]
) -> Cause:
    """The first step that failed, or that none did."""
    refused = answer.status is Status.NOT_DISCUSSED
    if not case.answerable:
        return Cause.RIGHT if refused else Cause.ANSWERED
    if gold is None:
        return Cause.GOLD
    if refused:
        return Cause.REFUSED
    if scores["quote_hit@1"]:
        return Cause.RIGHT
    if scores["quote_hit@3"]:
        return Cause.ORDER
    if scores[f"hit@{PASSAGES_READ}"]:
        return Cause.LINE
    if any(passage.episode in gold.episodes for passage in found[:PASSAGES_READ]):
        return Cause.PASSAGE
    return Cause.EPISODE
