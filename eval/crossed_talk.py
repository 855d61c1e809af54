"""Crossed talk: two stretches of talk on one matter, and questions that only one of the two answers.

Each stretch is about every question and answers half of them, and each question is answered once and once not. So
how a question is put tells nothing about whether it is answered, which other written questions do tell.
`sets/crossed-talk.jsonl` was written for this purpose.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from eval.train_data import Place, quoted
from index.transcript import Turn

CROSSED_TALK = Path(__file__).with_name("sets") / "crossed-talk.jsonl"

Asked = tuple[tuple[str, tuple[Place, ...]], ...]


@dataclass(frozen=True, slots=True)
class CrossedTalk:
    """Two stretches, and for each the questions that it answers and the other does not, with the places."""

    show: str
    stretches: tuple[tuple[Turn, ...], tuple[Turn, ...]]
    asked: tuple[Asked, Asked]


def read_crossed_talk(path: Path = CROSSED_TALK) -> Iterator[CrossedTalk]:
    """The crossed talk that comes with this project."""
    for line in path.read_text("utf-8").splitlines():
        row = json.loads(line)
        one, other = (tuple(Turn(name or None, text) for name, text in row[side]) for side in ("a", "b"))
        yield CrossedTalk(
            row["show"], (one, other), (_asked(one, row["asked_a"]), _asked(other, row["asked_b"]))
        )


def _asked(turns: tuple[Turn, ...], rows: list[dict[str, str]]) -> Asked:
    return tuple((row["q"], tuple(quoted(turns, [row["quote"]]))) for row in rows)
