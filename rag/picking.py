"""Ranked passages become quotes: the runs of up to three lines that most likely hold the answer.

Each line of the best passages gets a probability, by a softmax over all of them (a conditional logit, fitted
by `eval.tune_finding`). A run of lines inside one turn is as likely as its lines together.
"""

import math
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from index import lexical
from index.lexical import Filters
from index.library import Library
from index.transcript import Episode, Line
from rag import fitted
from rag.line_features import FEATURES, line_features, stem
from rag.quotes import Quote
from rag.retrieval import Ranked
from rag.sides import Side, asks_several, sides_of

Floats = npt.NDArray[np.float32]

PASSAGES_READ = 8
LONGEST_RUN = 3
"""Lines in a quote; a run of several also keeps within `LONGEST_QUOTE` words."""
LONGEST_QUOTE = 90

_COSINE, _ASKS = FEATURES.index("cosine"), FEATURES.index("asks")


@dataclass(frozen=True, slots=True)
class Picked:
    """A quote and how well it fits the question.

    Attributes:
        score: the probability of its lines, among all lines read for this question.
        cosine: of its best line with the question.
    """

    quote: Quote
    score: float
    cosine: float


@dataclass(frozen=True, slots=True)
class _Run:
    """Lines `start` to `end` (not with it) of the passage at `place`."""

    place: int
    start: int
    end: int
    score: float


def rarity(library: Library, question: str) -> dict[str, float]:
    """How much each of the question's stems tells: its inverse document frequency over passages."""
    total = library.db.execute("SELECT count(*) FROM passages").fetchone()[0]
    weights = {}
    for word in lexical.content_words(question):
        found = library.db.execute(
            "SELECT count(*) FROM passages_fts WHERE passages_fts MATCH ?", (f'text:"{word}"',)
        ).fetchone()[0]
        weights[stem(word)] = math.log(1 + (total - found + 0.5) / (found + 0.5))
    return weights


def pick(
    library: Library,
    ranked: Sequence[Ranked],
    question: str,
    vector: Floats,
    weights: Mapping[str, float],
    *,
    filters: Filters | None = None,
    most: int = 3,
) -> list[Picked]:
    """The `most` runs of lines that most likely answer, best first, none overlapping.

    Args:
        ranked: the passages found, best first.
        vector: the question's unit vector, float32[d].
        weights: of the question's stems (`rarity`).
        filters: with speakers, only their lines are quoted.
    """
    hits = ranked[:PASSAGES_READ]
    if not hits:
        return []
    speakers = filters.speakers if filters else ()
    episodes = [library.episode(hit.passage.episode) for hit in hits]
    features = [
        line_features(episode, hit, place, question, vector, weights)
        for place, (episode, hit) in enumerate(zip(episodes, hits, strict=True))
    ]
    likely = _likely(features)
    runs = [
        run
        for place, (episode, hit) in enumerate(zip(episodes, hits, strict=True))
        for run in _runs(episode, hit.passage.lines, place, likely[place])
        if not speakers or episode.turns[hit.passage.lines[run.start].turn].speaker in speakers
    ]
    # Whoever asks the same question before has the subject, but not the answer.
    telling = [run for run in runs if not features[run.place][run.start : run.end, _ASKS].all()]
    picked = []
    for run in _apart(telling or runs):
        first, last = hits[run.place].passage.lines[run.start], hits[run.place].passage.lines[run.end - 1]
        quote = Quote(episodes[run.place], first.turn, first.start, last.end)
        cosine = float(features[run.place][run.start : run.end, _COSINE].max())
        picked.append(Picked(quote, run.score, cosine))
    return spread(picked, sides_of(library, question), most, several=asks_several(question))


def _apart(runs: Iterable[_Run]) -> Iterator[_Run]:
    """The runs, best first, without those that overlap a better one."""
    taken: set[tuple[int, int]] = set()
    # Of two runs that are as good as equal, the one that begins earlier reads better.
    for run in sorted(runs, key=lambda run: (-round(run.score, 6), run.place, run.start, run.end)):
        lines = {(run.place, i) for i in range(run.start, run.end)}
        if not lines & taken:
            taken |= lines
            yield run


def spread(picked: Sequence[Picked], sides: Sequence[Side], most: int, *, several: bool) -> list[Picked]:
    """The first `most`, best first, with a place for each side of the question.

    Args:
        picked: best first.
        several: the question asks more than one episode, without a word on which.
    """
    if len(sides) > 1:
        wanted = _first_of([_side_of(one.quote, sides) for one in picked])
    elif several:
        wanted = _first_of([one.quote.episode.id for one in picked])[:2]
    else:
        wanted = []
    kept = wanted[:most]
    kept += [place for place in range(len(picked)) if place not in kept][: most - len(kept)]
    return [picked[place] for place in sorted(kept)]


def _side_of(quote: Quote, sides: Sequence[Side]) -> Side | None:
    return next((side for side in sides if side.has(quote.episode.id, quote.speaker)), None)


def _first_of(kinds: Sequence[Hashable | None]) -> list[int]:
    """The first place of each kind."""
    return [place for place, kind in enumerate(kinds) if kind is not None and kind not in kinds[:place]]


def _likely(features: Sequence[Floats]) -> list[Floats]:
    """The probability of each line of each passage; together they make 1."""
    scores = np.concatenate(features) @ fitted.weights("line", FEATURES)
    powers = np.exp(scores - scores.max())
    return np.split(powers / powers.sum(), np.cumsum([len(each) for each in features])[:-1])


def _runs(episode: Episode, lines: Sequence[Line], place: int, likely: Floats) -> Iterator[_Run]:
    """Every run of up to three lines that lies in one turn."""
    for start in range(len(lines)):
        for end in range(start + 1, min(start + LONGEST_RUN, len(lines)) + 1):
            if lines[end - 1].turn != lines[start].turn:
                break
            if end > start + 1 and _words(episode, lines[start], lines[end - 1]) > LONGEST_QUOTE:
                break
            yield _Run(place, start, end, float(likely[start:end].sum()))


def _words(episode: Episode, first: Line, last: Line) -> int:
    return len(episode.turns[first.turn].text[first.start : last.end].split())
