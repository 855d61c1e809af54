"""Crossed quotes: two quotes of one speaker on one matter, and questions that only one of the two answers.

What two stretches are in crossed talk (`eval.crossed_talk`), two quotes are here: each question is answered once and
once not, and its words stand in both as often as not, so that neither they nor how it is put tell which.
`sets/crossed-quotes.jsonl` was written for this purpose, by twelve hands.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

CROSSED_QUOTES = Path(__file__).with_name("sets") / "crossed-quotes.jsonl"

JUDGING = (6, 8)
"""The hands whose quotes are not learned from."""


@dataclass(frozen=True, slots=True)
class CrossedQuotes:
    """Two quotes and the questions that each of them answers alone.

    Attributes:
        before: what was said before each, or "".
    """

    hand: int
    speaker: str
    before: tuple[str, str]
    quotes: tuple[str, str]
    asked: tuple[tuple[str, ...], tuple[str, ...]]

    @property
    def held_out(self) -> bool:
        """Whether it judges."""
        return self.hand in JUDGING

    def runs(self) -> tuple[str, str]:
        """The two quotes as the reader of answers has them (`rag.ordering.as_read`)."""
        one, other = (
            f"{before} / {self.speaker}: {quote}" if before else f"{self.speaker}: {quote}"
            for before, quote in zip(self.before, self.quotes, strict=True)
        )
        return one, other


def read_crossed_quotes(*, held_out: bool, path: Path = CROSSED_QUOTES) -> Iterator[CrossedQuotes]:
    """The crossed quotes that come with this project, those that judge or the others."""
    for line in path.read_text("utf-8").splitlines():
        row = json.loads(line)
        one, other = row["asked"]
        quotes = CrossedQuotes(
            row["hand"],
            row["speaker"],
            tuple(row["before"]),
            tuple(row["quotes"]),
            (tuple(one), tuple(other)),
        )
        if quotes.held_out is held_out:
            yield quotes
