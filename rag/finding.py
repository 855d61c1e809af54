"""From a question to the quotes that may answer it, and how sure that is; no language model has a part in it."""

import time
from dataclasses import dataclass, replace

from index import vectors
from index.encoder import Encoder
from index.lexical import Filters
from index.library import Library
from rag.confidence import answers_from, confidence
from rag.conversation import brings_a_subject, says_something
from rag.ordering import ordered, readings_of
from rag.picking import Picked, pick, rarity
from rag.retrieval import Ranked, retrieve

_REFRESH_AFTER_S = 1.0


@dataclass(frozen=True, slots=True)
class Found:
    """What a search for a question found.

    Attributes:
        filters: what the search was narrowed to.
        ranked: passages, best first.
        picked: the best runs of lines in them, the likeliest to answer first.
        confidence: how likely it is that they answer, 0 to 1.
    """

    searched: str
    filters: Filters
    ranked: tuple[Ranked, ...]
    picked: tuple[Picked, ...]
    confidence: float
    timings_ms: dict[str, float]

    @classmethod
    def nothing(cls, question: str) -> "Found":
        """What is found for a question that nothing is searched for."""
        return cls(question, Filters(), (), (), 0.0, {})


class Finder:
    """A library and an encoder, ready to be searched."""

    def __init__(self, library: Library, encoder: Encoder) -> None:
        self.library = library
        self.encoder = encoder
        self._index = vectors.load(library)
        self._looked_at = time.monotonic()

    def find(
        self, question: str, filters: Filters | None = None, *, passages: int = 20, around: str | None = None
    ) -> Found:
        """Search for a question, without writing anything.

        Args:
            around: what passages are searched for with, where it is not the question: a follow-up with what it
                leans on. Lines are picked by the question itself, or what was answered before would be picked again.
        """
        started = time.perf_counter()
        searched = around or question
        rows = self.encoder.encode([question, around] if around else [question])
        vector, leading = rows[0], rows[-1]
        embedded = time.perf_counter()
        ranked = retrieve(self.library, self._fresh_index(), searched, leading, filters=filters, k=passages)
        weights = rarity(self.library, question)
        picked = pick(self.library, ranked, question, vector, weights, filters=filters)
        readings = readings_of(question, picked)
        sure = confidence(self.library, question, ranked, picked, readings, weights)
        picked = ordered(picked, readings)
        timings = {"embed": (embedded - started) * 1e3, "search": (time.perf_counter() - embedded) * 1e3}
        return Found(searched, filters or Filters(), tuple(ranked), tuple(picked), sure, timings)

    def find_follow_up(self, question: str, joined: str, filters: Filters | None = None) -> Found:
        """Search for a question that needs what was said before it.

        It is searched for with what it leans on and by itself, and the likelier of the two to be answered counts: it may
        have gone on to another subject. Where it has words enough and nothing answers it by itself, it is taken as
        unanswered: what was said before is found whatever is asked now.

        Args:
            joined: the question with what it leans on in front.
        """
        if not says_something(question):
            return self.find(joined, filters)
        found = self.find(question, filters, around=joined)
        if not brings_a_subject(question):
            return found
        alone = self.find(question, filters)
        spent = {stage: ms + alone.timings_ms[stage] for stage, ms in found.timings_ms.items()}
        left = alone.confidence < answers_from() or alone.confidence > found.confidence
        return replace(alone if left else found, timings_ms=spent)

    def _fresh_index(self) -> vectors.VectorIndex:
        """The vectors of the library as it is now, or was a second ago."""
        if time.monotonic() - self._looked_at > _REFRESH_AFTER_S:
            if self.library.generation != self._index.generation:
                self._index = vectors.load(self.library)
            self._looked_at = time.monotonic()
        return self._index
