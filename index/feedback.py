"""What readers thought of answers, kept in the library."""

import datetime
import json
from dataclasses import dataclass
from typing import Any, Literal

from index.library import Library

Verdict = Literal["like", "dislike"]


@dataclass(frozen=True, slots=True)
class Feedback:
    """One reader's word on one answer; `answer` is what `ask --json` printed."""

    at: datetime.datetime
    question: str
    verdict: Verdict
    answer: dict[str, Any]


def keep(library: Library, question: str, verdict: Verdict, answer: dict[str, Any]) -> None:
    """Put a reader's verdict on the record."""
    now = datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
    with library.writing() as db:
        db.execute(
            "INSERT INTO feedback (at, question, verdict, answer) VALUES (?, ?, ?, ?)",
            (now, question, verdict, json.dumps(answer, ensure_ascii=False)),
        )


def kept(library: Library) -> list[Feedback]:
    """All verdicts, oldest first."""
    rows = library.db.execute("SELECT at, question, verdict, answer FROM feedback ORDER BY id")
    return [
        Feedback(datetime.datetime.fromisoformat(at), question, verdict, json.loads(answer))
        for at, question, verdict, answer in rows
    ]
