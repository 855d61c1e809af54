"""An episode's turns become passages: what a search can return.

Passages tile the episode: every line is in exactly one. Where to cut is a shortest path over the
places between lines: a passage near the ideal length is cheap, a cut between two people is cheaper
than one in the middle of a turn, and a cut between a question and its answer is dear.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate, groupby, pairwise

from index.lines import lines_of
from index.transcript import Line, Turn

SHORTEST, IDEAL, LONGEST = 120, 150, 200
"""Words in a passage. The embedded model reads 256 tokens, about 200 words."""

SETTINGS = f"lines/{SHORTEST}-{IDEAL}-{LONGEST}/1"
"""What the record notes of how passages were cut; another value means that they must be cut anew."""

_INSIDE_PARAGRAPH, _INSIDE_TURN, _BEFORE_ANSWER, _BEFORE_QUESTION = 1.0, 0.5, 2.0, -0.3


@dataclass(frozen=True, slots=True)
class Passage:
    """Consecutive lines, as they are embedded and searched.

    Attributes:
        lines: at least one, in order.
        text: the lines with each speaker named before their words.
        spans: where line i stands in `text`: `text[spans[i][0]:spans[i][1]]`.
    """

    lines: tuple[Line, ...]
    text: str
    spans: tuple[tuple[int, int], ...]

    @property
    def hash(self) -> str:
        """The sha256 of the text and where its lines stand: equal hashes have equal vectors."""
        return hashlib.sha256(f"{self.spans}{self.text}".encode()).hexdigest()


def passages_of(turns: Sequence[Turn]) -> tuple[Passage, ...]:
    """Cut an episode into passages of 120 to 200 words wherever its lines allow it."""
    lines = [line for index, turn in enumerate(turns) for line in lines_of(turn, index)]
    if not lines:
        return ()
    cuts = _cheapest_cuts(turns, lines)
    return tuple(_passage(turns, lines[start:end]) for start, end in pairwise(cuts))


def _cheapest_cuts(turns: Sequence[Turn], lines: Sequence[Line]) -> list[int]:
    """Where passages begin, and the end: the cheapest path over all places between lines."""
    words = [0, *accumulate(len(turns[line.turn].text[line.start : line.end].split()) for line in lines)]
    cut_costs = [0.0, *(_cut_cost(turns, a, b) for a, b in pairwise(lines)), 0.0]
    best: list[tuple[float, int]] = [(0.0, 0)]
    for end in range(1, len(lines) + 1):
        best.append(
            min(
                (best[start][0] + _length_cost(words[end] - words[start]) + cut_costs[end], start)
                for start in range(end - 1, -1, -1)
                if start == end - 1 or words[end] - words[start] <= LONGEST
            )
        )
    cuts = [len(lines)]
    while cuts[-1]:
        cuts.append(best[cuts[-1]][1])
    return cuts[::-1]


def _length_cost(words: int) -> float:
    if words < SHORTEST:
        return 1.0 + 3.0 * (SHORTEST - words) / SHORTEST
    return ((words - IDEAL) / (LONGEST - IDEAL)) ** 2


def _cut_cost(turns: Sequence[Turn], before: Line, after: Line) -> float:
    if before.turn == after.turn:
        gap = turns[before.turn].text[before.end : after.start]
        return _INSIDE_TURN if "\n" in gap else _INSIDE_PARAGRAPH
    if turns[before.turn].text[before.start : before.end].rstrip("\"'”’)]").endswith("?"):
        return _BEFORE_ANSWER
    return _BEFORE_QUESTION if "?" in turns[after.turn].text else 0.0


def _passage(turns: Sequence[Turn], lines: Sequence[Line]) -> Passage:
    text = ""
    spans = []
    for turn, group in groupby(lines, key=lambda line: line.turn):
        speaker = turns[turn].speaker
        text += ("\n" if text else "") + (f"{speaker}:" if speaker else "")
        for line in group:
            text += " " if text and not text.endswith("\n") else ""
            words = " ".join(turns[turn].text[line.start : line.end].split())
            spans.append((len(text), len(text) + len(words)))
            text += words
    return Passage(tuple(lines), text, tuple(spans))
