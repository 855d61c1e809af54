"""Ranked passages become quotes: the runs of one to three lines that best answer.

A line is judged by the passage it stands in, by the cosine of its own vector (pooled from the passage's
token states, so that its surroundings are in it) and by the question's words in it and next to it,
weighted by how rare they are in the library.
"""

import functools
import math
import re
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import snowballstemmer

from index import lexical
from index.lexical import Filters
from index.library import Library
from index.transcript import Episode, Line
from rag.quotes import Quote
from rag.retrieval import Ranked

Floats = npt.NDArray[np.float32]

PASSAGES_READ = 8
LONGEST_RUN = 3
"""Lines in a quote; a run also ends after `LONGEST_QUOTE` words."""
LONGEST_QUOTE = 90

_PASSAGE_WEIGHT, _COSINE_WEIGHT, _WORDS_WEIGHT = 0.15, 1.0, 0.5
_NEIGHBOUR_SHARE = 0.4
_SHORTEST_LINE = 5
_SHORT_PENALTY = 0.25
_QUESTION_PENALTY = 0.15
_NAMED_SPEAKER_BONUS = 0.15
_JOIN_ABOVE = 0.75

_WORD = re.compile(r"\w+")
_stemmer = snowballstemmer.stemmer("english")


@dataclass(frozen=True, slots=True)
class Picked:
    """A quote and how well it fits the question; scores compare within one question."""

    quote: Quote
    score: float
    cosine: float


@functools.lru_cache(maxsize=65536)
def stem(word: str) -> str:
    """The stem of a lower-case word (Porter2)."""
    return str(_stemmer.stemWord(word))


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
    """The `most` runs of lines that best answer, best first, none overlapping.

    Args:
        ranked: the passages found, best first.
        vector: the question's unit vector, float32[d].
        weights: of the question's stems (`rarity`).
        filters: with speakers, only their lines are quoted.
    """
    speakers = filters.speakers if filters else ()
    picked: list[Picked] = []
    candidates = []
    asked_about = {stem(word) for word in lexical.content_words(question)}
    for hit in ranked[:PASSAGES_READ]:
        episode = library.episode(hit.passage.episode)
        scores, cosines = _line_scores(episode, hit, vector, weights, asked_about)
        for i, line in enumerate(hit.passage.lines):
            if not speakers or episode.turns[line.turn].speaker in speakers:
                candidates.append((float(scores[i]), i, hit, episode, scores, cosines))
    candidates.sort(key=lambda candidate: -candidate[0])
    taken: set[tuple[str, Line]] = set()
    for score, i, hit, episode, scores, cosines in candidates:
        if len(picked) == most:
            break
        run = _run(episode, hit.passage.lines, scores, i)
        places = {(episode.id, line) for line in run}
        if places & taken:
            continue
        taken |= places
        quote = Quote(episode, run[0].turn, run[0].start, run[-1].end)
        picked.append(Picked(quote, score, float(cosines[i])))
    return picked


def _line_scores(
    episode: Episode, hit: Ranked, vector: Floats, weights: Mapping[str, float], asked_about: Set[str]
) -> tuple[Floats, Floats]:
    """Scores and cosines of a passage's lines, each float32[lines].

    A question that names a speaker is about what they say, not about who mentions them.
    """
    names = {name: _name_stems(name) for name in {turn.speaker for turn in episode.turns} if name}
    named = {name for name, stems in names.items() if stems & asked_about}
    weights = {
        word: weight for word, weight in weights.items() if not any(word in names[name] for name in named)
    } or weights
    own = np.array([episode.turns[line.turn].speaker in named for line in hit.passage.lines], np.float32)
    texts = [episode.turns[line.turn].text[line.start : line.end] for line in hit.passage.lines]
    cosines = hit.passage.vectors.astype(np.float32) @ vector
    covered = np.array([coverage(text, weights) for text in texts], np.float32)
    around = np.maximum(np.append(covered[1:], 0), np.insert(covered[:-1], 0, 0))
    scores = (
        _PASSAGE_WEIGHT * hit.score
        + _COSINE_WEIGHT * cosines
        + _NAMED_SPEAKER_BONUS * own
        + _WORDS_WEIGHT * ((1 - _NEIGHBOUR_SHARE) * covered + _NEIGHBOUR_SHARE * around)
        - _SHORT_PENALTY * np.array([len(text.split()) < _SHORTEST_LINE for text in texts], np.float32)
        - _QUESTION_PENALTY * np.array([text.rstrip("\"'”’)]").endswith("?") for text in texts], np.float32)
    )
    return scores, cosines


@functools.lru_cache(maxsize=4096)
def _name_stems(name: str) -> frozenset[str]:
    return frozenset(stem(word.lower()) for word in _WORD.findall(name) if len(word) > 2)


def coverage(text: str, weights: Mapping[str, float]) -> float:
    """Which share of the question's weight stands in `text`."""
    total = sum(weights.values())
    found = {stem(word.lower()) for word in _WORD.findall(text)}
    return sum(weight for word, weight in weights.items() if word in found) / total if total else 0.0


def _run(episode: Episode, lines: Sequence[Line], scores: Floats, best: int) -> tuple[Line, ...]:
    """The best line with the neighbours in its turn that belong to it."""
    start = end = best
    least = scores[best] - (1 - _JOIN_ABOVE) * abs(scores[best])
    while end - start + 1 < LONGEST_RUN:
        sides = [
            i
            for i in (start - 1, end + 1)
            if 0 <= i < len(lines)
            and lines[i].turn == lines[best].turn
            and scores[i] >= least
            and _words(episode, lines, min(i, start), max(i, end)) <= LONGEST_QUOTE
        ]
        if not sides:
            break
        chosen = max(sides, key=lambda i: float(scores[i]))
        start, end = min(start, chosen), max(end, chosen)
    return tuple(lines[start : end + 1])


def _words(episode: Episode, lines: Sequence[Line], start: int, end: int) -> int:
    return len(episode.turns[lines[start].turn].text[lines[start].start : lines[end].end].split())
