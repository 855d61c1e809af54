"""What one case's passages, quotes and prose score. Pure functions of places and texts.

A score that a case cannot have is left out of its scores, and the case out of that metric's mean.
"""

import re
import string
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import ir_measures
from ir_measures import RR, nDCG

from eval.gold import Extent, Gold
from index.library import Library

KS = (1, 3, 5, 10, 20)
"""How many passages `hit@k` and `coverage@k` look at."""
WORDS_RETURNED = 1000
"""How many words `hit@1000w` looks at."""

METRICS: Mapping[str, str] = {
    **{f"hit@{k}": f"a right passage in the first {k}" for k in KS},
    **{f"coverage@{k}": f"groups found in the first {k}" for k in KS},
    "nDCG@10": "how high the right passages stand",
    "RR@10": "1 / rank of the first right passage",
    "hit@1000w": "a right passage in the first 1,000 words",
    "quote_precision": "shown quotes that overlap gold",
    "quote_recall": "groups found by the shown quotes",
    "quote_hit@1": "the first shown quote is right",
    "quote_hit@3": "a right quote in the first three",
    "verbatim": "quotes that are the transcript’s own",
    "attributed": "speaker and time are the transcript’s",
    "supported": "shown sentences whose quotes carry them",
    "checked": "answers of which every part was checked",
    "abstain_precision": "refused questions that have no answer",
    "abstain_recall": "questions without an answer that were refused",
    "abstain_auroc": "more confidence where there is an answer",
    "abstain_auroc_like_length": "more confidence where there is an answer, in pairs of like length",
    "token_F1": "words that the prose shares with the reference",
    "judge_correct": "answers that the judge finds right",
    "judge_supported": "shown sentences that the judge finds carried",
}
"""Every metric of quality, in the order of tables; all are shares from 0 to 1, more is better."""

_PUNCTUATION = str.maketrans(dict.fromkeys(string.punctuation + "‘’“”…–—", " "))
_ARTICLES = re.compile(r"\b(?:a|an|the)\b")


def passage_scores(gold: Gold, found: Sequence[Extent], first_words: Sequence[Extent]) -> dict[str, float]:
    """How well passages, best first, find the groups of a case.

    Args:
        first_words: the passages cut off after `WORDS_RETURNED` words.
    """
    ranks = [_first(group, found) for group in gold.groups]
    scores: dict[str, float] = {}
    for k in KS:
        hits = [rank is not None and rank < k for rank in ranks]
        scores[f"hit@{k}"] = float(any(hits))
        scores[f"coverage@{k}"] = sum(hits) / len(hits)
    scores["hit@1000w"] = float(any(_first(group, first_words) is not None for group in gold.groups))
    return scores | _ranking_scores(gold, found)


def _ranking_scores(gold: Gold, found: Sequence[Extent]) -> dict[str, float]:
    """nDCG@10 and RR@10 by ir-measures, over every passage of the library that overlaps a gold quote."""
    relevant = [ir_measures.Qrel("q", repr(passage), 1) for passage in gold.relevant]
    # The rank is the score, so that no tie is broken in another order than the one shown.
    run = [ir_measures.ScoredDoc("q", repr(passage), -float(rank)) for rank, passage in enumerate(found)]
    values = ir_measures.calc_aggregate([nDCG @ 10, RR @ 10], relevant, run)
    return {str(measure): float(value) for measure, value in values.items()}


def quote_scores(gold: Gold, shown: Sequence[Extent]) -> dict[str, float]:
    """How well the quotes shown, in their order, find the groups of a case."""
    ranks = [_first(group, shown) for group in gold.groups]
    found = [rank for rank in ranks if rank is not None]
    right = [any(quote.overlaps(place) for group in gold.groups for place in group) for quote in shown]
    scores = {
        "quote_recall": len(found) / len(ranks),
        "quote_hit@1": float(any(rank < 1 for rank in found)),
        "quote_hit@3": float(any(rank < 3 for rank in found)),
    }
    return scores | ({"quote_precision": sum(right) / len(right)} if right else {})


def _first(group: Sequence[Extent], found: Sequence[Extent]) -> int | None:
    """The place, from 0, of the first that overlaps one of a group's alternatives."""
    hits = (n for n, each in enumerate(found) if any(each.overlaps(place) for place in group))
    return next(hits, None)


def record_scores(answer: Mapping[str, Any], library: Library) -> dict[str, float]:
    """Whether the quotes of an answer's JSON, the closest too, are what the transcripts have there."""
    quotes = [*answer["quotes"], *answer["closest"]]
    if not quotes:
        return {}
    verbatim, attributed = [], []
    for quote in quotes:
        turn = library.episode(quote["episode"]).turns[quote["turn"]]
        verbatim.append(turn.text[quote["start"] : quote["end"]] == quote["text"])
        own = turn.speaker, turn.time_at(quote["start"])
        attributed.append((quote["speaker"], quote["time"]) == own)
    return {"verbatim": sum(verbatim) / len(quotes), "attributed": sum(attributed) / len(quotes)}


def checked_score(answer: Mapping[str, Any]) -> dict[str, float]:
    """Whether every part of an answer's JSON was checked; one that shows nothing has no such score."""
    if answer["status"] == "not_discussed":
        return {}
    numbers = {quote["n"] for quote in answer["quotes"]}
    claimed = [claim["quotes"] for claim in answer["claims"]]
    whole = all(cited and set(cited) <= numbers for cited in claimed)
    return {"checked": float(bool(numbers) and whole and answer["account"]["checked"])}


def refusal_scores(*, answerable: bool, refused: bool) -> dict[str, float]:
    """A case's part in the precision of refusing, and in its recall."""
    precision = {"abstain_precision": float(not answerable)} if refused else {}
    return precision | ({} if answerable else {"abstain_recall": float(refused)})


def token_f1(said: str, reference: str) -> float:
    """The harmonic mean of precision and recall over words, without articles and punctuation.

    As in Rajpurkar et al., "SQuAD: 100,000+ Questions for Machine Comprehension of Text", 2016.
    """
    own, wanted = _tokens(said), _tokens(reference)
    common = sum((Counter(own) & Counter(wanted)).values())
    return 2 * common / (len(own) + len(wanted)) if common else 0.0


def _tokens(text: str) -> list[str]:
    return _ARTICLES.sub(" ", text.lower().translate(_PUNCTUATION)).split()
