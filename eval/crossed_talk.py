"""Crossed talk: two stretches of talk on one matter, and questions that only one of the two answers.

Each stretch is about every question and answers half of them, and each question is answered once and once not. So
how a question is put tells nothing about whether it is answered, which other written questions do tell.
`sets/crossed-talk.jsonl` was written for this purpose.
"""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from eval.train_data import Place, quoted
from index.transcript import Turn

CROSSED_TALK = Path(__file__).with_name("sets") / "crossed-talk.jsonl"

LEARNED, FITTED, JUDGED = "learned", "fitted", "judged"
"""What a crossed talk is for: six of ten for readers to learn from, two for weights, two to judge."""
_USES = (*[LEARNED] * 6, *[FITTED] * 2, *[JUDGED] * 2)

Asked = tuple[tuple[str, tuple[Place, ...]], ...]


@dataclass(frozen=True, slots=True)
class CrossedTalk:
    """Two stretches, and for each the questions that it answers and the other does not, with the places."""

    show: str
    stretches: tuple[tuple[Turn, ...], tuple[Turn, ...]]
    asked: tuple[Asked, Asked]

    @property
    def use(self) -> str:
        """What it is for; all on one show is for the same."""
        return _USES[int(hashlib.sha256(self.show.casefold().encode()).hexdigest(), 16) % len(_USES)]


def read_crossed_talk(use: str | None = None, path: Path = CROSSED_TALK) -> Iterator[CrossedTalk]:
    """The crossed talk that comes with this project, or what of it is for one use."""
    for line in path.read_text("utf-8").splitlines():
        row = json.loads(line)
        one, other = (tuple(Turn(name or None, text) for name, text in row[side]) for side in ("a", "b"))
        talk = CrossedTalk(
            row["show"], (one, other), (_asked(one, row["asked_a"]), _asked(other, row["asked_b"]))
        )
        if use in (None, talk.use):
            yield talk


def _asked(turns: tuple[Turn, ...], rows: list[dict[str, str]]) -> Asked:
    return tuple((row["q"], tuple(quoted(turns, [row["quote"]]))) for row in rows)
