"""What speaks for and against a line as the answer to a question.

A line is seen with its surroundings: its vector is pooled from the whole passage's token states, the lines
next to it count, and so does the passage. Nothing here depends on how long the question is.
"""

import functools
import re
from collections.abc import Mapping, Sequence, Set

import numpy as np
import numpy.typing as npt
import snowballstemmer

from index import lexical
from index.transcript import Episode, Line
from rag.retrieval import Ranked

Floats = npt.NDArray[np.float32]

FEATURES = (
    "cosine",
    "cosine around",
    "words",
    "words around",
    "passage",
    "passage cosine",
    "first passage",
    "length",
    "too short",
    "asks",
    "after a question",
    "named speaker",
    "number wanted",
    "name wanted",
    "reason wanted",
)
"""In the order of the columns of `line_features`."""

_SHORTEST = 5
_LONG = 30
"""Words from which on a line is no likelier to answer for being longer."""

_WORD = re.compile(r"\w+")
_CLOSING = "\"'”’)]"
_NUMBER = re.compile(
    r"\d|\b(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|dozens?|hundreds?|thousands?|millions?"
    r"|billions?|half|quarter|third|percent|years?|months?|weeks?|days?|hours?|minutes?)\b",
    re.IGNORECASE,
)
_NAME = re.compile(r"(?<=[a-z,;:] )(?!I\b)[A-Z][\w'’-]*")
_REASON = re.compile(
    r"\b(?:because|since|so that|reason|'cause|cause|due to|in order|that's why)\b", re.IGNORECASE
)
WANTS = (
    (re.compile(r"\b(?:how (?:many|much|long|old|often|far|big|large)|when|what (?:year|percentage|age))\b", re.I), _NUMBER),
    (re.compile(r"\b(?:who|whom|whose|where|which|what(?:'s| is| was) the name)\b", re.I), _NAME),
    (re.compile(r"\b(?:why|what (?:made|led)|reasons?)\b", re.I), _REASON),
)  # fmt: skip

_stemmer = snowballstemmer.stemmer("english")


@functools.lru_cache(maxsize=65536)
def stem(word: str) -> str:
    """The stem of a lower-case word (Porter2)."""
    return str(_stemmer.stemWord(word))


def stems(text: str) -> set[str]:
    """The stems of a text's words."""
    return {stem(word.lower()) for word in _WORD.findall(text)}


def coverage(text: str, weights: Mapping[str, float]) -> float:
    """Which share of the question's weight stands in `text`."""
    total = sum(weights.values())
    found = stems(text)
    return sum(weight for word, weight in weights.items() if word in found) / total if total else 0.0


def line_features(
    episode: Episode, hit: Ranked, place: int, question: str, vector: Floats, weights: Mapping[str, float]
) -> Floats:
    """What is known of each line of a passage that was found, float32[lines, features].

    A question that names a speaker is about what they say, not about who mentions them.

    Args:
        place: of the passage among those found, from 0.
        vector: the question's unit vector, float32[d].
        weights: of the question's stems.
    """
    lines = hit.passage.lines
    texts = [episode.turns[line.turn].text[line.start : line.end] for line in lines]
    cosines = hit.passage.vectors.astype(np.float32) @ vector
    named, others = _named(episode, question, weights)
    covered = np.array([coverage(text, others) for text in texts], np.float32)
    lengths = np.array([len(text.split()) for text in texts], np.float32)
    asks = np.array([text.rstrip(_CLOSING).endswith("?") for text in texts], np.float32)
    wanted = [
        [float(bool(wants.search(question)) and bool(has.search(text))) for text in texts]
        for wants, has in WANTS
    ]
    columns = (
        cosines,
        _around(cosines),
        covered,
        _around(covered),
        np.full(len(lines), hit.score, np.float32),
        np.full(len(lines), hit.cosine, np.float32),
        np.full(len(lines), float(place == 0), np.float32),
        np.minimum(lengths, _LONG) / _LONG,
        lengths < _SHORTEST,
        asks,
        np.insert(asks[:-1], 0, 0) * (1 - asks),
        _spoken_by(episode, lines, named),
        *wanted,
    )
    return np.stack([np.asarray(column, np.float32) for column in columns], axis=1)


def _around(values: Floats) -> Floats:
    """The greater of the two values beside each."""
    around: Floats = np.maximum(np.append(values[1:], 0), np.insert(values[:-1], 0, 0))
    return around


def _named(
    episode: Episode, question: str, weights: Mapping[str, float]
) -> tuple[Set[str], Mapping[str, float]]:
    """The episode's speakers whom the question names, and the weights without their names."""
    asked = {stem(word) for word in lexical.content_words(question)}
    names = {name: _name_stems(name) for name in episode.speakers}
    named = {name for name, parts in names.items() if parts & asked}
    parts_named = frozenset().union(*(names[name] for name in named))
    return named, {word: weight for word, weight in weights.items() if word not in parts_named} or weights


def _spoken_by(episode: Episode, lines: Sequence[Line], named: Set[str]) -> Floats:
    return np.array([episode.turns[line.turn].speaker in named for line in lines], np.float32)


@functools.lru_cache(maxsize=4096)
def _name_stems(name: str) -> frozenset[str]:
    return frozenset(stem(word.lower()) for word in _WORD.findall(name) if len(word) > 2)
