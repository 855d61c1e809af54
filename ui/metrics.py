"""What the server counts, in Prometheus' text format, and the line of each answer in its log."""

import logging
from collections.abc import AsyncGenerator, Iterator
from contextlib import aclosing, contextmanager
from typing import Any

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest

from index.errors import Refused
from rag.answer import Answer, Shown, Status, Working

Events = AsyncGenerator[Working | Shown | Answer, None]

_log = logging.getLogger("onrecord.answers")
_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)


class Meters:
    """The counts of one server, from its start."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._answers = Counter(
            "onrecord_answers", "Answers given, by status.", ["status"], registry=self.registry
        )
        self._unfinished = Counter(
            "onrecord_unfinished_answers", "Questions stopped, left, or failed.", registry=self.registry
        )
        self._shown = Counter("onrecord_claims_shown", "Checked claims shown.", registry=self.registry)
        self._dropped = Counter(
            "onrecord_claims_dropped", "Claims left out, by reason.", ["why"], registry=self.registry
        )
        self._refused = Counter(
            "onrecord_refused", "Requests turned away, by reason.", ["why"], registry=self.registry
        )
        self._tokens = Counter(
            "onrecord_tokens", "Tokens of the language model.", ["kind"], registry=self.registry
        )
        self._stages = Histogram(
            "onrecord_stage_seconds", "Time by stage.", ["stage"], buckets=_SECONDS, registry=self.registry
        )
        self._feedback = Counter(
            "onrecord_feedback", "Readers' verdicts.", ["verdict"], registry=self.registry
        )

    async def counted(self, events: Events) -> Events:
        """The same events; closing this closes those."""
        finished = False
        try:
            async with aclosing(events):
                async for event in events:
                    if isinstance(event, Answer):
                        finished = True
                        self._count(event)
                    yield event
        finally:
            if not finished:
                self._unfinished.inc()

    @contextmanager
    def refusals(self) -> Iterator[None]:
        """Count it when somebody is turned away inside."""
        try:
            yield
        except Refused as error:
            self._refused.labels(type(error).__name__).inc()
            raise

    def count_feedback(self, verdict: str) -> None:
        """One more verdict."""
        self._feedback.labels(verdict).inc()

    def text(self) -> bytes:
        """All counts as Prometheus reads them."""
        return generate_latest(self.registry)

    def _count(self, answer: Answer) -> None:
        self._answers.labels(str(answer.status)).inc()
        self._shown.inc(len(answer.claims))
        for why, count in answer.account["dropped"].items():
            self._dropped.labels(why).inc(count)
        if answer.usage:
            self._tokens.labels("prompt").inc(answer.usage.prompt_tokens)
            self._tokens.labels("completion").inc(answer.usage.completion_tokens)
        for stage, ms in answer.timings_ms.items():
            self._stages.labels(stage).observe(ms / 1e3)
        _log.info("answer", extra={"told": _line(answer)})


def _line(answer: Answer) -> dict[str, Any]:
    """What the log says of an answer: its account, and none of its words."""
    return {
        "status": str(answer.status),
        **answer.account,
        "quotes": len(answer.quotes),
        "model": answer.model,
        "fault": None if answer.status is Status.NOT_DISCUSSED else answer.note,
        "tokens": answer.usage.total if answer.usage else None,
        "confidence": round(answer.confidence, 3),
        "ms": {stage: round(ms, 1) for stage, ms in answer.timings_ms.items()},
    }
