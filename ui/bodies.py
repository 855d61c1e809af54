"""What the HTTP API is sent: bodies of requests, and the kinds of parameters in them."""

import datetime
import json
import re
from typing import Annotated, Any, Literal

from fastapi import Query
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    JsonValue,
    StringConstraints,
)

from index.lexical import Filters
from rag.answering import LONGEST_QUESTION

MOST_PAIRS = 4
LONGEST_ANSWER = 2_000
LONGEST_DRAFT = 40_000


def _day(value: Any) -> Any:
    """A day as it is written; pydantic would take numbers and times as well."""
    if value is not None and not (isinstance(value, str) and re.fullmatch(r"\d{4}-\d{2}-\d{2}", value)):
        raise ValueError("write the day like 2024-05-31")
    return value


def _with_words(question: str) -> str:
    if not any(character.isalnum() for character in question):
        raise ValueError("the question has no words")
    return question


Question = Annotated[
    str,
    StringConstraints(min_length=1, max_length=LONGEST_QUESTION),
    AfterValidator(_with_words),
    Field(json_schema_extra={"pattern": r"[\p{L}\p{N}]"}),
]
EarlierAnswer = Annotated[str, StringConstraints(max_length=LONGEST_ANSWER)]
Name = Annotated[str, StringConstraints(max_length=200)]
Names = Annotated[list[Name], Query(default_factory=list, max_length=100)]
SiteName = Annotated[str, StringConstraints(min_length=1, max_length=63)]
Day = Annotated[datetime.date, BeforeValidator(_day)]


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Narrowing(_Body):
    """What a search is narrowed to."""

    speakers: list[Name] = Field(default=[], max_length=100)
    episodes: list[Name] = Field(default=[], max_length=1000)
    since: Day | None = None
    until: Day | None = None

    def filters(self) -> Filters:
        """The same, as a search takes it."""
        return Filters(tuple(self.speakers), tuple(self.episodes), self.since, self.until)


class AskBody(_Body):
    """A question, and the earlier (question, answer) pairs of its conversation, oldest first."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"question": "How was the lens found?"},
                {
                    "question": "And who cleaned it?",
                    "history": [["How was the lens found?", "It lay in a barn under a tarpaulin."]],
                    "filters": {"speakers": ["Pell Garrow"], "since": "2023-01-01"},
                },
            ]
        }
    )

    question: Question
    history: list[tuple[Question, EarlierAnswer]] = Field(default=[], max_length=MOST_PAIRS)
    filters: Narrowing = Narrowing()
    site: SiteName | None = Field(default=None, description="The registered site that asks.")


class CheckBody(_Body):
    """A Markdown, HTML or text draft, or JSON Lines of quotes and claims."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"draft": 'The keeper says: "The lens floats in mercury."'}]}
    )

    draft: Annotated[str, StringConstraints(min_length=1, max_length=LONGEST_DRAFT)]


def _as_text(answer: dict[str, Any]) -> dict[str, Any]:
    """An answer that can be kept: without half characters, and numbers that JSON does not know."""
    try:
        json.dumps(answer, ensure_ascii=False, allow_nan=False).encode()
    except ValueError:
        raise ValueError("this is no JSON that can be kept") from None
    return answer


class FeedbackBody(_Body):
    """A reader's verdict on an answer, as `done` gave it."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"question": "How was the lens found?", "verdict": "like"}]}
    )

    question: Question
    verdict: Literal["like", "dislike"]
    answer: Annotated[dict[str, JsonValue], AfterValidator(_as_text)] = {}
