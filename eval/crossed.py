"""Crossed claims: two quotes on one matter and two sentences, each of which only its own quote carries.

Every sentence is true once and false once, and so is every quote: neither by itself tells anything, so that who
learns from them has to read the two together. Three files were written for this purpose:
`sets/crossed.jsonl`, and `sets/crossed-plainly.jsonl` and `sets/crossed-closely.jsonl`, where people talk at more length and
sentences are put as a model puts them; in the last, both quotes share most of their words. `eval.crossed_made` makes
more out of all.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

_SETS = Path(__file__).with_name("sets")
CROSSED = _SETS / "crossed.jsonl"
PLAINLY = _SETS / "crossed-plainly.jsonl", _SETS / "crossed-closely.jsonl"
HELD_OUT = 10
"""One of so many is never learned from."""


@dataclass(frozen=True, slots=True)
class Crossing:
    """A pair of quotes of one speaker, and the sentence that follows from each.

    `plain`: its sentences are put as a model puts them; it is not of `CROSSED`.
    """

    kind: str
    speaker: str
    quotes: tuple[str, str]
    claims: tuple[str, str]
    plain: bool = False

    @property
    def held_out(self) -> bool:
        """Whether it is kept for choosing, with all other sentences on the same quotes."""
        return int(hashlib.sha256(min(self.quotes).encode()).hexdigest(), 16) % HELD_OUT == 0

    def pairs(self) -> tuple[tuple[str, str, bool], ...]:
        """(claim, quote after its speaker's name, whether it follows): twice it does, then twice not."""
        one, other = (f"{self.speaker}: {quote}" for quote in self.quotes)
        first, second = self.claims
        return (first, one, True), (second, other, True), (first, other, False), (second, one, False)


def read_crossed(paths: Iterable[Path] = (CROSSED, *PLAINLY)) -> Iterator[Crossing]:
    """The crossed claims that come with this project; of most quotes of the first file there are two pairs of sentences."""
    for path in paths:
        for line in path.read_text("utf-8").splitlines():
            row = json.loads(line)
            for first, second in zip(*row["claims"], strict=True):
                yield Crossing(
                    row["kind"],
                    row["speaker"],
                    tuple(row["quotes"]),
                    (first, second),
                    path.name != CROSSED.name,
                )
